"""Bring products in: new ones, new versions of known ones, new prices."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from willowbark.catalog.core.checking import check_all
from willowbark.catalog.core.products import NewProduct, composition_sha256
from willowbark.catalog.models import Product, ProductIngredient
from willowbark.catalog.services.turns import take_turns
from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import NotFound

# What may change of a product without making it another one.
_DETAILS = ("name", "brand", "container_price_cents", "container_cost_cents", "currency", "gtin", "source")
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the products: each key is in exactly one of these, in the order they were given."""

    added: tuple[str, ...] = ()
    new_versions: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    left_retired: tuple[str, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Whether anything in the catalog is other than before."""
        return bool(self.added or self.new_versions or self.changed)


@transaction.atomic
def load_products(*, actor: Actor, products: Sequence[NewProduct]) -> Loaded:
    """
    Make the catalog hold these products; those that are not named stay as they are.

    A key that is not there is added. Another composition is a new version, which takes the place of the
    one before: that one stays for the protocols that were signed on it and for the lots on the shelf.
    Another name or price is changed in place. The same again changes nothing, and what somebody has
    retired stays so until `restore_product` or a new composition.

    Raises:
        Forbidden: the actor does not manage the catalog.
        Invalid: a product cannot be, or is there twice. Nothing was changed then.
    """
    require(actor, "catalog.manage")
    check_all(products)
    take_turns()
    known = _latest([product.key for product in products])
    sorted_out: dict[str, list[NewProduct]] = {field.name: [] for field in dataclasses.fields(Loaded)}
    for product in products:
        sorted_out[_what_becomes_of(product, known.get(product.key))].append(product)
    _take_the_place_of(known[product.key] for product in sorted_out["new_versions"])
    _insert((product, 1) for product in sorted_out["added"])
    _insert((product, known[product.key].version + 1) for product in sorted_out["new_versions"])
    for product in sorted_out["changed"]:
        if not Product.objects.filter(pk=known[product.key].pk).update(**details_of(product)):
            raise NotFound("product")
    for became, action in (
        ("added", "catalog.product_added"),
        ("new_versions", "catalog.product_new_version"),
        ("changed", "catalog.product_changed"),
    ):
        for product in sorted_out[became]:
            access.record_change(actor, action, subject=product.key)
    return Loaded(**{name: tuple(product.key for product in found) for name, found in sorted_out.items()})


def _latest(keys: Sequence[str]) -> dict[str, Product]:
    rows = Product.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return {row.key: row for row in rows}


def _what_becomes_of(product: NewProduct, latest: Product | None) -> str:
    if latest is None:
        return "added"
    if latest.composition_sha256 != composition_sha256(product):
        return "new_versions"
    if not latest.is_active:
        return "left_retired"
    said = details_of(product)
    return "unchanged" if said == {name: getattr(latest, name) for name in _DETAILS} else "changed"


def details_of(product: NewProduct) -> dict[str, object]:
    """What of a product changes in place, as columns."""
    return {name: getattr(product, name) for name in _DETAILS}


def _take_the_place_of(rows: Iterable[Product]) -> None:
    active = [row.pk for row in rows if row.is_active]
    Product.objects.filter(pk__in=active).update(
        is_active=False, retired_at=clock.now(), retire_reason="A new version took its place."
    )


def _insert(versions: Iterable[tuple[NewProduct, int]]) -> None:
    rows = [(product, _row(product, version)) for product, version in versions]
    for start in range(0, len(rows), _PORTION):
        portion = rows[start : start + _PORTION]
        Product.objects.bulk_create([row for _, row in portion])
        # In one statement: a composition is written in whole, and the database sees to it.
        ProductIngredient.objects.bulk_create(
            [
                ProductIngredient(
                    product=row,
                    position=position,
                    ingredient_key=each.ingredient_key,
                    form_key=each.form_key,
                    amount=each.amount,
                    unit=each.unit,
                )
                for product, row in portion
                for position, each in enumerate(product.ingredients)
            ]
        )


def _row(product: NewProduct, version: int) -> Product:
    said = {field.name: getattr(product, field.name) for field in dataclasses.fields(product)}
    del said["ingredients"]
    lists = {name: list(said[name]) for name in ("moments", "allergens", "diets")}
    return Product(
        id=uuid7(),
        version=version,
        ingredient_count=len(product.ingredients),
        composition_sha256=composition_sha256(product),
        added_at=clock.now(),
        **(said | lists),
    )
