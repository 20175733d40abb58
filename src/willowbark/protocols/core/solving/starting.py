"""What a plan that was there before is worth when something is decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace

from willowbark.protocols.core.checking import keeps_rules, taken_of
from willowbark.protocols.core.measuring import Taken, level_values
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Level, Problem


def fitted(problem: Problem, first: Taken, start: Plan) -> Taken:
    """
    Return the better of `first`, decisions that keep the rules, and as much of `start` as can be added to it.

    `start` may answer another problem and break rules of this one.
    """
    products = {each.key for each in problem.products}
    known = {key: at for key, at in taken_of(start).items() if key in products}
    rest = {key: at for key, at in known.items() if key not in first}
    for whole in (known, {**first, **rest}):
        if keeps_rules(problem, whole):
            return _better(problem, first, whole)
    kept = dict(first)
    for key, at in rest.items():
        if keeps_rules(problem, {**kept, key: at}):
            kept[key] = at
    return _better(problem, first, kept)


def floor_of(problem: Problem, start: Plan, of: Problem) -> Mapping[Level, int] | None:
    """
    Return the values that no plan of the problem is better than, level by level; None when nothing is known.

    They are those of `start`, the answer to `of`, if it is proven and this problem only adds decisions
    to that one or tightens what a day may hold.
    """
    if start.status is not Status.PROVEN or not narrows(problem, of):
        return None
    return {each.key: each.value for each in start.levels}


def narrows(problem: Problem, of: Problem) -> bool:
    """Whether levels are the same, and every plan that keeps the problem's rules keeps those of the other."""
    now, before = problem.choices, of.choices
    return (
        replace(problem, choices=before, day=of.day) == of
        and set(before.locked) <= set(now.locked)
        and set(before.excluded) <= set(now.excluded)
        and set(before.included) <= set(now.included)
        and before.in_stock_only <= now.in_stock_only
        and all(
            bound is None or (most is not None and most <= bound)
            for most, bound in zip(astuple(problem.day), astuple(of.day), strict=True)
        )
    )


def _better(problem: Problem, one: Taken, other: Taken) -> Taken:
    values = [(level_values(problem, each), each) for each in (one, other)]
    return min(values, key=lambda each: [each[0][level] for level in problem.levels])[1]
