"""Find products by what they are called and by what is in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.models import Product, ProductIngredient
from willowbark.catalog.selectors.reading import READ, infos_of
from willowbark.foundation.authorisation import Actor, require


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What is looked for; '' for anything. `words` each stand in the name, the brand or the key.

    `without_allergen` leaves out what declares it, `with_retired` adds what is no longer in force.
    """

    words: str = ""
    ingredient_key: str = ""
    form: str = ""
    without_allergen: str = ""
    with_retired: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Products by name; `more` when others follow."""

    rows: tuple[ProductInfo, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of products shows of one."""

    id: UUID
    key: str
    version: int
    name: str
    brand: str
    form: str
    unit_name: str
    units_per_container: int
    is_active: bool


def search(actor: Actor, asked: Asked, *, after: tuple[str, UUID] | None = None, limit: int = 50) -> Found:
    """Products by name from `after` (a name and an id) on. Two statements, however many there are."""
    require(actor, *READ)
    rows = Product.objects.filter(_asked(asked)).order_by("name", "id")
    if after:
        rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    found = infos_of(rows[: limit + 1])
    return Found(found[:limit], len(found) > limit)


def _asked(asked: Asked) -> Q:
    which = Q() if asked.with_retired else Q(is_active=True)
    for word in asked.words.split()[:8]:
        which &= Q(name__icontains=word) | Q(brand__icontains=word) | Q(key__icontains=word)
    if asked.ingredient_key:
        held = ProductIngredient.objects.filter(product=OuterRef("pk"), ingredient_key=asked.ingredient_key)
        which &= Q(Exists(held))
    if asked.form:
        which &= Q(form=asked.form)
    if asked.without_allergen:
        which &= ~Q(allergens__contains=[asked.without_allergen])
    return which


def ingredient_keys(actor: Actor) -> tuple[str, ...]:
    """The keys of everything that any product in force holds, in order."""
    require(actor, *READ)
    rows = ProductIngredient.objects.filter(product__is_active=True).order_by("ingredient_key")
    return tuple(rows.values_list("ingredient_key", flat=True).distinct())


def summaries(actor: Actor, *, also: Collection[UUID] = (), words: str = "") -> dict[UUID, Summary]:
    """
    Every product in force and those named, whether in force or not, in short; by name. One statement.

    With `words`, only those in whose name, brand or key each of them stands.
    """
    require(actor, *READ)
    which = Q(is_active=True) | Q(pk__in=list(also))
    rows = Product.objects.filter(which & _asked(Asked(words=words, with_retired=True)))
    fields = (
        "id", "key", "version", "name", "brand", "form", "unit_name", "units_per_container", "is_active"
    )  # fmt: skip
    found = rows.order_by(F("name"), F("id")).values_list(*fields)
    return {row[0]: Summary(*row) for row in found}
