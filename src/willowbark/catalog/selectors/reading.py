"""Read the catalog, as an actor."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from willowbark.catalog.core.products import Contained, ProductInfo
from willowbark.catalog.models import Product, ProductIngredient
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound

READ = ("catalog.read",)


def products(actor: Actor, *, active: bool = True) -> tuple[ProductInfo, ...]:
    """
    Every product in the order of its key: those in force, or with `active=False` all versions ever.

    Two statements, however many there are; one while those in force are as this process read them last.
    """
    require(actor, *READ)
    return _in_force() if active else infos_of(Product.objects.order_by("key", "version"))


# All of a product's row, so that nothing that is read of it can be forgotten here; what is in a product is
# written with its row and never changes.
_DIGEST = """
SELECT coalesce(encode(sha256(convert_to(string_agg(p::text, '' ORDER BY p.id), 'UTF8')), 'hex'), 'nothing')
FROM catalog_product p WHERE p.is_active
"""
# The products in force as they were read last, by the digest of their rows.
_last_read: tuple[str, tuple[ProductInfo, ...]] = ("", ())


def _in_force() -> tuple[ProductInfo, ...]:
    global _last_read
    digest, (kept_of, kept) = _digest(), _last_read
    if kept_of == digest:
        return kept
    found = infos_of(Product.objects.filter(is_active=True).order_by("key", "version"))
    # Another transaction may have ended between the two statements: then this is of neither digest.
    if _digest() == digest:
        _last_read = digest, found
    return found


def _digest() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST)
        return str(cursor.fetchone()[0])


def product(actor: Actor, key: str) -> ProductInfo:
    """
    The version of a product that is in force, or its last one when it was retired.

    Raises:
        NotFound: no such product.
    """
    require(actor, *READ)
    found = infos_of(Product.objects.filter(key=key).order_by("-version")[:1])
    if not found:
        raise NotFound("product")
    return found[0]


def products_of_key(actor: Actor, key: str) -> tuple[ProductInfo, ...]:
    """
    Every version of a product, whether in force or retired, the last first.

    Raises:
        NotFound: no such product.
    """
    require(actor, *READ)
    found = infos_of(Product.objects.filter(key=key).order_by("-version"))
    if not found:
        raise NotFound("product")
    return found


def products_by_id(actor: Actor, product_ids: Collection[UUID]) -> dict[UUID, ProductInfo]:
    """Those of the products that exist, whether in force or retired, by their ids."""
    require(actor, *READ)
    return {each.id: each for each in infos_of(Product.objects.filter(pk__in=product_ids))}


def infos_of(rows: QuerySet[Product]) -> tuple[ProductInfo, ...]:
    """Rows with their ingredients as plain values: two statements."""
    ordered = ProductIngredient.objects.order_by("product_id", "position")
    return tuple(map(info_of, rows.prefetch_related(Prefetch("ingredients", queryset=ordered))))


def info_of(row: Product) -> ProductInfo:
    """One row, its ingredients fetched already, as plain values."""
    return ProductInfo(
        id=row.pk,
        key=row.key,
        version=row.version,
        name=row.name,
        brand=row.brand,
        form=row.form,
        unit_name=row.unit_name,
        units_per_container=row.units_per_container,
        most_units_a_day=row.most_units_a_day,
        most_units_a_moment=row.most_units_a_moment,
        moments=tuple(row.moments),
        food=row.food,
        allergens=tuple(row.allergens),
        diets=tuple(row.diets),
        ingredients=_contained(row.ingredients.all()),
        composition_sha256=row.composition_sha256,
        container_price_cents=row.container_price_cents,
        container_cost_cents=row.container_cost_cents,
        currency=row.currency,
        gtin=row.gtin,
        source=row.source,
        is_active=row.is_active,
    )


def _contained(rows: Iterable[ProductIngredient]) -> tuple[Contained, ...]:
    # The column is never null; the test says so to the type checker too.
    return tuple(
        Contained(row.ingredient_key, row.form_key, row.amount, row.unit)
        for row in rows
        if row.amount is not None
    )
