"""
The demands of a problem by name, and the problem with some of them left out.

A rule's name is its key. The others are `day:BOUND`, `in_stock_only`, `label:PRODUCT` (what the label
allows), `excluded:PRODUCT`, `included:PRODUCT` and `locked:PRODUCT:MOMENT`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace

from willowbark.protocols.core.problem import Day, Problem, Product
from willowbark.protocols.core.solving.doses import forced_products


def demands_of(problem: Problem) -> tuple[str, ...]:
    """Return the names of all demands: bounds and rules first, the practitioner's choices last."""
    choices = problem.choices
    return (
        *(f"day:{each.name}" for each in fields(Day) if getattr(problem.day, each.name) is not None),
        *(each.key for each in problem.targets if each.most is not None),
        *(each.key for each in problem.limits),
        *(each.key for each in problem.apart),
        *(each.key for each in problem.moment_bans),
        *(f"label:{key}" for key in sorted(forced_products(problem))),
        *(each.key for each in problem.bans),
        *(("in_stock_only",) if choices.in_stock_only else ()),
        *(f"excluded:{key}" for key in choices.excluded),
        *(f"locked:{each.product}:{each.moment}" for each in choices.locked),
        *(f"included:{key}" for key in choices.included),
    )


def with_only(problem: Problem, kept: Collection[str]) -> Problem:
    """Return the problem in which only the demands of these names hold."""
    choices = problem.choices
    bounds = {
        each.name: getattr(problem.day, each.name) if f"day:{each.name}" in kept else None
        for each in fields(Day)
    }
    return replace(
        problem,
        day=Day(**bounds),
        targets=tuple(each if each.key in kept else replace(each, most=None) for each in problem.targets),
        limits=tuple(each for each in problem.limits if each.key in kept),
        bans=tuple(each for each in problem.bans if each.key in kept),
        moment_bans=tuple(each for each in problem.moment_bans if each.key in kept),
        apart=tuple(each for each in problem.apart if each.key in kept),
        products=tuple(
            each if f"label:{each.key}" in kept else _without_label(each, problem)
            for each in problem.products
        ),
        choices=replace(
            choices,
            locked=tuple(each for each in choices.locked if f"locked:{each.product}:{each.moment}" in kept),
            excluded=tuple(key for key in choices.excluded if f"excluded:{key}" in kept),
            included=tuple(key for key in choices.included if f"included:{key}" in kept),
            in_stock_only=choices.in_stock_only and "in_stock_only" in kept,
        ),
    )


def _without_label(product: Product, problem: Problem) -> Product:
    """Return a product that must be chosen as if its label allowed what is locked of it, at any moment."""
    if product.key not in forced_products(problem):
        return product
    locked = [each.units for each in problem.choices.locked if each.product == product.key]
    return replace(
        product,
        most_units_a_day=max(product.most_units_a_day, sum(locked)),
        most_units_a_moment=max(product.most_units_a_moment, *locked, 0),
        moments=tuple(each.key for each in problem.moments),
    )
