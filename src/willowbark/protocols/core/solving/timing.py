"""At which moments of the day the units are taken: the clock's part of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from willowbark.protocols.core.measuring import Taken
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving.doses import Doses, Room, rooms_of
from willowbark.protocols.core.solving.linear import Model, Terms

_MINUTES_A_DAY = 1440


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
    timing = Timing(doses.model, doses.rooms)
    for key, room in doses.rooms.items():
        parts = [(_add_part(timing, key, moment, room), 1) for moment in room]
        doses.model.bound([*parts, (doses.units[key], -1)], low=0, high=0)
    _add_moments(timing, problem)
    doses.model.bound([*timing.moments(), (doses.moments, -1)], high=0)
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
        used = timing.used[moment.key] = model.variable(0, 1)
        for part, _ in parts:
            model.bound([(part, 1), (used, -model.highs[part])], high=0)
        if most is not None:
            model.bound([*parts, (used, -most)], high=0)


def _add_apart(timing: Timing, problem: Problem) -> None:
    for first, second, minutes in separated(problem, frozenset(timing.rooms)):
        for here in problem.moments:
            for there in problem.moments:
                if minutes_between(here.minute_of_day, there.minute_of_day) < minutes:
                    one, other = timing.any_at(first, here.key), timing.any_at(second, there.key)
                    if one is not None and other is not None:
                        timing.model.bound([(one, 1), (other, 1)], high=1)


def minutes_between(one: int, other: int) -> int:
    """Return how far apart two minutes of the day are, the shorter way round the clock: 0 to 720."""
    ahead = (one - other) % _MINUTES_A_DAY
    return min(ahead, _MINUTES_A_DAY - ahead)


def separated(
    problem: Problem, candidates: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], int]]:
    """Yield two groups of candidates, none in both, and the minutes that must lie between any of each."""
    for rule in problem.apart:
        first = candidates.intersection(rule.first_products)
        second = candidates.intersection(rule.second_products)
        both = first & second
        if first - both and second - both:
            yield tuple(sorted(first - both)), tuple(sorted(second - both)), rule.minutes
        for product in sorted(both):
            others = (first | second) - {product}
            if others:
                yield (product,), tuple(sorted(others)), rule.minutes


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
