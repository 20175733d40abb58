"""
What a problem is made of. The order of the fields is that of the document.

Amounts are whole numbers in the unit of their ingredient, and "a day" unless said otherwise. `because` holds
keys of the facts behind a rule. Keys of targets, limits, bans, moment bans, separations and cautions are
unique among all of them, so that a key alone names a rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from willowbark.protocols.core.canonical import as_document, to_bytes

FORMAT = "willowbark.problem/1"


class Layer(StrEnum):
    """Whether a target is the protocol's foundation, or this patient's addition."""

    FOUNDATION = "foundation"
    TARGETED = "targeted"


class Level(StrEnum):
    """What is made small, in the usual order: no later level may cost an earlier one anything."""

    FOUNDATION = "foundation"  # shortfalls of foundation targets to `least`, in per mille of it, added up
    TARGETED = "targeted"  # the same of the targeted targets
    AIMS = "aims"  # shortfalls of all targets to `aim`, in per mille of it, added up
    CAUTION = "caution"  # burdens of the cautions that apply
    STOCK = "stock"  # containers that are not on the shelf
    UNITS = "units"  # units a day
    MOMENTS = "moments"  # moments of the day at which anything is taken
    COST = "cost"  # cents, for all containers
    PRODUCTS = "products"  # different products
    CHANGE = "change"  # units a day that differ from the plan in force
    RANK = "rank"  # ranks of the chosen products, added up
    EXCESS = "excess"  # what all targets get above `aim`, in per mille of it, added up


#: What is asked unless somebody asks otherwise; amounts above an aim are for the limits alone.
USUAL_LEVELS = tuple(level for level in Level if level is not Level.EXCESS)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the day at which something may be taken; `minute_of_day` from midnight, 0 to 1439."""

    key: str
    name: str
    minute_of_day: int
    with_food: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What a day may hold at most; None is no bound. The cost is of all containers of the whole plan."""

    most_units: int | None
    most_units_a_moment: int | None
    most_moments: int | None
    most_products: int | None
    most_cost_cents: int | None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A substance that is counted in `unit`; `taken_a_day` is what the person takes beside the plan."""

    key: str
    name: str
    unit: str
    taken_a_day: int


@dataclass(frozen=True, slots=True)
class Target:
    """An amount wanted of an ingredient, taken and given together: `least` <= `aim` <= `most`."""

    key: str
    ingredient: str
    layer: Layer
    least: int
    aim: int
    most: int | None
    protocol: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """
    What the ingredients may add up to, with what is taken beside the plan if `counts_taken`.

    They all have one unit.
    """

    key: str
    ingredients: tuple[str, ...]
    most: int
    counts_taken: bool
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ban:
    """A product that must not be chosen."""

    key: str
    product: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MomentBan:
    """A moment at which a product must not be taken."""

    key: str
    product: str
    moment: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """
    Products of the one list are taken at least `minutes` from those of the other, across midnight too.

    No two times of a day are more than 720 minutes apart, so with more than that the two are never both
    chosen. A product in both lists need not keep apart from itself.
    """

    key: str
    first_products: tuple[str, ...]
    second_products: tuple[str, ...]
    minutes: int
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caution:
    """A reason for another product, of weight `burden`; it forbids nothing."""

    key: str
    product: str
    burden: int
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """
    Something that may be chosen: what its label allows, what it costs, what one unit of it holds.

    `rank` is the practice's preference, smaller first. `amounts` is by ingredient, for one unit.
    """

    key: str
    name: str
    rank: int
    unit_name: str
    units_per_container: int
    container_cents: int
    stock_containers: int
    most_units_a_day: int
    most_units_a_moment: int
    moments: tuple[str, ...]
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Locked:
    """A choice already made: exactly so many units of the product at that moment; 0 is none."""

    product: str
    moment: str
    units: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the practitioner has settled. `included`: at least one unit a day."""

    locked: tuple[Locked, ...]
    excluded: tuple[str, ...]
    included: tuple[str, ...]
    in_stock_only: bool


@dataclass(frozen=True)
class Problem:
    """A whole problem, sound and canonical; made by `parse` or `from_document`."""

    format: str
    days: int
    moments: tuple[Moment, ...]
    day: Day
    ingredients: tuple[Ingredient, ...]
    targets: tuple[Target, ...]
    limits: tuple[Limit, ...]
    bans: tuple[Ban, ...]
    moment_bans: tuple[MomentBan, ...]
    apart: tuple[Apart, ...]
    cautions: tuple[Caution, ...]
    products: tuple[Product, ...]
    choices: Choices
    levels: tuple[Level, ...]
    current: Mapping[str, int]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return to_bytes(as_document(self))

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self._bytes).hexdigest()
