"""
How many units a day of each product: the model without the clock.

It leaves out at which moments the units are taken, beyond what units a day alone say of that. So what it
calls best may not fit the moments; whatever does fit them is possible here too. `timing` adds the moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from itertools import product as product_of

from willowbark.protocols.core.day import minutes_between
from willowbark.protocols.core.measuring import per_mille_above, per_mille_short
from willowbark.protocols.core.problem import Layer, Level, Problem, Product, Target
from willowbark.protocols.core.solving.linear import Model

# Between which numbers the units at a moment must be.
Room = Mapping[str, tuple[int, int]]
# Of so many, every choice of some is looked at.
_FEW_MOMENTS = 5


@dataclass(slots=True)
class Doses:
    """
    The model, each candidate's variable of units a day and its room at each moment, the sums to make small.

    A level's value is its sum, when that is as small as it can be, and its constant: what no plan changes.
    `used` says which moments are used, as far as that follows from the units a day.
    """

    model: Model = field(default_factory=Model)
    units: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    sums: dict[Level, list[tuple[int, int]]] = field(default_factory=lambda: {level: [] for level in Level})
    constants: dict[Level, int] = field(default_factory=lambda: dict.fromkeys(Level, 0))
    used: dict[str, int] = field(default_factory=dict)


def dose_model(problem: Problem) -> Doses:
    """Return the model of a problem."""
    doses = Doses()
    rooms = rooms_of(problem)
    forced = forced_products(problem)
    wanted, leeway = _wanted(problem), leeways(problem)
    for product in problem.products:
        most = _most_units(problem, product, rooms[product.key], leeway)
        useful = not wanted.isdisjoint(product.amounts) or problem.current.get(product.key, 0) > 0
        least = sum(low for low, _ in rooms[product.key].values())
        if product.key in problem.choices.included:
            least = max(least, 1)
        if product.key in forced or (useful and most > 0):
            _add_product(doses, problem, product, rooms[product.key], least, most)
        else:
            doses.constants[Level.CHANGE] += problem.current.get(product.key, 0)
    _add_limits(doses, problem)
    _add_targets(doses, problem)
    _add_day(doses, problem)
    _add_used(doses, problem)
    _add_never_together(doses, problem)
    for caution in problem.cautions:
        if caution.product in doses.chosen:
            doses.sums[Level.CAUTION].append((doses.chosen[caution.product], caution.burden))
    return doses


def forced_products(problem: Problem) -> frozenset[str]:
    """Return the products that every plan must hold."""
    locked = {lock.product for lock in problem.choices.locked if lock.units}
    return frozenset(locked | set(problem.choices.included))


def rooms_of(problem: Problem) -> dict[str, Room]:
    """Return how many units each product may have at each moment; a low above its high rules all out."""
    banned = {ban.product for ban in problem.bans} | set(problem.choices.excluded)
    banned_then = {(ban.product, ban.moment) for ban in problem.moment_bans}
    locked = {(lock.product, lock.moment): lock.units for lock in problem.choices.locked}
    rooms: dict[str, Room] = {}
    for product in problem.products:
        room: dict[str, tuple[int, int]] = {}
        for moment in problem.moments:
            here = (product.key, moment.key)
            open_here = (
                moment.key in product.moments and here not in banned_then and product.key not in banned
            )
            most = product.most_units_a_moment if open_here else 0
            units = locked.get(here)
            room[moment.key] = (0, most) if units is None else (units, min(units, most))
        rooms[product.key] = {key: each for key, each in room.items() if each != (0, 0)}
    return rooms


def _wanted(problem: Problem) -> frozenset[str]:
    taken = {each.key: each.taken_a_day for each in problem.ingredients}
    return frozenset(each.ingredient for each in problem.targets if each.aim > taken[each.ingredient])


def _most_units(
    problem: Problem, product: Product, room: Room, leeway: list[tuple[tuple[str, ...], int]]
) -> int:
    """Return the most units a day that any rule leaves to the product if it is alone."""
    most = min(product.most_units_a_day, sum(high for _, high in room.values()))
    if problem.day.most_units is not None:
        most = min(most, problem.day.most_units)
    if problem.choices.in_stock_only:
        most = min(most, product.stock_containers * product.units_per_container // problem.days)
    if problem.day.most_products == 0 or problem.day.most_moments == 0:
        return 0
    for ingredients, left in leeway:
        held = sum(product.amounts.get(key, 0) for key in ingredients)
        if held:
            most = min(most, left // held)
    return most


def leeways(problem: Problem) -> list[tuple[tuple[str, ...], int]]:
    """Return how much of which ingredients, added up, limits and targets leave to the plan."""
    taken = {each.key: each.taken_a_day for each in problem.ingredients}
    return [
        *(
            (each.ingredients, each.most - sum(taken[key] for key in each.ingredients if each.counts_taken))
            for each in problem.limits
        ),
        *(
            ((each.ingredient,), each.most - taken[each.ingredient])
            for each in problem.targets
            if each.most is not None
        ),
    ]


def _add_product(doses: Doses, problem: Problem, product: Product, room: Room, least: int, most: int) -> None:
    model, sums = doses.model, doses.sums
    if any(low > high for low, high in room.values()):
        model.impossible = True
    units = model.variable(least, most)
    chosen = model.variable(1 if least else 0, 1)
    model.bound([(units, 1), (chosen, -most)], high=0)
    model.bound([(units, 1), (chosen, -1)], low=0)
    doses.units[product.key], doses.chosen[product.key], doses.rooms[product.key] = units, chosen, room
    sums[Level.UNITS].append((units, 1))
    sums[Level.PRODUCTS].append((chosen, 1))
    if product.rank:
        sums[Level.RANK].append((chosen, product.rank))
    _add_containers(doses, problem, product, units, chosen, most)
    before = problem.current.get(product.key, 0)
    if before:
        differs = model.variable(0, max(most, before))
        model.bound([(differs, 1), (units, -1)], low=-before)
        model.bound([(differs, 1), (units, 1)], low=before)
        sums[Level.CHANGE].append((differs, 1))
    else:
        sums[Level.CHANGE].append((units, 1))


def _add_containers(
    doses: Doses, problem: Problem, product: Product, units: int, chosen: int, most: int
) -> None:
    """Add how many whole containers all days need, and how many of them are not on the shelf."""
    model, sums = doses.model, doses.sums
    most_containers = -(-problem.days * most // product.units_per_container)
    if most_containers <= 1:
        containers = chosen
    else:
        containers = model.variable(0, most_containers)
        model.bound([(containers, product.units_per_container), (units, -problem.days)], low=0)
        model.bound([(containers, 1), (chosen, -1)], low=0)
    if product.container_cents:
        sums[Level.COST].append((containers, product.container_cents))
    on_shelf = product.stock_containers
    if most_containers <= on_shelf:
        return
    if on_shelf == 0:
        sums[Level.STOCK].append((containers, 1))
    else:
        short = model.variable(0, most_containers - on_shelf)
        model.bound([(short, 1), (containers, -1)], low=-on_shelf)
        sums[Level.STOCK].append((short, 1))


def _given(doses: Doses, problem: Problem, ingredients: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the sum of what the plan gives of the ingredients, a day."""
    held = {each.key: sum(each.amounts.get(key, 0) for key in ingredients) for each in problem.products}
    return [(number, held[key]) for key, number in doses.units.items() if held[key]]


def _add_limits(doses: Doses, problem: Problem) -> None:
    taken = {each.key: each.taken_a_day for each in problem.ingredients}
    for limit in problem.limits:
        beside = sum(taken[key] for key in limit.ingredients) if limit.counts_taken else 0
        doses.model.bound(_given(doses, problem, limit.ingredients), high=limit.most - beside)


def _add_targets(doses: Doses, problem: Problem) -> None:
    taken = {each.key: each.taken_a_day for each in problem.ingredients}
    for target in problem.targets:
        given = _given(doses, problem, (target.ingredient,))
        beside = taken[target.ingredient]
        if target.most is not None:
            doses.model.bound(given, high=target.most - beside)
        for level, goal in goals_of(target):
            missing = goal - beside
            if missing > 0 and not given:
                doses.constants[level] += per_mille_short(goal, beside)
            elif missing > 0:
                short = doses.model.variable(0, -(-1000 * missing // goal))
                terms = [(short, goal), *((number, 1000 * held) for number, held in given)]
                doses.model.bound(terms, low=1000 * missing)
                doses.sums[level].append((short, 1))
        if Level.EXCESS in problem.levels:
            _add_excess(doses, target.aim, beside, given)


def _add_excess(doses: Doses, aim: int, beside: int, given: list[tuple[int, int]]) -> None:
    """Add what a target gets above its aim."""
    if not given:
        doses.constants[Level.EXCESS] += per_mille_above(aim, beside)
        return
    most = doses.model.reach(given)[1]
    above = doses.model.variable(per_mille_above(aim, beside), per_mille_above(aim, beside + most))
    terms = [(above, aim), *((number, -1000 * held) for number, held in given)]
    doses.model.bound(terms, low=1000 * (beside - aim))
    doses.sums[Level.EXCESS].append((above, 1))


def goals_of(target: Target) -> tuple[tuple[Level, int], ...]:
    """Return the amounts that a target wants, each with the level that counts what is missing of it."""
    level = Level.FOUNDATION if target.layer is Layer.FOUNDATION else Level.TARGETED
    return ((level, target.least), (Level.AIMS, target.aim))


def _add_day(doses: Doses, problem: Problem) -> None:
    day, model = problem.day, doses.model
    units = [(number, 1) for number in doses.units.values()]
    if day.most_units is not None:
        model.bound(units, high=day.most_units)
    if day.most_products is not None:
        model.bound(doses.sums[Level.PRODUCTS], high=day.most_products)
    if day.most_cost_cents is not None:
        model.bound(doses.sums[Level.COST], high=day.most_cost_cents)
    if problem.choices.in_stock_only:
        model.bound(doses.sums[Level.STOCK], high=0)


def _add_used(doses: Doses, problem: Problem) -> None:
    """Add what units a day say of the moments: each product needs some of its own, and each has a bound."""
    model, day = doses.model, problem.day
    for moment in problem.moments:
        if any(moment.key in room for room in doses.rooms.values()):
            doses.used[moment.key] = model.variable(0, 1)
    doses.sums[Level.MOMENTS] += [(number, 1) for number in doses.used.values()]
    if day.most_moments is not None:
        model.bound(doses.sums[Level.MOMENTS], high=day.most_moments)
    for key, number in doses.units.items():
        rooms = doses.rooms[key].items()
        model.bound([(number, 1), *((doses.used[at], -high) for at, (_, high) in rooms)], high=0)
    if day.most_units_a_moment is None:
        return
    sizes = range(1, len(doses.used) + 1) if len(doses.used) <= _FEW_MOMENTS else (1, len(doses.used))
    for size in sizes:
        for some in combinations(doses.used, size):
            inside = [(doses.units[key], 1) for key, room in doses.rooms.items() if room.keys() <= set(some)]
            model.bound([*inside, *((doses.used[at], -day.most_units_a_moment) for at in some)], high=0)


def _add_never_together(doses: Doses, problem: Problem) -> None:
    """Add which products cannot both be taken on a day, and that two that are kept apart need two moments."""
    for first, second, minutes in separated(problem, frozenset(doses.units)):
        far = far_enough(problem, minutes)
        for one, other in product_of(first, second):
            both = [(doses.chosen[one], 1), (doses.chosen[other], 1)]
            if any((here, there) in far for here in doses.rooms[one] for there in doses.rooms[other]):
                doses.model.bound([*both, *((number, -1) for number in doses.used.values())], high=0)
            else:
                doses.model.bound(both, high=1)


def far_enough(problem: Problem, minutes: int) -> frozenset[tuple[str, str]]:
    """Return the pairs of moments, either way round, that are at least so many minutes apart."""
    return frozenset(
        (here.key, there.key)
        for here in problem.moments
        for there in problem.moments
        if minutes_between(here.minute_of_day, there.minute_of_day) >= minutes
    )


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
