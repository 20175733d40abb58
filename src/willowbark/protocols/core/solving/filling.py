"""
A good plan in a few milliseconds, of which nothing is proven: unit by unit, whatever takes most from what is
missing, as long as it makes the plan better and keeps every rule; then without what came to be needless.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from willowbark.protocols.core.checking import keeps_rules
from willowbark.protocols.core.measuring import (
    Taken,
    containers_for,
    given_a_day,
    level_values,
    per_mille_short,
)
from willowbark.protocols.core.problem import Level, Problem, Product
from willowbark.protocols.core.solving.doses import Room, forced_products, goals_of, leeways, rooms_of

_SHORTFALLS = (Level.FOUNDATION, Level.TARGETED, Level.AIMS)


def filled(problem: Problem, taken: Taken) -> Taken:
    """Return decisions that are no worse than these, which keep every rule, and keep every rule too."""
    filling = Filling(problem, {key: dict(at) for key, at in taken.items()})
    filling.fill()
    filling.spare()
    return filling.taken


def values_of(problem: Problem, taken: Taken) -> list[int]:
    """Return the values of the levels that the problem asks for, in its order: the smaller the better."""
    values = level_values(problem, taken)
    return [values[level] for level in problem.levels]


@dataclass(slots=True)
class Filling:
    """
    Decisions on the way to a plan: `taken` so far, and the `values` of their levels in the problem's order.

    `left` is what limits and targets leave of what they count, and `holds` how much of that a unit of each
    product takes up. `total` is what there is of each ingredient.
    """

    problem: Problem
    taken: dict[str, dict[str, int]]
    values: list[int] = field(init=False)
    total: dict[str, int] = field(init=False)
    left: list[int] = field(init=False)
    holds: dict[str, list[tuple[int, int]]] = field(init=False)
    goals: dict[str, list[tuple[int, int]]] = field(init=False)
    rooms: dict[str, Room] = field(init=False)
    burdens: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        problem = self.problem
        given = given_a_day(problem, self.taken)
        self.total = {each.key: given[each.key] + each.taken_a_day for each in problem.ingredients}
        counted = leeways(problem)
        self.left = [most - sum(given[key] for key in keys) for keys, most in counted]
        self.holds = {
            each.key: [
                (number, held)
                for number, (keys, _) in enumerate(counted)
                if (held := sum(each.amounts.get(key, 0) for key in keys))
            ]
            for each in problem.products
        }
        order = [level for level in problem.levels if level in _SHORTFALLS]
        self.goals = {each.key: [] for each in problem.ingredients}
        for target in problem.targets:
            for level, goal in goals_of(target):
                if level in order:
                    self.goals[target.ingredient].append((order.index(level), goal))
        self.rooms = rooms_of(problem)
        self.burdens = {each.product: each.burden for each in problem.cautions}
        self.values = values_of(problem, self.taken)

    def fill(self) -> None:
        """Add units while any of them makes the plan better."""
        open_to = [each for each in self.problem.products if self.rooms[each.key]]
        while open_to:
            gains = [(self._gain(each), each) for each in open_to]
            useful = [(gain, each) for gain, each in gains if any(gain)]
            if not useful:
                return
            _, best = min(
                useful,
                key=lambda one: (
                    [-each for each in one[0]],
                    self.burdens.get(one[1].key, 0),
                    one[1].rank,
                    one[1].key,
                ),
            )
            if not self._added(best):
                open_to.remove(best)

    def spare(self) -> None:
        """Take away units without which the plan is better, of the worst ranked products first."""
        forced = forced_products(self.problem)
        for product in sorted(self.problem.products, key=lambda each: (each.rank, each.key), reverse=True):
            if product.key in forced:
                continue
            while product.key in self.taken and self._tried(product, self._last_moment(product), -1):
                pass

    def _last_moment(self, product: Product) -> str:
        return next(reversed(self.taken[product.key]))

    def _gain(self, product: Product) -> list[int]:
        """Return by how much a unit lessens what is missing, level by level; nothing where none has room."""
        gain = [0, 0, 0]
        if any(self.left[number] < held for number, held in self.holds[product.key]):
            return gain
        for key, amount in product.amounts.items():
            total = self.total[key]
            for place, goal in self.goals[key]:
                if total < goal:
                    gain[place] += per_mille_short(goal, total) - per_mille_short(goal, total + amount)
        return gain

    def _added(self, product: Product) -> bool:
        """Add a unit at the first moment that it fits, those in use first; False where it fits none."""
        if not self._has_room(product):
            return False
        used = {moment for at in self.taken.values() for moment in at}
        moments = sorted(self.rooms[product.key], key=lambda moment: moment not in used)
        return any(self._tried(product, moment, 1) for moment in moments)

    def _has_room(self, product: Product) -> bool:
        """Whether the day and the shelf leave room for one unit more, whenever it is taken."""
        problem, day = self.problem, self.problem.day
        now = sum(self.taken.get(product.key, {}).values())
        needed = containers_for(problem.days, now + 1, product)
        if problem.choices.in_stock_only and needed > product.stock_containers:
            return False
        if (
            day.most_units is not None
            and sum(sum(at.values()) for at in self.taken.values()) >= day.most_units
        ):
            return False
        more = needed - containers_for(problem.days, now, product)
        if (
            day.most_cost_cents is not None
            and self._cost() + more * product.container_cents > day.most_cost_cents
        ):
            return False
        if day.most_products is not None and not now and len(self.taken) >= day.most_products:
            return False
        return now < product.most_units_a_day

    def _cost(self) -> int:
        return sum(
            containers_for(self.problem.days, sum(self.taken[each.key].values()), each) * each.container_cents
            for each in self.problem.products
            if each.key in self.taken
        )

    def _tried(self, product: Product, moment: str, more: int) -> bool:
        """Change the units at a moment if the plan is better then and keeps the rules; say whether it was."""
        before = self.taken
        at = {**before.get(product.key, {})}
        at[moment] = at.get(moment, 0) + more
        others = {key: each for key, each in before.items() if key != product.key}
        kept = {key: units for key, units in at.items() if units}
        self.taken = {**others, product.key: kept} if kept else others
        values = values_of(self.problem, self.taken)
        if values >= self.values or not keeps_rules(self.problem, self.taken):
            self.taken = before
            return False
        self.values = values
        for key, amount in product.amounts.items():
            self.total[key] += more * amount
        for number, held in self.holds[product.key]:
            self.left[number] -= more * held
        return True
