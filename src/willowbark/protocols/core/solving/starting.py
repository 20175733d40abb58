"""What a search begins with: a good plan, and what one that was there before is worth now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, replace

from willowbark.protocols.core.checking import keeps_rules, taken_of
from willowbark.protocols.core.measuring import Taken
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Level, Problem
from willowbark.protocols.core.solving.filling import filled, values_of


def begun(problem: Problem, first: Taken, start: Plan | None) -> Taken:
    """
    Return good decisions, of which nothing is proven: `first`, which keep the rules, or these with as much as
    can be added of `start`, filled up with whatever makes them better.

    `start` may answer another problem and break rules of this one.
    """
    ways = [first] if start is None else [first, _with(problem, first, start)]
    return min((filled(problem, each) for each in ways), key=lambda each: values_of(problem, each))


def _with(problem: Problem, first: Taken, start: Plan) -> Taken:
    """Return `first` with as much of a plan as can be added to it."""
    products = {each.key for each in problem.products}
    known = {key: at for key, at in taken_of(start).items() if key in products}
    rest = {key: at for key, at in known.items() if key not in first}
    for whole in (known, {**first, **rest}):
        if keeps_rules(problem, whole):
            return whole
    kept = dict(first)
    for key, at in rest.items():
        if keeps_rules(problem, {**kept, key: at}):
            kept[key] = at
    return kept


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
