"""Write down decisions as a plan, with all that follows from them."""

from __future__ import annotations

from willowbark.protocols.core.measuring import Taken, containers_for, given_a_day
from willowbark.protocols.core.plan import (
    FORMAT,
    LevelValue,
    LimitResult,
    Line,
    Plan,
    Reached,
    Solver,
    Status,
    Taking,
    TargetResult,
    Totals,
)
from willowbark.protocols.core.problem import Limit, Problem, Product, Target


def write_plan(
    problem: Problem, taken: Taken, *, solver: Solver, status: Status, levels: tuple[LevelValue, ...]
) -> Plan:
    """Return the plan of these decisions."""
    given = given_a_day(problem, taken)
    lines = tuple(_line(problem, each, taken) for each in problem.products if taken.get(each.key))
    return Plan(
        format=FORMAT,
        problem_sha256=problem.sha256,
        solver=solver,
        status=status,
        levels=levels,
        lines=lines,
        targets=tuple(_target(problem, each, given) for each in problem.targets),
        limits=tuple(_limit(problem, each, given) for each in problem.limits),
        totals=Totals(
            units_a_day=sum(each.units_a_day for each in lines),
            moments=len({at.moment for each in lines for at in each.moments}),
            products=len(lines),
            cost_cents=sum(each.containers * each.container_cents for each in lines),
        ),
        cautions=tuple(each.key for each in problem.cautions if taken.get(each.product)),
        clash=(),
    )


def _line(problem: Problem, product: Product, taken: Taken) -> Line:
    at = taken[product.key]
    units = sum(at.values())
    containers = containers_for(problem.days, units, product)
    return Line(
        product=product.key,
        moments=tuple(Taking(each.key, at[each.key]) for each in problem.moments if each.key in at),
        units_a_day=units,
        containers=containers,
        container_cents=product.container_cents,
        from_stock_containers=min(containers, product.stock_containers),
        days_of_supply=containers * product.units_per_container // units,
        amounts={key: amount * units for key, amount in product.amounts.items()},
    )


def _target(problem: Problem, target: Target, given: dict[str, int]) -> TargetResult:
    beside = next(each.taken_a_day for each in problem.ingredients if each.key == target.ingredient)
    total = given[target.ingredient] + beside
    reached = Reached.SHORT
    if total >= target.least:
        reached = Reached.AIM if total >= target.aim else Reached.LEAST
    return TargetResult(
        key=target.key,
        given=given[target.ingredient],
        taken=beside,
        reached=reached,
        shortfall_to_least=max(0, target.least - total),
        shortfall_to_aim=max(0, target.aim - total),
    )


def _limit(problem: Problem, limit: Limit, given: dict[str, int]) -> LimitResult:
    beside = sum(each.taken_a_day for each in problem.ingredients if each.key in limit.ingredients)
    total = sum(given[key] for key in limit.ingredients) + (beside if limit.counts_taken else 0)
    return LimitResult(key=limit.key, total=total, most=limit.most)
