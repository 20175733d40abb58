"""Read a problem: bytes or plain values in, a sound canonical `Problem` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from willowbark.protocols.core.documents import BadDocument, built, hold_against, values_of
from willowbark.protocols.core.problem.parts import Problem
from willowbark.protocols.core.problem.soundness import faults


class BadProblem(BadDocument):
    """What was given is not a sound problem. `field` is the JSON path of what is wrong."""

    code = "bad_problem"


def parse(data: bytes) -> Problem:
    """
    Return the problem that a file says; keys and lists may come in any order.

    Raises:
        BadProblem: for any bytes that are not a sound problem, saying what is wrong and where.
    """
    try:
        values = values_of(data)
    except BadDocument as error:
        raise BadProblem.of(error) from error
    return from_document(values)


def from_document(values: Mapping[str, Any]) -> Problem:
    """
    Return the problem that plain values of the documented shape say.

    Raises:
        BadProblem: as `parse`.
    """
    try:
        hold_against("problem", values)
    except BadDocument as error:
        raise BadProblem.of(error) from error
    return sound(values)


def sound(values: Mapping[str, Any]) -> Problem:
    """
    Return the problem that values say whose shape is known to be the documented one.

    Raises:
        BadProblem: naming what does not fit together.
    """
    try:
        problem = built(Problem, values)
        for path, message in faults(problem):
            raise BadDocument(message, field=path)
        found = canonical(problem)
        found.to_bytes()
        return found
    except UnicodeEncodeError as error:
        raise BadProblem("a text has half of a character in it (a lone surrogate)", field="$") from error
    except BadDocument as error:
        raise BadProblem.of(error) from error


def canonical(problem: Problem) -> Problem:
    """Return the same problem with its lists in the one order: moments by the clock, the rest by key."""
    place = {each.key: (each.minute_of_day, each.key) for each in problem.moments}
    choices = problem.choices
    return replace(
        problem,
        moments=tuple(sorted(problem.moments, key=lambda each: place[each.key])),
        ingredients=tuple(sorted(problem.ingredients, key=lambda each: each.key)),
        targets=_ordered(problem.targets),
        limits=tuple(
            replace(each, ingredients=tuple(sorted(each.ingredients))) for each in _ordered(problem.limits)
        ),
        bans=_ordered(problem.bans),
        moment_bans=_ordered(problem.moment_bans),
        apart=tuple(
            replace(
                each,
                first_products=tuple(sorted(each.first_products)),
                second_products=tuple(sorted(each.second_products)),
            )
            for each in _ordered(problem.apart)
        ),
        cautions=_ordered(problem.cautions),
        products=tuple(
            replace(
                each,
                moments=tuple(sorted(each.moments, key=place.__getitem__)),
                amounts=_sorted(each.amounts),
            )
            for each in sorted(problem.products, key=lambda each: each.key)
        ),
        choices=replace(
            choices,
            locked=tuple(sorted(choices.locked, key=lambda each: (each.product, place[each.moment]))),
            excluded=tuple(sorted(choices.excluded)),
            included=tuple(sorted(choices.included)),
        ),
        current=_sorted(problem.current),
    )


def _sorted(values: Mapping[str, int]) -> dict[str, int]:
    return {key: values[key] for key in sorted(values)}


def _ordered(rules: Any) -> Any:
    """Return rules by key, each with its reasons sorted and once."""
    return tuple(
        # Most rules have one reason, and need not be made anew.
        each if len(each.because) == 1 else replace(each, because=tuple(sorted(set(each.because))))
        for each in sorted(rules, key=lambda each: each.key)
    )
