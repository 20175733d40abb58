"""What a product is, as plain values: read by whoever composes, dispenses or counts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

FORMS: Final = ("capsule", "tablet", "softgel", "powder", "liquid", "drops", "lozenge")
# Units in which a label says an amount; those of live organisms count millions of colony-forming units.
UNITS: Final = ("g", "mg", "ug", "million_cfu", "unit")
# How a label says it is taken with regard to meals; '' when it does not matter.
FOODS: Final = ("with", "without")
MOMENTS: Final = ("waking", "breakfast", "lunch", "dinner", "bedtime")
ALLERGENS: Final = (
    "fish",
    "shellfish",
    "soy",
    "milk",
    "egg",
    "wheat",
    "peanut",
    "tree_nut",
    "sesame",
    "corn",
    "gelatin",
    "latex",
    "sulfite",
    "bee_product",
)
DIETS: Final = ("vegan", "vegetarian", "gluten_free", "dairy_free", "kosher", "halal", "non_gmo")


@dataclass(frozen=True, slots=True)
class Contained:
    """
    One ingredient of one unit of a product.

    `amount` is what the label states: of the ingredient itself (elemental or active), in `unit`, above
    zero. `form_key` says in which form it is there, '' when the label does not.
    """

    ingredient_key: str
    form_key: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """
    One version of a product.

    Amounts are per one `unit_name` (a capsule, a scoop, a drop); money is of one container, in cents of
    `currency`. `moments` are those of the day that the label allows, () for any; `most_units_a_day` and
    `most_units_a_moment` are the label's, None when it says nothing. The same `id` always has the same
    composition; another one is another `version` with an id of its own.
    """

    id: UUID
    key: str
    version: int
    name: str
    brand: str
    form: str
    unit_name: str
    units_per_container: int
    most_units_a_day: int | None
    most_units_a_moment: int | None
    moments: tuple[str, ...]
    food: str
    allergens: tuple[str, ...]
    diets: tuple[str, ...]
    ingredients: tuple[Contained, ...]
    composition_sha256: str
    container_price_cents: int
    container_cost_cents: int
    currency: str
    gtin: str
    source: str
    is_active: bool

    def amount_of(self, ingredient_key: str) -> tuple[Contained, ...]:
        """What one unit holds of an ingredient, in each of its forms; () for none."""
        return tuple(each for each in self.ingredients if each.ingredient_key == ingredient_key)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What is said of a product that is loaded. Bounds are in `checking.problems_of`."""

    key: str
    name: str
    brand: str
    form: str
    unit_name: str
    units_per_container: int
    container_price_cents: int
    container_cost_cents: int
    currency: str
    ingredients: tuple[Contained, ...]
    most_units_a_day: int | None = None
    most_units_a_moment: int | None = None
    moments: tuple[str, ...] = ()
    food: str = ""
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    gtin: str = ""
    source: str = ""


def composition_sha256(product: NewProduct) -> str:
    """
    A digest of all that may never change under a signed protocol: what one unit holds, how many are in a
    container, what it must not meet, and how the label has it taken. Names and prices are no part of it.
    """
    said = {
        "form": product.form,
        "unit_name": product.unit_name,
        "units_per_container": product.units_per_container,
        "most_units_a_day": product.most_units_a_day,
        "most_units_a_moment": product.most_units_a_moment,
        "moments": sorted(product.moments, key=MOMENTS.index),
        "food": product.food,
        "allergens": sorted(product.allergens),
        "diets": sorted(product.diets),
        "ingredients": [
            [each.ingredient_key, each.form_key, plain(each.amount), each.unit]
            for each in sorted(product.ingredients, key=lambda one: (one.ingredient_key, one.form_key))
        ],
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(amount: Decimal) -> str:
    """An amount without exponent and without zeros that say nothing: 25, 0.5."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
