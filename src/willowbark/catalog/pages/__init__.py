"""What the pages of the catalog are given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import Place
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.words import phrase
from willowbark.knowledge.selectors import release


@dataclass(frozen=True, slots=True)
class ContainedShown:
    """One ingredient of one unit, in words."""

    name: str
    form_name: str
    amount: Decimal
    unit_text: str


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product of the list."""

    url: str
    product: ProductInfo
    contains_text: str
    price_text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ProductList:
    """The catalog, as it was asked for."""

    query: str
    ingredients: tuple[Choice, ...]
    forms: tuple[Choice, ...]
    allergens: tuple[Choice, ...]
    rows: tuple[ProductRow, ...]
    first_url: str
    further_url: str
    price_lists_url: str = ""


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One product. `cost_text` is '' for who does not manage the catalog."""

    product: ProductInfo
    contained: tuple[ContainedShown, ...]
    price_text: str
    unit_price_text: str
    cost_text: str
    allergens: tuple[str, ...]
    diets: tuple[str, ...]
    moments_text: str
    places: tuple[Place, ...]
    may_edit: bool = False


_UNITS = {"ug": "µg", "million_cfu": "million CFU", "unit": "units"}


def ingredient_name(key: str) -> str:
    """An ingredient as a person writes it; the words of its key when nothing is known of it."""
    known = release().ingredients.get(key)
    return known.name if known else phrase(key)


def form_name(ingredient_key: str, key: str) -> str:
    """A form of an ingredient as a person writes it; '' for none."""
    known = release().ingredients.get(ingredient_key)
    form = known.form(key) if known else None
    return form.name if form else phrase(key)


def unit_text(unit: str) -> str:
    """A unit as a label writes it."""
    return _UNITS.get(unit, unit)


def money_text(cents: int, currency: str) -> str:
    """An amount of money with its currency: 14.90 USD."""
    return f"{cents // 100:,}.{cents % 100:02} {currency}"


def contained_of(product: ProductInfo) -> tuple[ContainedShown, ...]:
    """What one unit holds, in the order of the label."""
    return tuple(
        ContainedShown(
            ingredient_name(each.ingredient_key),
            form_name(each.ingredient_key, each.form_key),
            each.amount,
            unit_text(each.unit),
        )
        for each in product.ingredients
    )


def contains_text(product: ProductInfo, most: int = 3) -> str:
    """The first ingredients in one line, and how many more there are."""
    names = [ingredient_name(each.ingredient_key) for each in product.ingredients]
    shown = ", ".join(dict.fromkeys(names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
