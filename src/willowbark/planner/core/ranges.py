"""Values that are known only from here to there, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_RANGED = 16

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A closed interval of finite numbers, `low` not above `high`; a single value has both alike."""

    low: float
    high: float

    @property
    def is_point(self) -> bool:
        """Whether it is a single value."""
        return self.low == self.high

    @property
    def middle(self) -> float:
        """Half way between its ends."""
        return self.low + (self.high - self.low) / 2

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def point(value: float) -> Range:
    """The range that is one value."""
    return Range(float(value), float(value))


class TooManyRanges(Exception):
    """More inputs are ranges than corners can be tried."""

    code = "too_many_ranges"


def extremes(
    formula: Callable[[Mapping[str, Numbers]], Mapping[str, Numbers]], inputs: Mapping[str, Range]
) -> dict[str, Range]:
    """
    The range of each result of `formula` while every input moves in its own range, independently.

    Every combination of ends is tried, all at once, so an input that occurs twice in a formula has the same
    value in both places. That is exact for a formula that is monotone in each input while the others stand
    still; all of the planner's are, which its tests show by sampling.

    Raises:
        TooManyRanges: more than 16 inputs are ranges.
    """
    ranged = [name for name, value in inputs.items() if not value.is_point]
    if len(ranged) > MOST_RANGED:
        raise TooManyRanges(f"{len(ranged)} figures are ranges; at most {MOST_RANGED} can be")
    corner = np.arange(2 ** len(ranged))
    values = {name: np.full(len(corner), value.low) for name, value in inputs.items()}
    for at, name in enumerate(ranged):
        values[name] = np.where((corner >> at) & 1, inputs[name].high, inputs[name].low)
    found = formula(values)
    return {name: Range(float(np.min(result)), float(np.max(result))) for name, result in found.items()}
