"""At which moments of the day the units are taken: the clock's part of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product as pairs

from willowbark.protocols.core.measuring import Taken
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving.doses import Doses, Room, far_enough, rooms_of, separated
from willowbark.protocols.core.solving.linear import Model, Terms


@dataclass(slots=True)
class Timing:
    """The variables of units by product and moment, and of the moments at which anything is taken."""

    model: Model
    rooms: Mapping[str, Room]
    units: dict[tuple[str, str], int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    timed: set[str] = field(default_factory=set)
    _any: dict[tuple[tuple[str, ...], str], int | None] = field(default_factory=dict)

    def taken(self, values: Sequence[int]) -> Taken:
        """Return the decisions that the variables' values say."""
        taken: dict[str, dict[str, int]] = {}
        for (product, moment), number in self.units.items():
            if values[number]:
                taken.setdefault(product, {})[moment] = values[number]
        return taken

    def moments(self) -> Terms:
        """Return the sum that is the number of moments used, or more."""
        return [(number, 1) for number in self.used.values()]

    def add(self, problem: Problem, products: Iterable[str]) -> None:
        """Add the moments of these products, together with those that were added before."""
        new = sorted(set(products) - self.timed)
        for key in new:
            for moment, room in self.rooms[key].items():
                self.units[key, moment] = self.model.variable(*room)
        self.timed.update(new)
        self._add_moments(problem, new)
        self._add_apart(problem)

    def _add_moments(self, problem: Problem, new: Sequence[str]) -> None:
        """Add which moments are used, and what each may hold."""
        for moment in problem.moments:
            parts = [(number, 1) for (_, key), number in self.units.items() if key == moment.key]
            if not parts:
                continue
            if moment.key not in self.used:
                self.used[moment.key] = self.model.variable(0, 1)
            used = self.used[moment.key]
            for part in (self.units[key, moment.key] for key in new if (key, moment.key) in self.units):
                self.model.bound([(part, 1), (used, -self.model.highs[part])], high=0)
            if problem.day.most_units_a_moment is not None:
                self.model.bound([*parts, (used, -problem.day.most_units_a_moment)], high=0)

    def _add_apart(self, problem: Problem) -> None:
        keys = [each.key for each in problem.moments]
        for first, second, minutes in separated(problem, frozenset(self.timed)):
            far = far_enough(problem, minutes)
            for here, there in pairs(keys, keys):
                if (here, there) not in far:
                    one, other = self._any_at(first, here), self._any_at(second, there)
                    if one is not None and other is not None:
                        self.model.bound([(one, 1), (other, 1)], high=1)

    def _any_at(self, products: tuple[str, ...], moment: str) -> int | None:
        """Return a variable that is 1 if any of the products is taken at the moment; None if none can be."""
        place = (products, moment)
        if place not in self._any:
            parts = [self.units[key, moment] for key in products if (key, moment) in self.units]
            number = self.model.variable(0, 1) if parts else None
            for part in parts if number is not None else ():
                self.model.bound([(part, 1), (number or 0, -self.model.highs[part])], high=0)
            self._any[place] = number
        return self._any[place]


@dataclass(slots=True)
class Clock:
    """
    The moments in the model of doses, of as many products as was needed so far.

    What is left out can only make the model allow more, so what it calls best is best if it fits the moments.
    """

    doses: Doses
    timing: Timing = field(init=False)

    def __post_init__(self) -> None:
        self.timing = Timing(self.doses.model, self.doses.rooms, used=dict(self.doses.used))

    def add(self, problem: Problem, products: Iterable[str]) -> None:
        """Add the moments of these products."""
        new = sorted(set(products) - self.timing.timed)
        self.timing.add(problem, new)
        for key in new:
            parts = [(self.timing.units[key, moment], 1) for moment in self.doses.rooms[key]]
            self.doses.model.bound([*parts, (self.doses.units[key], -1)], low=0, high=0)


def add_timing(doses: Doses, problem: Problem) -> Timing:
    """Add the moments of all products to the model of doses."""
    clock = Clock(doses)
    clock.add(problem, doses.rooms)
    return clock.timing


def timing_of(problem: Problem, units: Mapping[str, int]) -> Timing:
    """Return a model of the moments alone, for units a day that are settled."""
    rooms = rooms_of(problem)
    held = {key: rooms[key] for key, number in units.items() if number}
    timing = Timing(Model(), held)
    timing.add(problem, held)
    for key, room in held.items():
        parts = [(timing.units[key, moment], 1) for moment in room]
        timing.model.bound(parts, low=units[key], high=units[key])
    if problem.day.most_moments is not None:
        timing.model.bound(timing.moments(), high=problem.day.most_moments)
    return timing
