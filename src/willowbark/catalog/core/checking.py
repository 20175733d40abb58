"""What every product must be, said so that a person can mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from willowbark.catalog.core.products import (
    ALLERGENS,
    DIETS,
    FOODS,
    FORMS,
    MOMENTS,
    UNITS,
    Contained,
    NewProduct,
)
from willowbark.kernel.errors import Invalid

_KEY: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*\Z")
_CURRENCY: Final = re.compile(r"[A-Z]{3}\Z")
_GTIN: Final = re.compile(r"(?:\d{8}|\d{12,14})?\Z", re.ASCII)
# Longer numbers are slips of the fingers: no container holds so many, or costs so much.
MOST_UNITS: Final = 100_000
MOST_CENTS: Final = 100_000_00
MOST_INGREDIENTS: Final = 80
MOST_AMOUNT: Final = Decimal(1_000_000)
_TEXTS: Final = (("key", 80), ("name", 200), ("brand", 100), ("unit_name", 30))


def check(product: NewProduct) -> None:
    """
    Let a product pass in which nothing is wrong.

    Raises:
        Invalid: naming the product and the first thing that is.
    """
    for field, problem in problems_of(product):
        raise Invalid(f"{product.key[:80] or 'A product'}: {problem}", field=field)


def check_all(products: Iterable[NewProduct]) -> None:
    """
    Let products pass that are each right, and none of them twice.

    Raises:
        Invalid: naming the product and what is wrong.
    """
    keys = Counter[str]()
    for product in products:
        check(product)
        keys[product.key] += 1
    for key, times in keys.items():
        if times > 1:
            raise Invalid(f"{key} is there {times} times.", field="key")


def problems_of(product: NewProduct) -> Iterator[tuple[str, str]]:
    """What is wrong, as (field, words); nothing when all is well."""
    yield from _of_texts(product)
    yield from _of_words(product)
    yield from _of_numbers(product)
    if not 1 <= len(product.ingredients) <= MOST_INGREDIENTS:
        yield "ingredients", f"it holds {len(product.ingredients)} ingredients, not 1 to {MOST_INGREDIENTS}"
    for contained in product.ingredients:
        yield from _of_contained(contained)
    twice = Counter((each.ingredient_key, each.form_key) for each in product.ingredients)
    for (ingredient, form), times in twice.items():
        if times > 1:
            yield "ingredients", f"{ingredient} {form} is there {times} times: add it up"


def _of_texts(product: NewProduct) -> Iterator[tuple[str, str]]:
    for field, longest in _TEXTS:
        text: str = getattr(product, field)
        if not text.strip() or len(text) > longest or "\0" in text:
            yield field, f"the {field.replace('_', ' ')} is empty or longer than {longest} characters"
    if not _KEY.match(product.key):
        yield "key", "a key is made of small letters, digits and single underscores"
    if len(product.source) > 300 or "\0" in product.source:
        yield "source", "the source is longer than 300 characters"
    if not _CURRENCY.match(product.currency):
        yield "currency", f"{product.currency[:10]!r} is not a currency such as USD"
    if not _GTIN.match(product.gtin) or not adds_up(product.gtin):
        yield "gtin", f"{product.gtin[:20]!r} is not a GTIN"


def adds_up(gtin: str) -> bool:
    """
    Whether the last digit of a GTIN fits the others.

    GS1 General Specifications, 7.9: threes and ones from the right, the last digit makes it a ten.
    """
    digits = [int(digit) for digit in reversed(gtin)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _of_words(product: NewProduct) -> Iterator[tuple[str, str]]:
    if product.form not in FORMS:
        yield "form", f"{product.form[:30]!r} is none of {', '.join(FORMS)}"
    if product.food not in ("", *FOODS):
        yield "food", f"{product.food[:30]!r} is none of {', '.join(FOODS)}"
    for field, said, known in (
        ("allergens", product.allergens, ALLERGENS),
        ("diets", product.diets, DIETS),
        ("moments", product.moments, MOMENTS),
    ):
        unknown = sorted(set(said) - set(known))
        if unknown:
            yield field, f"{unknown[0][:30]!r} is none of {', '.join(known)}"
        if len(set(said)) < len(said):
            yield field, f"the {field} name one twice"


def _of_numbers(product: NewProduct) -> Iterator[tuple[str, str]]:
    if not 1 <= product.units_per_container <= MOST_UNITS:
        yield "units_per_container", f"a container holds 1 to {MOST_UNITS:,} units"
    for field in ("most_units_a_day", "most_units_a_moment"):
        most: int | None = getattr(product, field)
        if most is not None and not 1 <= most <= MOST_UNITS:
            yield field, f"{field.replace('_', ' ')} is 1 to {MOST_UNITS:,}, or nothing"
    for field in ("container_price_cents", "container_cost_cents"):
        if not 0 <= getattr(product, field) <= MOST_CENTS:
            yield field, f"{field.replace('_', ' ')} is 0 to {MOST_CENTS:,}"


def _of_contained(contained: Contained) -> Iterator[tuple[str, str]]:
    if not _KEY.match(contained.ingredient_key) or len(contained.ingredient_key) > 60:
        yield "ingredients", f"{contained.ingredient_key[:60]!r} is not the key of an ingredient"
    if contained.form_key and (not _KEY.match(contained.form_key) or len(contained.form_key) > 60):
        yield "ingredients", f"{contained.form_key[:60]!r} is not the key of a form"
    if contained.unit not in UNITS:
        yield "ingredients", f"{contained.unit[:30]!r} is none of {', '.join(UNITS)}"
    if not contained.amount.is_finite() or not 0 < contained.amount <= MOST_AMOUNT:
        yield "ingredients", f"an amount of {contained.ingredient_key[:60]} is above 0 and at most 1,000,000"
