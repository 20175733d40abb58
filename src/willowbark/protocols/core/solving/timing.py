"""At which moments of the day the units are taken: the clock's part of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    def any_at(self, products: tuple[str, ...], moment: str) -> int | None:
        """Return a variable that is 1 if any of the products is taken at the moment; None if none can be."""
        place = (products, moment)
        if place not in self._any:
            parts = [self.units[key, moment] for key in products if (key, moment) in self.units]
            number = self.model.variable(0, 1) if parts else None
            for part in parts if number is not None else ():
                self.model.bound([(part, 1), (number or 0, -self.model.highs[part])], high=0)
            self._any[place] = number
        return self._any[place]


def add_timing(doses: Doses, problem: Problem) -> Timing:
    """Add the moments to the model of doses."""
    timing = Timing(doses.model, doses.rooms, used=dict(doses.used))
    for key, room in doses.rooms.items():
        parts = [(_add_part(timing, key, moment, room), 1) for moment in room]
        doses.model.bound([*parts, (doses.units[key], -1)], low=0, high=0)
    _add_moments(timing, problem)
    _add_apart(timing, problem)
    return timing


def _add_part(timing: Timing, product: str, moment: str, room: Room) -> int:
    number = timing.model.variable(*room[moment])
    timing.units[product, moment] = number
    return number


def _add_moments(timing: Timing, problem: Problem) -> None:
    """Add which moments are used, and what each may hold."""
    model, most = timing.model, problem.day.most_units_a_moment
    for moment in problem.moments:
        parts = [(number, 1) for (_, key), number in timing.units.items() if key == moment.key]
        if not parts:
            continue
        if moment.key not in timing.used:
            timing.used[moment.key] = model.variable(0, 1)
        used = timing.used[moment.key]
        for part, _ in parts:
            model.bound([(part, 1), (used, -model.highs[part])], high=0)
        if most is not None:
            model.bound([*parts, (used, -most)], high=0)


def _add_apart(timing: Timing, problem: Problem) -> None:
    keys = [each.key for each in problem.moments]
    for first, second, minutes in separated(problem, frozenset(timing.rooms)):
        far = far_enough(problem, minutes)
        for here, there in pairs(keys, keys):
            if (here, there) not in far:
                one, other = timing.any_at(first, here), timing.any_at(second, there)
                if one is not None and other is not None:
                    timing.model.bound([(one, 1), (other, 1)], high=1)


def timing_of(problem: Problem, units: Mapping[str, int]) -> Timing:
    """Return a model of the moments alone, for units a day that are settled."""
    rooms = rooms_of(problem)
    held = {key: rooms[key] for key, number in units.items() if number}
    timing = Timing(Model(), held)
    for key, room in held.items():
        parts = [(_add_part(timing, key, moment, room), 1) for moment in room]
        timing.model.bound(parts, low=units[key], high=units[key])
    _add_moments(timing, problem)
    _add_apart(timing, problem)
    if problem.day.most_moments is not None:
        timing.model.bound(timing.moments(), high=problem.day.most_moments)
    return timing
