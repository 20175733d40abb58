"""
Look at a plan without the solver: does it keep every rule, and is what it says of itself true?

Nothing here is shared with what makes plans but the two documents: it is the second pair of eyes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product as pairs

from willowbark.protocols.core.plan import Line, Plan, Status
from willowbark.protocols.core.problem import Level, Moment, Problem, Product

Taken = Mapping[str, Mapping[str, int]]


def taken_of(plan: Plan) -> Taken:
    """Return the decisions of a plan: units by moment, by product."""
    return {line.product: {at.moment: at.units for at in line.moments} for line in plan.lines}


def broken_rules(problem: Problem, plan: Plan) -> tuple[str, ...]:
    """
    Return one sentence for each rule that the plan breaks and each thing that it says wrongly of itself.

    Empty for a plan that may be relied on, proven or not. For an infeasible one only its form is looked at:
    that no plan exists is the solver's word.
    """
    return tuple(_faults(problem, plan))


def keeps_rules(problem: Problem, taken: Taken) -> bool:
    """Whether decisions about products and moments that the problem has break none of its rules."""
    return next(_broken_by(problem, taken), None) is None


def _faults(problem: Problem, plan: Plan) -> Iterator[str]:
    if plan.problem_sha256 != problem.sha256:
        yield "the plan answers another problem"
        return
    if plan.status is Status.INFEASIBLE:
        if plan.lines or plan.levels or plan.targets or plan.limits or plan.cautions or not plan.clash:
            yield "an infeasible plan holds a clash and nothing else"
        return
    if plan.clash:
        yield "only an infeasible plan has a clash"
    unknown = list(_unknown(problem, plan))
    yield from unknown
    if unknown:
        return
    yield from _broken_by(problem, taken_of(plan))
    yield from _said(problem, plan)


def _broken_by(problem: Problem, taken: Taken) -> Iterator[str]:
    yield from _labels(problem, taken)
    yield from _choices(problem, taken)
    yield from _bans(problem, taken)
    yield from _apart(problem, taken)
    yield from _amounts(problem, taken)
    yield from _day(problem, taken)


def _unknown(problem: Problem, plan: Plan) -> Iterator[str]:
    products = {each.key for each in problem.products}
    moments = {each.key for each in problem.moments}
    lines = Counter(line.product for line in plan.lines)
    for key, number in lines.items():
        if key not in products:
            yield f"{key}: there is no such product"
        if number > 1:
            yield f"{key}: has {number} lines"
    for line in plan.lines:
        at = Counter(each.moment for each in line.moments)
        for key, number in at.items():
            if key not in moments:
                yield f"{line.product}: there is no moment {key}"
            if number > 1:
                yield f"{line.product}: has {key} {number} times"
        if any(each.units < 1 for each in line.moments) or not line.moments:
            yield f"{line.product}: has no units"


def _labels(problem: Problem, taken: Taken) -> Iterator[str]:
    for product in problem.products:
        at = taken.get(product.key, {})
        if sum(at.values()) > product.most_units_a_day:
            yield f"{product.key}: {sum(at.values())} a day, of at most {product.most_units_a_day}"
        for moment, units in at.items():
            if moment not in product.moments:
                yield f"{product.key}: the label does not allow {moment}"
            if units > product.most_units_a_moment:
                yield f"{product.key}: {units} at {moment}, of at most {product.most_units_a_moment}"


def _choices(problem: Problem, taken: Taken) -> Iterator[str]:
    choices = problem.choices
    for lock in choices.locked:
        units = taken.get(lock.product, {}).get(lock.moment, 0)
        if units != lock.units:
            yield f"locked:{lock.product}:{lock.moment}: {units} units instead of {lock.units}"
    for key in choices.excluded:
        if key in taken:
            yield f"excluded:{key}: it is in the plan"
    for key in choices.included:
        if key not in taken:
            yield f"included:{key}: it is not in the plan"
    for product in problem.products if choices.in_stock_only else ():
        needed = _containers(problem, product, taken)
        if needed > product.stock_containers:
            yield f"in_stock_only: {product.key} needs {needed} containers of {product.stock_containers}"


def _containers(problem: Problem, product: Product, taken: Taken) -> int:
    """Return how many containers hold the units of all days."""
    units = problem.days * sum(taken.get(product.key, {}).values())
    whole, rest = divmod(units, product.units_per_container)
    return whole + (1 if rest else 0)


def _bans(problem: Problem, taken: Taken) -> Iterator[str]:
    for ban in problem.bans:
        if ban.product in taken:
            yield f"{ban.key}: {ban.product} is in the plan"
    for moment_ban in problem.moment_bans:
        if moment_ban.moment in taken.get(moment_ban.product, {}):
            yield f"{moment_ban.key}: {moment_ban.product} is taken at {moment_ban.moment}"


def _apart(problem: Problem, taken: Taken) -> Iterator[str]:
    moments = {each.key: each for each in problem.moments}
    for rule in problem.apart:
        for one, other in pairs(rule.first_products, rule.second_products):
            if one == other:
                continue
            for here, there in pairs(taken.get(one, {}), taken.get(other, {})):
                minutes = _minutes_between(moments[here], moments[there])
                if minutes < rule.minutes:
                    yield (
                        f"{rule.key}: {one} at {here} and {other} at {there} are {minutes} minutes apart,"
                        f" of at least {rule.minutes}"
                    )


def _minutes_between(one: Moment, other: Moment) -> int:
    """Return the shorter way round the clock."""
    straight = abs(one.minute_of_day - other.minute_of_day)
    return min(straight, 24 * 60 - straight)


def _totals(problem: Problem, taken: Taken, *, with_taken: bool) -> dict[str, int]:
    total = {each.key: each.taken_a_day if with_taken else 0 for each in problem.ingredients}
    for product in problem.products:
        for units in taken.get(product.key, {}).values():
            for key, amount in product.amounts.items():
                total[key] += amount * units
    return total


def _amounts(problem: Problem, taken: Taken) -> Iterator[str]:
    given = _totals(problem, taken, with_taken=False)
    everything = _totals(problem, taken, with_taken=True)
    for limit in problem.limits:
        counted = everything if limit.counts_taken else given
        total = sum(counted[key] for key in limit.ingredients)
        if total > limit.most:
            yield f"{limit.key}: {total} a day, of at most {limit.most}"
    for target in problem.targets:
        total = everything[target.ingredient]
        if target.most is not None and total > target.most:
            yield f"{target.key}: {total} a day, of at most {target.most}"


def _day(problem: Problem, taken: Taken) -> Iterator[str]:
    day = problem.day
    by_moment = Counter[str]()
    for at in taken.values():
        by_moment.update(at)
    cost = sum(_containers(problem, each, taken) * each.container_cents for each in problem.products)
    for name, value, most in (
        ("most_units", sum(by_moment.values()), day.most_units),
        ("most_units_a_moment", max(by_moment.values(), default=0), day.most_units_a_moment),
        ("most_moments", len(by_moment), day.most_moments),
        ("most_products", len(taken), day.most_products),
        ("most_cost_cents", cost, day.most_cost_cents),
    ):
        if most is not None and value > most:
            yield f"day:{name}: {value}, of at most {most}"


def values_of_levels(problem: Problem, plan: Plan) -> dict[Level, int]:
    """Return what each level of the problem comes to, in its order, counted from the plan's lines alone."""
    taken = taken_of(plan)
    total = _totals(problem, taken, with_taken=True)
    units = {key: sum(at.values()) for key, at in taken.items()}
    chosen = [each for each in problem.products if each.key in taken]
    foundation = targeted = aims = excess = 0
    for target in problem.targets:
        to_least = _short(target.least, total[target.ingredient])
        if target.layer == "foundation":
            foundation += to_least
        else:
            targeted += to_least
        aims += _short(target.aim, total[target.ingredient])
        excess += _above(target.aim, total[target.ingredient])
    stock = cost = 0
    for product in chosen:
        needed = _containers(problem, product, taken)
        stock += max(needed - product.stock_containers, 0)
        cost += needed * product.container_cents
    values = {
        Level.FOUNDATION: foundation,
        Level.TARGETED: targeted,
        Level.AIMS: aims,
        Level.CAUTION: sum(each.burden for each in problem.cautions if each.product in taken),
        Level.STOCK: stock,
        Level.UNITS: sum(units.values()),
        Level.MOMENTS: len({moment for at in taken.values() for moment in at}),
        Level.COST: cost,
        Level.PRODUCTS: len(chosen),
        Level.CHANGE: sum(
            abs(units.get(each.key, 0) - problem.current.get(each.key, 0)) for each in problem.products
        ),
        Level.RANK: sum(each.rank for each in chosen),
        Level.EXCESS: excess,
    }
    return {level: values[level] for level in problem.levels}


def _above(goal: int, total: int) -> int:
    """Return what is beyond the goal in per mille of it, a started one counted whole."""
    if total <= goal:
        return 0
    whole, rest = divmod(1000 * (total - goal), goal)
    return whole + (1 if rest else 0)


def _short(goal: int, total: int) -> int:
    """Return the missing part of the goal in per mille, a started one counted whole."""
    if total >= goal:
        return 0
    whole, rest = divmod(1000 * (goal - total), goal)
    return whole + (1 if rest else 0)


def _said(problem: Problem, plan: Plan) -> Iterator[str]:
    """Yield what the plan says of itself that is not so."""
    taken = taken_of(plan)
    values = values_of_levels(problem, plan)
    if [each.key for each in plan.levels] != list(problem.levels):
        yield "the levels are not those of the problem"
    for each in plan.levels:
        if values.get(each.key, each.value) != each.value:
            yield f"level {each.key}: says {each.value}, is {values[each.key]}"
        if each.bound > each.value or (plan.status is Status.PROVEN and each.bound != each.value):
            yield f"level {each.key}: {each.bound} is no bound of a {plan.status} plan's {each.value}"
    products = {each.key: each for each in problem.products}
    for line in plan.lines:
        if _line_values(problem, products[line.product], taken) != _said_values(line):
            yield f"{line.product}: the line's sums are wrong"
    yield from _said_results(problem, plan)


def _line_values(problem: Problem, product: Product, taken: Taken) -> tuple[object, ...]:
    units = sum(taken[product.key].values())
    containers = _containers(problem, product, taken)
    days = next(
        day
        for day in range(problem.days, 10**9)
        if (day + 1) * units > containers * product.units_per_container
    )
    amounts = {key: amount * units for key, amount in product.amounts.items()}
    on_shelf = containers - max(0, containers - product.stock_containers)
    return units, containers, product.container_cents, on_shelf, days, amounts


def _said_values(line: Line) -> tuple[object, ...]:
    return (
        line.units_a_day,
        line.containers,
        line.container_cents,
        line.from_stock_containers,
        line.days_of_supply,
        dict(line.amounts),
    )


def _said_results(problem: Problem, plan: Plan) -> Iterator[str]:
    taken = taken_of(plan)
    given = _totals(problem, taken, with_taken=False)
    everything = _totals(problem, taken, with_taken=True)
    targets = [
        (
            each.key,
            given[each.ingredient],
            everything[each.ingredient] - given[each.ingredient],
            _reached(each.least, each.aim, everything[each.ingredient]),
            max(each.least - everything[each.ingredient], 0),
            max(each.aim - everything[each.ingredient], 0),
        )
        for each in problem.targets
    ]
    said = [
        (each.key, each.given, each.taken, str(each.reached), each.shortfall_to_least, each.shortfall_to_aim)
        for each in plan.targets
    ]
    if said != targets:
        yield "what it says of the targets is wrong"
    limits = [
        (
            each.key,
            sum((everything if each.counts_taken else given)[key] for key in each.ingredients),
            each.most,
        )
        for each in problem.limits
    ]
    if [(each.key, each.total, each.most) for each in plan.limits] != limits:
        yield "what it says of the limits is wrong"
    if list(plan.cautions) != [each.key for each in problem.cautions if each.product in taken]:
        yield "what it says of the cautions is wrong"
    totals = (
        sum(sum(at.values()) for at in taken.values()),
        len({moment for at in taken.values() for moment in at}),
        len(taken),
        sum(_containers(problem, each, taken) * each.container_cents for each in problem.products),
    )
    if (plan.totals.units_a_day, plan.totals.moments, plan.totals.products, plan.totals.cost_cents) != totals:
        yield "what it says of the totals is wrong"


def _reached(least: int, aim: int, total: int) -> str:
    if total < least:
        return "short"
    return "aim" if total >= aim else "least"
