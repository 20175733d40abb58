"""Values that are known only from here to there, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

MOST_RANGED = 16

Numbers = NDArray[np.float64]
Values = Mapping[str, Numbers]
Formula = Callable[[Values], Mapping[str, Numbers]]
Term = Callable[[Values], Numbers]


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


def added(parts: Iterable[Numbers]) -> Numbers:
    """The sum of results, of which some may have one value and others many."""
    return reduce(add, parts)


class TooManyRanges(Exception):
    """More inputs of one result are ranges than corners can be tried."""

    code = "too_many_ranges"


def extremes(formula: Formula, inputs: Mapping[str, Range]) -> dict[str, Range]:
    """
    The range of each result of `formula` while every input moves in its own range, independently.

    Every combination of the ends of those inputs that the formula takes is tried, all at once, so an input
    that occurs twice in a formula has the same value in both places. That is exact for a formula that is
    monotone in each input while the others stand still; all of the planner's are, which its tests show by
    sampling.

    Raises:
        TooManyRanges: more than 16 of the inputs taken are ranges.
    """
    ranged = sorted(name for name in _taken(formula, inputs) if not inputs[name].is_point)
    if len(ranged) > MOST_RANGED:
        raise TooManyRanges(
            f"{len(ranged)} figures of one result are ranges; at most {MOST_RANGED} can be, or ask"
            " for samples"
        )
    found = formula(_Corners(inputs, ranged))
    return {name: Range(float(np.min(result)), float(np.max(result))) for name, result in found.items()}


def extremes_of_sum(terms: Iterable[Term], inputs: Mapping[str, Range]) -> Range:
    """
    The range of a sum of terms, exact as that of `extremes`.

    Terms that take a ranged input in common move together; groups that have none in common move by
    themselves, so their ends add up and a long sum needs no more corners than its longest group.

    Raises:
        TooManyRanges: a group takes more than 16 ranges.
    """
    low = high = 0.0
    for group in _groups(terms, inputs):
        found = extremes(_sum_of(group), inputs)["sum"]
        low, high = low + found.low, high + found.high
    return Range(low, high)


class Draws(Mapping[str, Numbers]):
    """
    Every input drawn evenly from its range, `samples` times, when it is first asked for.

    The same seed draws the same values, and an input draws the same whatever else is a range.
    """

    def __init__(self, inputs: Mapping[str, Range], *, samples: int, seed: int) -> None:
        self.inputs, self.samples, self.seed = inputs, samples, seed
        self.drawn: dict[str, Numbers] = {}

    def __getitem__(self, name: str) -> Numbers:
        if name not in self.drawn:
            value = self.inputs[name]
            chance = np.random.default_rng([self.seed, *name.encode()])
            self.drawn[name] = chance.uniform(value.low, value.high, self.samples)
        return self.drawn[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)


def likely(formula: Formula, draws: Draws) -> dict[str, Range]:
    """The 5th and the 95th per cent of each result over what was drawn."""
    return {
        name: Range(*(float(end) for end in np.quantile(result, (0.05, 0.95))))
        for name, result in formula(draws).items()
    }


class _Corners(Mapping[str, Numbers]):
    """Every combination of the ends of the inputs that are ranged, an input made when it is asked for."""

    def __init__(self, inputs: Mapping[str, Range], ranged: list[str]) -> None:
        self.inputs = inputs
        self.places = {name: at for at, name in enumerate(ranged)}
        self.corner = np.arange(2 ** len(ranged))

    def __getitem__(self, name: str) -> Numbers:
        value = self.inputs[name]
        if name not in self.places:
            return np.array([value.low])
        return np.where((self.corner >> self.places[name]) & 1, value.high, value.low)

    def __iter__(self) -> Iterator[str]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)


class _Recorder(Mapping[str, Numbers]):
    """Every input in its middle; remembers which were asked for."""

    def __init__(self, inputs: Mapping[str, Range]) -> None:
        self.inputs = inputs
        self.taken: set[str] = set()

    def __getitem__(self, name: str) -> Numbers:
        value = np.array([self.inputs[name].middle])
        self.taken.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)


def _taken(formula: Formula, inputs: Mapping[str, Range]) -> set[str]:
    recorder = _Recorder(inputs)
    formula(recorder)
    return recorder.taken


def _sum_of(terms: list[Term]) -> Formula:
    return lambda values: {"sum": added(term(values) for term in terms)}


def _groups(terms: Iterable[Term], inputs: Mapping[str, Range]) -> list[list[Term]]:
    groups: list[tuple[set[str], list[Term]]] = []
    for term in terms:
        taken = {name for name in _taken(_sum_of([term]), inputs) if not inputs[name].is_point}
        members = [term]
        apart = []
        for names, others in groups:
            if names & taken:
                taken, members = taken | names, others + members
            else:
                apart.append((names, others))
        groups = [*apart, (taken, members)]
    return [members for _, members in groups]
