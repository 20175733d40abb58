"""What the pages of the catalog are given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from willowbark.catalog.core.products import ProductInfo
from willowbark.catalog.selectors import Place
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.words import phrase


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


_UNITS = {"ug": "µg", "million_cfu": "million CFU", "unit": "units"}
# Names in which a letter, a number or an acronym says what it is.
_SPELLED = {
    "epa": "EPA",
    "dha": "DHA",
    "coq10": "Coenzyme Q10",
    "dhea": "DHEA",
    "same_e": "SAMe",
    "5_htp": "5-HTP",
    "n_acetylcysteine": "N-acetylcysteine",
    "st_johns_wort": "St John's wort",
    "mk_7": "MK-7",
    "l_5_mthf": "L-5-MTHF",
}


def name_of(key: str) -> str:
    """An ingredient or a form as a person writes it: Vitamin D, L-theanine, Magnesium bisglycinate."""
    if key in _SPELLED:
        return _SPELLED[key]
    first, _, rest = key.partition("_")
    if first == "vitamin":
        return f"Vitamin {rest.upper()}"
    if first in {"l", "d"} and rest:
        return f"{first.upper()}-{rest.replace('_', ' ')}"
    return phrase(key)


def unit_text(unit: str) -> str:
    """A unit as a label writes it."""
    return _UNITS.get(unit, unit)


def money_text(cents: int, currency: str) -> str:
    """An amount of money with its currency: 14.90 USD."""
    return f"{cents // 100:,}.{cents % 100:02} {currency}"


def contained_of(product: ProductInfo) -> tuple[ContainedShown, ...]:
    """What one unit holds, in the order of the label."""
    return tuple(
        ContainedShown(name_of(each.ingredient_key), _form(each.form_key), each.amount, unit_text(each.unit))
        for each in product.ingredients
    )


def _form(key: str) -> str:
    return f"as {name_of(key)}" if key else ""


def contains_text(product: ProductInfo, most: int = 3) -> str:
    """The first ingredients in one line, and how many more there are."""
    names = [name_of(each.ingredient_key) for each in product.ingredients]
    shown = ", ".join(dict.fromkeys(names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
