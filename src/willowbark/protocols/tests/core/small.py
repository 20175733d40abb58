"""Small problems of every kind, and the answer to them by trying everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product as every
from typing import Any

from hypothesis import strategies as st

from willowbark.protocols.core.checking import broken_rules, values_of_levels
from willowbark.protocols.core.plan import LevelValue, Plan, Solver, Status
from willowbark.protocols.core.problem import USUAL_LEVELS, Level, Locked, Problem, from_document
from willowbark.protocols.core.writing import write_plan

Taken = Mapping[str, Mapping[str, int]]
_CLOCK = (("waking", 390), ("noon", 720), ("dinner", 1110), ("bedtime", 1380))
# More assignments than this take too long to try.
_MOST_TRIED = 500


def whole(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


@st.composite
def small_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return the plain values of a problem that can be answered by trying everything."""
    moments = [key for key, _ in _CLOCK[: draw(whole(1, 3))]]
    names = ["iron", "zinc", "calcium"][: draw(whole(1, 3))]
    keys = ["a", "b", "c", "d"][: draw(whole(1, 4))]
    several = draw(st.booleans())
    some_products = st.lists(st.sampled_from(keys), unique=True, max_size=len(keys))
    sure_products = st.lists(st.sampled_from(keys), unique=True, min_size=1, max_size=len(keys))
    because = st.lists(st.sampled_from(["fact:1", "fact:2"]), max_size=2)

    def maybe(least: int, most: int) -> int | None:
        return draw(st.none() | whole(least, most))

    products: list[dict[str, Any]] = []
    tried = 1
    for key in keys:
        at = draw(st.lists(st.sampled_from(moments), unique=True, min_size=1, max_size=len(moments)))
        most = draw(whole(1, 2 if several else 1))
        if tried * (most + 1) ** len(moments) > _MOST_TRIED:
            keys = keys[: len(products)]
            break
        tried *= (most + 1) ** len(moments)
        products.append(
            {
                "key": key,
                "name": key.upper(),
                "rank": draw(whole(0, 3)),
                "unit_name": "capsule",
                "units_per_container": draw(whole(1, 8)),
                "container_cents": draw(whole(0, 9)),
                "stock_containers": draw(whole(0, 4)),
                "most_units_a_day": draw(whole(1, 4)),
                "most_units_a_moment": most,
                "moments": at,
                "amounts": draw(
                    st.dictionaries(st.sampled_from(names), whole(1, 9), min_size=1, max_size=len(names))
                ),
            }
        )

    def known(chosen: list[str]) -> list[str]:
        return [key for key in chosen if key in keys]

    targets = []
    for n in range(draw(whole(0, 3))):
        least = draw(whole(0, 12))
        aim = least + draw(whole(0 if least else 1, 6))
        targets.append(
            {
                "key": f"target:{n}",
                "ingredient": draw(st.sampled_from(names)),
                "layer": draw(st.sampled_from(["foundation", "targeted"])),
                "least": least,
                "aim": aim,
                "most": draw(st.none() | whole(aim, aim + 8)),
                "protocol": "",
                "because": draw(because),
            }
        )
    pairs = [(key, moment) for key in keys for moment in moments]
    locked = draw(st.dictionaries(st.sampled_from(pairs), whole(0, 2), max_size=2))
    return {
        "format": "willowbark.problem/1",
        "days": draw(whole(1, 9)),
        "moments": [
            {"key": key, "name": key, "minute_of_day": minute, "with_food": False}
            for key, minute in _CLOCK
            if key in moments
        ],
        "day": {
            "most_units": maybe(0, 6),
            "most_units_a_moment": maybe(0, 4),
            "most_moments": maybe(0, 3),
            "most_products": maybe(0, 3),
            "most_cost_cents": maybe(0, 60),
        },
        "ingredients": [
            {"key": name, "name": name, "unit": "mg", "taken_a_day": draw(whole(0, 4))} for name in names
        ],
        "targets": targets,
        "limits": [
            {
                "key": f"limit:{n}",
                "ingredients": draw(st.lists(st.sampled_from(names), unique=True, min_size=1)),
                "most": draw(whole(0, 25)),
                "counts_taken": draw(st.booleans()),
                "because": draw(because),
            }
            for n in range(draw(whole(0, 2)))
        ],
        "bans": [
            {"key": f"ban:{key}", "product": key, "because": draw(because)}
            for key in known(draw(some_products))[:1]
        ],
        "moment_bans": [
            {"key": f"then:{key}", "product": key, "moment": draw(st.sampled_from(moments)), "because": []}
            for key in known(draw(some_products))[:2]
        ],
        "apart": [
            {
                "key": f"apart:{n}",
                "first_products": known(draw(sure_products)) or keys[:1],
                "second_products": known(draw(sure_products)) or keys[:1],
                "minutes": draw(st.sampled_from([1, 240, 360, 400, 720, 1000])),
                "because": [],
            }
            for n in range(draw(whole(0, 2)))
        ],
        "cautions": [
            {"key": f"caution:{key}", "product": key, "burden": draw(whole(1, 3)), "because": []}
            for key in known(draw(some_products))
        ],
        "products": products,
        "choices": {
            "locked": [{"product": key, "moment": at, "units": n} for (key, at), n in locked.items()],
            "excluded": known(draw(some_products))[:1],
            "included": known(draw(some_products))[:1],
            "in_stock_only": draw(st.booleans()) and draw(st.booleans()),
        },
        "levels": draw(
            st.permutations([str(level) for level in Level]).flatmap(
                lambda order: st.sampled_from(
                    [[str(each) for each in USUAL_LEVELS], order, order[:2], order[:5]]
                )
            )
        ),
        "current": draw(st.dictionaries(st.sampled_from(keys), whole(0, 3), max_size=2)),
    }


small_problems = small_documents().map(from_document)


@st.composite
def decided_otherwise(draw: st.DrawFn) -> tuple[Problem, Problem]:
    """Return a problem, and the same after one more thing was decided: a ban, a lock, a bound, an order."""
    problem = draw(small_problems)
    choices, day = problem.choices, problem.day
    key = draw(st.sampled_from([each.key for each in problem.products]))
    moment = draw(st.sampled_from([each.key for each in problem.moments]))
    others = tuple(each for each in choices.locked if (each.product, each.moment) != (key, moment))
    order = draw(st.permutations(list(Level)))
    return problem, draw(
        st.sampled_from(
            [
                replace(problem, choices=replace(choices, excluded=tuple({*choices.excluded, key}))),
                replace(problem, choices=replace(choices, included=tuple({*choices.included, key}))),
                replace(
                    problem,
                    choices=replace(choices, locked=(*others, Locked(key, moment, draw(whole(0, 2))))),
                ),
                replace(problem, choices=replace(choices, in_stock_only=not choices.in_stock_only)),
                replace(problem, day=replace(day, most_cost_cents=draw(whole(0, 60)))),
                replace(problem, day=replace(day, most_units=draw(whole(0, 6)))),
                replace(problem, levels=tuple(order)),
            ]
        )
    )


def assignments(problem: Problem) -> Iterator[Taken]:
    """Yield all ways to take units up to a label's bound at any moment, or as many as are locked."""
    locked = {(lock.product, lock.moment): lock.units for lock in problem.choices.locked}
    places = [(each, moment.key) for each in problem.products for moment in problem.moments]
    choices = [
        sorted({*range(product.most_units_a_moment + 1), locked.get((product.key, moment), 0)})
        for product, moment in places
    ]
    for units in every(*choices):
        taken: dict[str, dict[str, int]] = {}
        for (product, moment), number in zip(places, units, strict=True):
            if number:
                taken.setdefault(product.key, {})[moment] = number
        yield taken


def as_plan(problem: Problem, taken: Taken) -> Plan:
    """Return decisions written down as if they were proven."""
    bare = write_plan(problem, taken, solver=Solver("tried", "1"), status=Status.PROVEN, levels=())
    values = values_of_levels(problem, bare)
    levels = tuple(LevelValue(level, value, value) for level, value in values.items())
    return write_plan(problem, taken, solver=Solver("tried", "1"), status=Status.PROVEN, levels=levels)


def best_by_trying(problem: Problem) -> Plan | None:
    """Return the answer that trying everything finds, or None when nothing keeps the rules."""
    possible = [
        (plan, taken)
        for taken in assignments(problem)
        if not broken_rules(problem, plan := as_plan(problem, taken))
    ]
    return min(possible, key=lambda each: _order(problem, *each), default=(None, {}))[0]


def _order(problem: Problem, plan: Plan, taken: Taken) -> tuple[object, ...]:
    """Return what is compared: levels, then less of what is ranked worst, then as early as can be."""
    best_first = sorted(problem.products, key=lambda each: (each.rank, each.key))
    return (
        [each.value for each in plan.levels],
        [sum(taken.get(each.key, {}).values()) for each in reversed(best_first)],
        [-taken.get(each.key, {}).get(at.key, 0) for each in best_first for at in problem.moments],
    )
