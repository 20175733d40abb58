"""What a choice of units amounts to: containers, shortfalls, levels. Exact, in plain integers."""

from __future__ import annotations

from collections.abc import Mapping

from willowbark.protocols.core.problem import Layer, Level, Problem, Product

# Units by moment, by product; only products and moments with at least one.
Taken = Mapping[str, Mapping[str, int]]


def containers_for(days: int, units_a_day: int, product: Product) -> int:
    """Return how many whole containers so many units a day need for all days."""
    return -(-days * units_a_day // product.units_per_container)


def given_a_day(problem: Problem, taken: Taken) -> dict[str, int]:
    """Return what the plan gives of each ingredient, a day."""
    given = dict.fromkeys((each.key for each in problem.ingredients), 0)
    for product in problem.products:
        units = sum(taken.get(product.key, {}).values())
        for key, amount in product.amounts.items() if units else ():
            given[key] += amount * units
    return given


def per_mille_short(goal: int, total: int) -> int:
    """Return how much of the goal is missing, in per mille of it, rounded up."""
    return -(-1000 * max(0, goal - total) // goal) if goal else 0


def per_mille_above(goal: int, total: int) -> int:
    """Return how much more than the goal there is, in per mille of it, rounded up."""
    return -(-1000 * max(0, total - goal) // goal)


def level_values(problem: Problem, taken: Taken) -> dict[Level, int]:
    """Return the value of every level, whether or not the problem asks for it."""
    units = {key: sum(at.values()) for key, at in taken.items()}
    chosen = [each for each in problem.products if units.get(each.key)]
    needed = {each.key: containers_for(problem.days, units[each.key], each) for each in chosen}
    beside = {each.key: each.taken_a_day for each in problem.ingredients}
    given = given_a_day(problem, taken)
    total = {key: given[key] + beside[key] for key in given}
    short = {
        layer: sum(
            per_mille_short(each.least, total[each.ingredient])
            for each in problem.targets
            if each.layer is layer
        )
        for layer in Layer
    }
    changed = {*units, *problem.current}
    return {
        Level.FOUNDATION: short[Layer.FOUNDATION],
        Level.TARGETED: short[Layer.TARGETED],
        Level.AIMS: sum(per_mille_short(each.aim, total[each.ingredient]) for each in problem.targets),
        Level.CAUTION: sum(each.burden for each in problem.cautions if units.get(each.product)),
        Level.STOCK: sum(max(0, needed[each.key] - each.stock_containers) for each in chosen),
        Level.UNITS: sum(units.values()),
        Level.MOMENTS: len({moment for at in taken.values() for moment, number in at.items() if number}),
        Level.COST: sum(needed[each.key] * each.container_cents for each in chosen),
        Level.PRODUCTS: len(chosen),
        Level.CHANGE: sum(abs(units.get(key, 0) - problem.current.get(key, 0)) for key in changed),
        Level.RANK: sum(each.rank for each in chosen),
        Level.EXCESS: sum(per_mille_above(each.aim, total[each.ingredient]) for each in problem.targets),
    }
