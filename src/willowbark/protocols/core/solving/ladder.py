"""
The levels, one under the other: the first is made as small as can be, then the next without giving any of
that up, and so on; at last, of all that are equally good, the one that comes first.

Neighbouring levels are asked for at once where that is exact: as digits of one number, the earlier level
being the higher digit. The clock's part of the model is left out as long as what is found fits the moments of
the day; once something does not, it is added and stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from math import inf

from willowbark.protocols.core.measuring import Taken, level_values
from willowbark.protocols.core.problem import Level, Problem
from willowbark.protocols.core.solving.cp_sat import Answer, OutOfTime, Search, State
from willowbark.protocols.core.solving.doses import Doses, dose_model
from willowbark.protocols.core.solving.linear import Model, Terms, value_of
from willowbark.protocols.core.solving.preference import as_early_as_can_be, less_of_the_worst_ranked
from willowbark.protocols.core.solving.timing import Clock, timing_of

# Levels that are asked for together when they are neighbours: measured on problems of a practice's size.
_TOGETHER = (
    (Level.FOUNDATION, Level.TARGETED),
    (Level.AIMS,),
    (Level.EXCESS,),
    (Level.CAUTION, Level.STOCK, Level.UNITS, Level.MOMENTS),
    (Level.COST, Level.PRODUCTS, Level.CHANGE, Level.RANK),
)
_FAMILY = {level: number for number, family in enumerate(_TOGETHER) for level in family}
# Of the deterministic time: for a guess that is right more often than not.
_LITTLE_WHILE = 0.2
_SHORTFALLS = frozenset({Level.FOUNDATION, Level.TARGETED, Level.AIMS})
# As digits of one number, levels must stay whole in the solver's floating point too.
_LARGEST_NUMBER = 2**50


class NotAsGood(Exception):
    """Levels cannot come to what was supposed of them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring levels as one sum, in which each is a digit of the weight that `weights` says."""

    levels: tuple[Level, ...]
    weights: tuple[int, ...]
    terms: Terms


def groups(levels: tuple[Level, ...], doses: Doses) -> Iterator[Group]:
    """Yield the levels in order, neighbours of one family together while their number is not too large."""
    run: list[Level] = []
    for level in levels:
        if run and (_FAMILY[level] != _FAMILY[run[-1]] or _span([*run, level], doses) > _LARGEST_NUMBER):
            yield _group(run, doses)
            run = []
        run.append(level)
    yield _group(run, doses)


def _size(level: Level, doses: Doses) -> int:
    """Return how many values the level's sum can have, from 0 on."""
    return doses.model.reach(doses.sums[level])[1] + 1


def _span(levels: list[Level], doses: Doses) -> int:
    span = 1
    for level in levels:
        span *= _size(level, doses)
    return span


def _group(levels: list[Level], doses: Doses) -> Group:
    weights: list[int] = []
    weight = 1
    for level in reversed(levels):
        weights.insert(0, weight)
        weight *= _size(level, doses)
    total: dict[int, int] = {}
    for level, digit in zip(levels, weights, strict=True):
        for number, each in doses.sums[level]:
            total[number] = total.get(number, 0) + each * digit
    return Group(tuple(levels), tuple(weights), sorted(total.items()))


@dataclass(slots=True)
class Ladder:
    """
    One solving of one problem, from decisions that keep its rules.

    `taken` and `values` are the best so far; `left` is what remains of the deterministic time. `floor`
    are the values of the best decisions of a problem that allows whatever this one does and more: as long as
    levels come to them, the next cannot come below either.
    """

    problem: Problem
    taken: Taken
    left: float
    floor: Mapping[Level, int] | None = None
    proven: bool = False
    values: dict[Level, int] = field(init=False)
    _known: dict[Level, int] = field(default_factory=dict)
    _settled: list[Level] = field(default_factory=list)
    _doses: Doses = field(init=False)
    _search: Search = field(init=False)
    _clock: Clock | None = None
    _hint: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = level_values(self.problem, self.taken)
        self._doses = dose_model(self.problem)
        self._search = Search(self._doses.model)
        self._hint = {number: self._units_now(key) for key, number in self._doses.units.items()}

    def climb(self) -> None:
        """Settle every level and then the tie; stop, unproven, when the time is over."""
        try:
            for group in self._without_shortfalls(list(groups(self.problem.levels, self._doses))):
                self._bound_by_floor(group)
                if any(self.values[level] > self._lowest(level) for level in group.levels):
                    self._lower(group)
                self._settle_at(self.values, group.levels)
            self._settle_ties()
            self.proven = True
        except OutOfTime:
            return

    def _without_shortfalls(self, ladder: list[Group]) -> list[Group]:
        """
        Try, for a little while, whether nothing need be missing, and settle the groups that this answers.

        It is what most problems come to, and then the first levels need no search of their own. Returns the
        groups that are left; all of them if it was not so or did not show in time.
        """
        ahead = list(takewhile(lambda group: _SHORTFALLS.issuperset(group.levels), ladder))
        levels = tuple(level for group in ahead for level in group.levels)
        if (
            not ahead
            or ahead == ladder
            or any(self._lowest(each) > self._doses.constants[each] for each in levels)
        ):
            return ladder
        following = ladder[len(ahead)]
        before = self._doses.model.copy()
        for level in levels:
            self._doses.model.bound(self._doses.sums[level], high=0)
        self._bound_by_floor(following)
        answer = self._ask(self._search, following.terms, most=_LITTLE_WHILE)
        while answer.values and not self._took(answer, following.levels):
            self._add_clock(answer)
            answer = self._ask(self._search, following.terms, most=_LITTLE_WHILE)
        if not answer.values:
            self._doses.model, self._clock = before, None
            self._search = Search(before)
            return ladder
        self._settle_at(self.values, levels)
        if answer.state is not State.OPTIMAL:
            return ladder[len(ahead) :]
        self._settle_at(self.values, following.levels)
        return ladder[len(ahead) + 1 :]

    def climb_while_as_good(
        self, other: Mapping[Level, int], hint: Mapping[str, int], *, suppose: bool = False
    ) -> dict[Level, int]:
        """
        Settle levels as long as they come to what they are in `other`; return by how much the first differ.

        `other` are the values of the best decisions of a problem that allows whatever this one does and more,
        so that no level can come out better before one is worse. `hint`: units a day to begin with, by
        product. The answer holds levels that were asked for together; it is empty when all are as good.
        With `suppose`, shortfalls that come first are taken to be as good, which is faster when they are.

        Raises:
            NotAsGood: what was supposed is not so; this ladder is of no more use.
            OutOfTime: before that was proven.
        """
        self._hint = {self._doses.units[key]: each for key, each in hint.items() if key in self._doses.units}
        suppose = suppose and not _SHORTFALLS.issuperset(self.problem.levels)
        for group in groups(self.problem.levels, self._doses):
            suppose = suppose and _SHORTFALLS.issuperset(group.levels)
            if suppose:
                self._settle_at(other, group.levels)
                continue
            self._doses.model.bound(group.terms, low=self._sum_of(group, other))
            if any(self.values[level] != other[level] for level in (*self._settled, *group.levels)):
                self._lower(group)
            difference = {level: self.values[level] - other[level] for level in group.levels}
            if any(difference.values()):
                return difference
            self._settle_at(self.values, group.levels)
        return {}

    def _lowest(self, level: Level) -> int:
        """Return what a level is known not to come below."""
        return self.floor[level] if self.floor else self._doses.constants[level]

    def _bound_by_floor(self, group: Group) -> None:
        if self.floor:
            self._doses.model.bound(group.terms, low=self._sum_of(group, self.floor))

    def _sum_of(self, group: Group, values: Mapping[Level, int]) -> int:
        return sum(
            weight * (values[level] - self._doses.constants[level])
            for level, weight in zip(group.levels, group.weights, strict=True)
        )

    @property
    def bounds(self) -> dict[Level, int]:
        """What each level of the problem is proven not to be below; 0 where nothing is known."""
        return {level: self._known.get(level, 0) for level in self.problem.levels}

    def _units_now(self, product: str) -> int:
        return sum(self.taken.get(product, {}).values())

    def _settle_at(self, values: Mapping[Level, int], levels: tuple[Level, ...]) -> None:
        """Demand from now on that these levels come to no more than this."""
        if self.floor and any(values[level] != self.floor[level] for level in levels):
            self.floor = None
        for level in levels:
            self._known[level] = values[level]
            self._settled.append(level)
            self._doses.model.bound(
                self._doses.sums[level], high=values[level] - self._doses.constants[level]
            )

    def _lower(self, group: Group) -> None:
        """
        Make the levels of a group as small as they can be.

        Raises:
            NotAsGood: what levels were settled at is not possible.
            OutOfTime: before that was proven; the best found is kept, and what is known of the first level.
        """
        answer = self._ask_group(group)
        while answer.values and not self._took(answer, group.levels):
            # What was proven without these moments holds with them: they only allow less.
            self._doses.model.bound(group.terms, low=answer.bound)
            self._add_clock(answer)
            answer = self._ask_group(group)
        if answer.state is State.INFEASIBLE:
            raise NotAsGood
        if answer.state is not State.OPTIMAL:
            raise OutOfTime

    def _ask_group(self, group: Group) -> Answer:
        answer = self._ask(self._search, group.terms)
        first = group.levels[0]
        self._known[first] = max(0, answer.bound) // group.weights[0] + self._doses.constants[first]
        return answer

    def _ask(self, search: Search, terms: Terms, *, most: float = inf) -> Answer:
        answer = search.minimise(terms, hint=self._hint, limit=min(self.left, most))
        self.left -= answer.spent
        return answer

    def _took(self, answer: Answer, together: tuple[Level, ...] = ()) -> bool:
        """
        Make what was answered the best, if it is no worse; say whether it fits the moments of the day.

        Without the clock in the model an answer may seem to do with fewer moments than it needs.
        """
        taken = self._timed(answer)
        if taken is None:
            return False
        values = level_values(self.problem, taken)
        if Level.MOMENTS in together and values[Level.MOMENTS] > value_of(
            self._doses.sums[Level.MOMENTS], answer.values
        ):
            return False
        if Level.MOMENTS in self._settled and values[Level.MOMENTS] > self.values[Level.MOMENTS]:
            return False
        if self._in_order(values) <= self._in_order(self.values):
            self.taken, self.values = taken, values
            # What an answer has further on are variables of its question alone.
            self._hint = dict(enumerate(answer.values[: len(self._doses.model.lows)]))
        return True

    def _in_order(self, values: Mapping[Level, int]) -> list[int]:
        return [values[level] for level in self.problem.levels]

    def _timed(self, answer: Answer) -> Taken | None:
        """Return the answer's decisions, at the fewest moments; None when no moments fit."""
        units = {key: answer.values[number] for key, number in self._doses.units.items()}
        timing = timing_of(self.problem, units)
        timed = Search(timing.model).minimise(timing.moments(), hint={}, limit=self.left)
        self.left -= timed.spent
        if timed.state is State.INFEASIBLE:
            return None
        if timed.state is not State.OPTIMAL:
            raise OutOfTime
        return timing.taken(timed.values)

    def _add_clock(self, answer: Answer) -> None:
        """Add the moments of the products that were answered, which do not fit them as they are."""
        if self._clock is None:
            self._clock = Clock(self._doses)
        chosen = (key for key, number in self._doses.units.items() if answer.values[number])
        self._clock.add(self.problem, chosen)
        self._search = Search(self._doses.model)

    def _settle_ties(self) -> None:
        """Of all decisions as good as these, take those that the order of ranks and moments prefers."""
        while True:
            units = {key: self._units_now(key) for key in self._doses.units}
            model, first = less_of_the_worst_ranked(self.problem, self._doses, units)
            answer = self._ask(Search(model), first)
            if answer.state is State.INFEASIBLE:
                break
            if answer.state is not State.OPTIMAL:
                raise OutOfTime
            if not self._took(answer):
                self._add_clock(answer)
        self._settle_moments()

    def _settle_moments(self) -> None:
        units = {key: self._units_now(key) for key in self._doses.units}
        timing = timing_of(self.problem, units)
        if Level.MOMENTS in self._settled:
            timing.model.bound(timing.moments(), high=self.values[Level.MOMENTS])
        for terms in as_early_as_can_be(self.problem, timing):
            answer = self._ask_moments(timing.model, terms)
            self.taken = timing.taken(answer.values)

    def _ask_moments(self, model: Model, terms: Terms) -> Answer:
        answer = Search(model).minimise(terms, hint={}, limit=self.left)
        self.left -= answer.spent
        if answer.state is not State.OPTIMAL:
            raise OutOfTime
        for number, _ in terms:
            model.bound([(number, 1)], low=answer.values[number], high=answer.values[number])
        return answer
