"""A product as a person edits it in a form: texts in, a product out, or what is wrong with which field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from willowbark.catalog.core.checking import problems_of
from willowbark.catalog.core.price_lists.cells import BadCell, cents_of, gtin_of, units_of
from willowbark.catalog.core.price_lists.ingredients import contained, ingredients_of, once
from willowbark.catalog.core.products import Contained, NewProduct, ProductInfo, plain
from willowbark.kernel.errors import Invalid
from willowbark.knowledge.core.dosage import amounts_in
from willowbark.knowledge.core.release import Release

TEXTS: Final = ("name", "brand", "form", "unit_name", "food", "source")
LISTS: Final = ("moments", "allergens", "diets")
Value = TypeVar("Value")


def text_of(release: Release, one: Contained) -> str:
    """An ingredient as the form writes it, and reads it again: "Zinc as Zinc picolinate: 15 mg"."""
    ingredient = release.ingredients.get(one.ingredient_key)
    name = ingredient.name if ingredient else one.ingredient_key
    form = ingredient.form(one.form_key) if ingredient else None
    said = f"{name} as {form.name}" if form else name
    return f"{said}: {plain(one.amount)} {one.unit}"


def edited(
    release: Release, known: ProductInfo, texts: Mapping[str, str], lists: Mapping[str, Sequence[str]]
) -> NewProduct:
    """
    The product that a form says; its key and its currency stay when the form has none.

    Raises:
        Invalid: naming the field that is wrong.
    """
    currency = texts.get("currency", "").strip().upper() or known.currency
    said = {name: " ".join(texts.get(name, "").split()) for name in TEXTS}
    chosen = {name: tuple(dict.fromkeys(lists.get(name, ()))) for name in LISTS}
    product = NewProduct(
        key=known.key,
        name=said["name"],
        brand=said["brand"],
        form=said["form"],
        unit_name=said["unit_name"],
        food=said["food"],
        source=said["source"],
        moments=chosen["moments"],
        allergens=chosen["allergens"],
        diets=chosen["diets"],
        units_per_container=_read("units_per_container", texts, units_of),
        container_price_cents=_money("price", texts, currency),
        container_cost_cents=_money("cost", texts, currency),
        currency=currency,
        most_units_a_day=_perhaps("most_units_a_day", texts),
        most_units_a_moment=_perhaps("most_units_a_moment", texts),
        gtin=_read("gtin", texts, gtin_of),
        ingredients=_read("ingredients", texts, lambda text: _ingredients(release, known, text)),
    )
    for field, problem in problems_of(product):
        raise Invalid(problem[:1].upper() + problem[1:] + ".", field=field)
    return product


def _read(field: str, texts: Mapping[str, str], read: Callable[[str], Value]) -> Value:
    try:
        return read(texts.get(field, "").strip())
    except BadCell as bad:
        said = str(bad)
        raise Invalid(said[:1].upper() + said[1:] + ".", field=field) from bad


def _money(field: str, texts: Mapping[str, str], currency: str) -> int:
    """The cents of a field; an empty one is none."""
    if texts.get(field, "").strip() in ("", "0", "0.00"):
        return 0
    return _read(field, texts, lambda text: cents_of(text, currency))


def _perhaps(field: str, texts: Mapping[str, str]) -> int | None:
    return _read(field, texts, units_of) if texts.get(field, "").strip() else None


def _ingredients(release: Release, known: ProductInfo, text: str) -> tuple[Contained, ...]:
    """Each line as the form wrote it, or as a label does."""
    as_before = {text_of(release, one): one for one in known.ingredients}
    found = []
    for line in filter(None, (" ".join(each.split()) for each in text.splitlines())):
        if line in as_before:
            found.append(as_before[line])
            continue
        name, _, amount = line.rpartition(":")
        stated = amounts_in(amount or line)
        if name and len(stated) == 1:
            said = re.sub(r" as ", " ", name)
            found.append(contained(release, said, stated[0].value, stated[0].unit))
        else:
            found.extend(ingredients_of(release, line))
    return once(found)
