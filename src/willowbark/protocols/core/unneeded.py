"""Why a product that could be taken is not in the plan, without composing another one to compare."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.knowledge.core.wording import listed
from willowbark.protocols.core.plan import Plan
from willowbark.protocols.core.problem import Problem, Product


def why_unneeded(problem: Problem, plan: Plan, product: Product) -> tuple[str, ...]:
    """At least one sentence about a product of the problem that the plan does not give."""
    return tuple(_said(problem, plan, product)) or ("It holds nothing that is wanted here.",)


def _said(problem: Problem, plan: Plan, product: Product) -> Iterator[str]:
    names = {each.key: each.name for each in problem.ingredients}
    taken = {each.key: each.taken_a_day for each in problem.ingredients}
    given = {
        key: taken[key] + sum(line.amounts.get(key, 0) for line in plan.lines) for key in product.amounts
    }
    aims: dict[str, int] = {}
    for target in problem.targets:
        if target.ingredient in product.amounts:
            aims[target.ingredient] = max(target.aim, aims.get(target.ingredient, 0))
    already = [key for key, aim in aims.items() if taken[key] >= aim]
    reached = [key for key, aim in aims.items() if taken[key] < aim <= given[key]]
    short = [key for key, aim in aims.items() if given[key] < aim]
    if already:
        yield f"{_are(names, already)} reached already by what is taken."
    if reached:
        by = [
            each.name
            for each in problem.products
            for line in plan.lines
            if line.product == each.key and any(line.amounts.get(key) for key in reached)
        ]
        yield f"{_are(names, reached)} reached with {listed(by)}."
    if short:
        yield f"It would give more {listed([names[key] for key in short])}; the best plan is one without it."


def _are(names: dict[str, str], keys: list[str]) -> str:
    return f"{listed([names[key] for key in keys])} {'is' if len(keys) == 1 else 'are'}"
