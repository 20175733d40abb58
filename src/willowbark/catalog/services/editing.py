"""Change one product by hand: its details, its composition, and whether it is in force."""

from __future__ import annotations

from django.db import transaction

from willowbark.catalog.core.checking import check
from willowbark.catalog.core.products import NewProduct, composition_sha256
from willowbark.catalog.models import Product
from willowbark.catalog.services.loading import details_of, load_products
from willowbark.catalog.services.retiring import restore_product, retire_product
from willowbark.catalog.services.turns import take_turns
from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Invalid, NotFound


@transaction.atomic
def edit_product(*, actor: Actor, product: NewProduct, in_force: bool, reason: str = "") -> None:
    """
    Make a product what a person says: another composition is a new version, a price changes in place.

    Raises:
        Forbidden: the actor does not manage the catalog.
        NotFound: there is no such product.
        Invalid: it cannot be, it is to be in force without a price, or retired without a reason.
    """
    require(actor, "catalog.manage")
    check(product)
    if in_force and not product.container_price_cents:
        raise Invalid("Say the price first: without one it would look free.", field="price")
    take_turns()
    latest = Product.objects.filter(key=product.key).order_by("-version").first()
    if latest is None:
        raise NotFound("product")
    if not latest.is_active and latest.composition_sha256 == composition_sha256(product):
        if not Product.objects.filter(pk=latest.pk).update(**details_of(product)):
            raise NotFound("product")
        access.record_change(actor, "catalog.product_changed", subject=product.key)
    else:
        load_products(actor=actor, products=[product])
    if in_force:
        restore_product(actor=actor, key=product.key)
    else:
        retire_product(actor=actor, key=product.key, reason=reason)
