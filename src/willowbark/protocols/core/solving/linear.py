"""A model in whole numbers: variables within bounds, and rows that bound weighted sums of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gcd

# A sum: pairs of a variable's number and its weight.
Terms = Sequence[tuple[int, int]]
# Every sum of a model must stay well within 64 bits, whatever its variables are.
LARGEST_SUM = 2**62


@dataclass(frozen=True, slots=True)
class Row:
    """`low` <= the sum <= `high`; None is no bound."""

    terms: Terms
    low: int | None
    high: int | None


@dataclass(slots=True)
class Model:
    """Variables by number, with their bounds, and the rows. `impossible` when a bound alone rules all out."""

    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    impossible: bool = False

    def copy(self) -> Model:
        """Return a model that can grow without this one."""
        return Model(self.lows.copy(), self.highs.copy(), self.rows.copy(), self.impossible)

    def variable(self, low: int, high: int) -> int:
        """Add a variable and return its number."""
        if low > high:
            self.impossible = True
            high = low
        self.lows.append(low)
        self.highs.append(high)
        return len(self.lows) - 1

    def bound(self, terms: Terms, *, low: int | None = None, high: int | None = None) -> None:
        """Demand that the sum is at least `low` and at most `high`."""
        if not terms:
            self.impossible |= (low or 0) > 0 or (high or 0) < 0
            return
        divisor = gcd(*(weight for _, weight in terms))
        if divisor > 1:
            terms = [(number, weight // divisor) for number, weight in terms]
            low = None if low is None else -(-low // divisor)
            high = None if high is None else high // divisor
        least, most = self.reach(terms)
        if (high is not None and high < least) or (low is not None and low > most):
            self.impossible = True
        if (high is not None and high < most) or (low is not None and low > least):
            self.rows.append(Row(terms, low, high))

    def reach(self, terms: Terms) -> tuple[int, int]:
        """Return between which numbers the sum can be, by the variables' bounds."""
        least = sum(weight * (self.lows if weight > 0 else self.highs)[number] for number, weight in terms)
        most = sum(weight * (self.highs if weight > 0 else self.lows)[number] for number, weight in terms)
        return least, most


def value_of(terms: Terms, values: Sequence[int]) -> int:
    """Return what the sum is when the variables have these values."""
    return sum(weight * values[number] for number, weight in terms)
