"""
Which of equally good plans is the answer, so that there is only one.

First by doses: products are compared from the worst ranked to the best (by `rank`, then by key), and the
first in which two plans differ decides for the one with fewer units. Then by moments: products from the best
ranked on, moments by the clock, and the first difference decides for the one with more units at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.solving.doses import Doses
from willowbark.protocols.core.solving.linear import Model, Terms
from willowbark.protocols.core.solving.timing import Timing

# Decisions asked for at once are digits of one number below this.
_LARGEST_NUMBER = 2**40


def best_ranked_first(problem: Problem) -> list[str]:
    """Return the keys of all products in the order of preference."""
    return [each.key for each in sorted(problem.products, key=lambda each: (each.rank, each.key))]


def less_of_the_worst_ranked(problem: Problem, doses: Doses, units: Mapping[str, int]) -> tuple[Model, Terms]:
    """
    Return a model of whatever is preferred to `units`, and a sum that is smaller the earlier it differs.

    Exactly one product is the first to differ, and has fewer units than now; those before it have as many.
    """
    model = doses.model.copy()
    firsts: list[tuple[int, int]] = []
    for key in (key for key in reversed(best_ranked_first(problem)) if key in doses.units):
        number, now = doses.units[key], units[key]
        low, high = doses.model.lows[number], doses.model.highs[number]
        before = [first for first, _ in firsts]
        if now < high:  # no more than now, unless one before it differs
            model.bound([(number, 1), *((first, now - high) for first in before)], high=now)
        if now > low:
            first = model.variable(0, 1)
            firsts.append((first, len(firsts) + 1))
            model.bound([(number, 1), (first, high - now + 1)], high=high)
            model.bound([(number, 1), *((each, now - low) for each, _ in firsts)], low=now)
    model.bound([(first, 1) for first, _ in firsts], low=1, high=1)
    return model, firsts


def as_early_as_can_be(problem: Problem, timing: Timing) -> Iterator[Terms]:
    """Yield sums that, made smallest one after the other, settle every decision about moments."""
    terms: list[tuple[int, int]] = []
    span = 1
    for key in best_ranked_first(problem):
        for moment in problem.moments:
            number = timing.units.get((key, moment.key))
            if number is None:
                continue
            size = timing.model.highs[number] - timing.model.lows[number] + 1
            if span * size > _LARGEST_NUMBER:
                yield terms
                terms, span = [], 1
            terms = [*((each, weight * size) for each, weight in terms), (number, -1)]
            span *= size
    if terms:
        yield terms
