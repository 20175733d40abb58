"""Take a product out of use, and back into it."""

from __future__ import annotations

from django.db import transaction

from willowbark.catalog.models import Product
from willowbark.catalog.services.turns import take_turns
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Invalid, NotFound


@transaction.atomic
def retire_product(*, actor: Actor, key: str, reason: str) -> None:
    """
    Compose with a product no more. Signed protocols keep it, and what is on the shelf can be dispensed.

    Retiring it again changes nothing; the first reason stands.

    Raises:
        Forbidden: the actor does not manage the catalog.
        Invalid: no reason, or one that is too long (200 characters).
        NotFound: no such product.
    """
    require(actor, "catalog.manage")
    if not reason.strip() or len(reason) > 200 or "\0" in reason:
        raise Invalid("Say why, in at most 200 characters.", field="reason")
    take_turns()
    row = _last_version(key)
    if row.is_active:
        Product.objects.filter(pk=row.pk).update(
            is_active=False, retired_at=clock.now(), retire_reason=reason.strip()
        )
        access.record_change(actor, "catalog.product_retired", subject=key)


@transaction.atomic
def restore_product(*, actor: Actor, key: str) -> None:
    """
    Compose with the last version of a retired product again. One that is in force stays so.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: no such product.
    """
    require(actor, "catalog.manage")
    take_turns()
    row = _last_version(key)
    if not row.is_active:
        Product.objects.filter(pk=row.pk).update(is_active=True, retired_at=None, retire_reason="")
        access.record_change(actor, "catalog.product_restored", subject=key)


def _last_version(key: str) -> Product:
    row = Product.objects.filter(key=key).order_by("-version").first()
    if row is None:
        raise NotFound("product")
    return row
