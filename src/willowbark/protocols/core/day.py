"""
The day that a plan is laid into, and what is assumed where a label says nothing.

The moments are the five that people name; their minutes are used for hours apart alone. The bounds are
what most people manage; a practitioner changes them for one draft.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

DAYS: Final = 90
LONGEST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class MomentOfDay:
    """A moment at which products are taken; `minute_of_day` from midnight."""

    key: str
    name: str
    minute_of_day: int
    with_food: bool


MOMENTS: Final = (
    MomentOfDay("waking", "On waking", 390, False),
    MomentOfDay("breakfast", "With breakfast", 450, True),
    MomentOfDay("lunch", "With lunch", 750, True),
    MomentOfDay("dinner", "With dinner", 1110, True),
    MomentOfDay("bedtime", "At bedtime", 1320, False),
)
MOMENT_KEYS: Final = tuple(each.key for each in MOMENTS)
_MINUTE_OF: Final = {each.key: each.minute_of_day for each in MOMENTS}

MOST_UNITS: Final = 18
MOST_UNITS_A_MOMENT: Final = 8
MOST_MOMENTS: Final = 4
MOST_PRODUCTS: Final = 12

# Units a day and at a moment that a person takes of one product when its label does not say: (day, moment).
USUAL_UNITS: Final = {
    "capsule": (6, 3),
    "tablet": (6, 3),
    "softgel": (6, 3),
    "lozenge": (4, 1),
    "powder": (4, 2),
    "liquid": (4, 2),
    "drops": (20, 10),
}
FEWEST_UNITS: Final = (4, 2)

# How much a caution weighs beside another, by the severity of what it warns of.
BURDENS: Final = {"contraindicated": 30, "major": 10, "moderate": 3, "minor": 1, "": 1}


def minutes_between(first: int, second: int) -> int:
    """The minutes between two times of a day, the shorter way round: 0 to 720."""
    apart = abs(first - second) % 1440
    return min(apart, 1440 - apart)


def are_near(moments: Collection[str], others: Collection[str], minutes: int) -> bool:
    """Whether any of these moments, by their keys, lies less than so many minutes from any of the others."""
    return any(
        minutes_between(_MINUTE_OF[here], _MINUTE_OF[there]) < minutes for here in moments for there in others
    )
