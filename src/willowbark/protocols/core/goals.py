"""
What a plan is to put first: the usual order of levels, and the alternatives that are shown beside it.

None gives up a hard rule or a target's least amount for what it puts first; they differ in what comes after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.problem import USUAL_LEVELS, Level

USUAL: Final = ""
CHEAPEST, FEWEST, CLOSEST, IN_STOCK = "cheapest", "fewest", "closest", "in_stock"

_SAFE_FIRST = (Level.FOUNDATION, Level.TARGETED, Level.CAUTION)
_AS_WANTED = (Level.FOUNDATION, Level.TARGETED, Level.AIMS, Level.EXCESS)
#: The levels of each order by its key; what an order does not name follows as usual.
_FIRST: Final[Mapping[str, tuple[Level, ...]]] = {
    USUAL: (),
    CHEAPEST: (*_SAFE_FIRST, Level.COST),
    FEWEST: (*_SAFE_FIRST, Level.UNITS, Level.MOMENTS),
    CLOSEST: _AS_WANTED,
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan to look at beside the others; `text` says what it puts first."""

    key: str
    name: str
    text: str


ALTERNATIVES: Final = (
    Alternative(
        USUAL, "Usual order", "Targets first, then cautions, the shelf, pills and moments, then cost."
    ),
    Alternative(CHEAPEST, "Cheapest", "Every least amount, then the lowest cost; aims come after."),
    Alternative(
        FEWEST, "Fewest pills", "Every least amount, then the fewest pills and moments; aims come after."
    ),
    Alternative(CLOSEST, "Closest to template", "Amounts nearest to every aim, neither below nor above it."),
    Alternative(IN_STOCK, "In stock only", "The usual order, with nothing to be ordered."),
)


def levels_of(choices: Choices) -> tuple[Level, ...]:
    """The levels of the order that was chosen."""
    first = _FIRST.get(choices.goal, ())
    return (*first, *(each for each in USUAL_LEVELS if each not in first))


def alternative(key: str) -> Alternative:
    """
    The alternative of this key.

    Raises:
        Invalid: there is none.
    """
    found = next((each for each in ALTERNATIVES if each.key == key), None)
    if found is None:
        raise Invalid("There is no such alternative.", field="goal")
    return found


def aimed(choices: Choices, key: str) -> Choices:
    """
    Choices that ask for an alternative; everything else that was decided stays.

    Raises:
        Invalid: there is none of this key.
    """
    if alternative(key).key == IN_STOCK:
        return replace(choices, goal=USUAL, in_stock_only=True)
    return replace(choices, goal=key)


def is_aimed(choices: Choices, key: str) -> bool:
    """Whether this is the alternative that the choices ask for."""
    if key == USUAL:
        return choices.goal == USUAL and not choices.in_stock_only
    return aimed(choices, key) == choices
