"""Recall a product or lots of it: nothing of it is composed with or handed out until that is lifted."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from willowbark.catalog.selectors import products_of_key
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.inventory.events import RecallChanged
from willowbark.inventory.models import Recall
from willowbark.kernel.errors import Conflict, Invalid, NotFound

WRITE = "inventory.write"
MOST_LOTS = 200


@transaction.atomic
def recall_product(
    *, actor: Actor, product_key: str, reason: str, source_text: str, lot_numbers: Collection[str] = ()
) -> UUID:
    """
    Recall lots of a product by their numbers, or every lot without any; the recall's id.

    Every version of the product that there is is recalled. The same again, while it holds, changes nothing.

    Raises:
        Forbidden: the actor keeps no shelf.
        NotFound: no such product.
        Invalid: no reason or source (1 to 300 characters), more than 200 lots, or one without a number.
    """
    require(actor, WRITE)
    why, who = _words(reason, "reason"), _words(source_text, "source_text")
    lots = sorted({number.strip().upper() for number in lot_numbers})
    if len(lots) > MOST_LOTS or any(not 1 <= len(number) <= 60 or "\0" in number for number in lots):
        raise Invalid(f"At most {MOST_LOTS} lots, each by its number.", field="lot_numbers")
    versions = products_of_key(actor, product_key)
    same = Recall.objects.filter(product_key=product_key, lot_numbers=lots, lifted_at__isnull=True).first()
    if same is not None:
        return same.pk
    row = Recall.objects.create(
        id=uuid7(),
        product_key=product_key,
        product_ids=[each.id for each in versions],
        product_name=versions[0].name,
        lot_numbers=lots,
        reason=why,
        source_text=who,
        recalled_at=clock.now(),
        recalled_by_id=actor.user_id,
    )
    access.record_change(actor, "inventory.recalled", subject=f"{product_key} {row.pk}")
    outbox.publish(actor, RecallChanged(recall_id=row.pk))
    return row.pk


@transaction.atomic
def lift_recall(*, actor: Actor, recall_id: UUID, reason: str) -> None:
    """
    Say why a recall no longer holds, or never did.

    Raises:
        Forbidden: the actor keeps no shelf.
        NotFound: no such recall.
        Invalid: no reason, or one of more than 300 characters.
        Conflict: it was lifted already.
    """
    require(actor, WRITE)
    why = _words(reason, "reason")
    row = Recall.objects.select_for_update(no_key=True).filter(pk=recall_id).first()
    if row is None:
        raise NotFound("recall")
    if row.lifted_at is not None:
        raise Conflict("This recall was lifted already.")
    row.lifted_at, row.lifted_by_id, row.lift_reason = clock.now(), actor.user_id, why
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    access.record_change(actor, "inventory.recall_lifted", subject=f"{row.product_key} {row.pk}")
    outbox.publish(actor, RecallChanged(recall_id=row.pk))


def _words(text: str, field: str) -> str:
    said = text.strip()
    if not 1 <= len(said) <= 300 or "\0" in said:
        raise Invalid("Say it in 1 to 300 characters.", field=field)
    return said
