"""The checker finds every kind of broken rule and every wrong word of a plan."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.protocols.core.checking import broken_rules, taken_of
from willowbark.protocols.core.plan import Plan, Status, Taking
from willowbark.protocols.core.problem import Problem, from_document
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.solving.demands import demands_of, with_only
from willowbark.protocols.tests.core.small import as_plan, assignments, small_problems

MOMENTS = [
    {"key": "breakfast", "name": "Breakfast", "minute_of_day": 450, "with_food": True},
    {"key": "dinner", "name": "Dinner", "minute_of_day": 1110, "with_food": True},
]
DOCUMENT: dict[str, Any] = {
    "format": "willowbark.problem/1",
    "days": 30,
    "moments": MOMENTS,
    "day": dict.fromkeys(
        ("most_units", "most_units_a_moment", "most_moments", "most_products", "most_cost_cents")
    ),
    "ingredients": [
        {"key": "iron", "name": "Iron", "unit": "mg", "taken_a_day": 5},
        {"key": "zinc", "name": "Zinc", "unit": "mg", "taken_a_day": 0},
    ],
    "targets": [],
    "limits": [],
    "bans": [],
    "moment_bans": [],
    "apart": [],
    "cautions": [],
    "products": [
        {
            "key": key,
            "name": key,
            "rank": 1,
            "unit_name": "capsule",
            "units_per_container": 30,
            "container_cents": 1000,
            "stock_containers": 2,
            "most_units_a_day": 3,
            "most_units_a_moment": 2,
            "moments": ["breakfast", "dinner"],
            "amounts": {ingredient: 10},
        }
        for key, ingredient in (("a", "iron"), ("b", "zinc"))
    ],
    "choices": {"locked": [], "excluded": [], "included": [], "in_stock_only": False},
    "levels": ["units"],
    "current": {},
}
TAKEN = {"a": {"breakfast": 2}, "b": {"breakfast": 1, "dinner": 1}}
TARGET = {
    "key": "t",
    "ingredient": "iron",
    "layer": "foundation",
    "least": 1,
    "aim": 2,
    "protocol": "",
    "because": [],
}
LIMIT = {"key": "l", "ingredients": ["iron", "zinc"], "because": []}
APART = {"key": "x", "first_products": ["a"], "second_products": ["b"], "because": []}


def broken(changes: dict[str, Any]) -> list[str]:
    """Return the names of rules that TAKEN breaks, by the problem with these changes."""
    made = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        *holders, last = path.split(".")
        holder: Any = made
        for name in holders:
            holder = holder[int(name) if name.isdigit() else name]
        holder[last] = value
    problem = from_document(made)
    return [each.rsplit(": ", 1)[0] for each in broken_rules(problem, as_plan(problem, TAKEN))]


@pytest.mark.parametrize(
    ("kept", "breaking", "name"),
    [
        ({"products.0.most_units_a_day": 2}, {"products.0.most_units_a_day": 1}, "a"),
        ({"products.0.most_units_a_moment": 2}, {"products.0.most_units_a_moment": 1}, "a"),
        ({"products.0.moments": ["breakfast"]}, {"products.0.moments": ["dinner"]}, "a"),
        (
            {"limits": [{**LIMIT, "most": 45, "counts_taken": True}]},
            {"limits": [{**LIMIT, "most": 44, "counts_taken": True}]},
            "l",
        ),
        (
            {"limits": [{**LIMIT, "most": 40, "counts_taken": False}]},
            {"limits": [{**LIMIT, "most": 39, "counts_taken": False}]},
            "l",
        ),
        ({"targets": [{**TARGET, "most": 25}]}, {"targets": [{**TARGET, "most": 24}]}, "t"),
        (
            {"apart": [{**APART, "minutes": 1}], "choices.excluded": []},
            {"bans": [{"key": "n", "product": "a", "because": []}]},
            "n",
        ),
        (
            {"moment_bans": [{"key": "n", "product": "a", "moment": "dinner", "because": []}]},
            {"moment_bans": [{"key": "n", "product": "a", "moment": "breakfast", "because": []}]},
            "n",
        ),
        ({"choices.included": ["a"]}, {"choices.excluded": ["a"]}, "excluded:a"),
        (
            {"choices.locked": [{"product": "a", "moment": "dinner", "units": 0}]},
            {"choices.locked": [{"product": "a", "moment": "dinner", "units": 1}]},
            "locked:a:dinner",
        ),
        ({"choices.in_stock_only": True}, {"choices.in_stock_only": True, "days": 31}, "in_stock_only"),
        ({"day.most_units": 4}, {"day.most_units": 3}, "day:most_units"),
        ({"day.most_units_a_moment": 3}, {"day.most_units_a_moment": 2}, "day:most_units_a_moment"),
        ({"day.most_moments": 2}, {"day.most_moments": 1}, "day:most_moments"),
        ({"day.most_products": 2}, {"day.most_products": 1}, "day:most_products"),
        ({"day.most_cost_cents": 4000}, {"day.most_cost_cents": 3999}, "day:most_cost_cents"),
    ],
)
def test_each_rule_is_held_up_to_its_bound_and_no_further(
    kept: dict[str, Any], breaking: dict[str, Any], name: str
) -> None:
    if "apart" not in kept:
        assert broken(kept) == []
    assert {each.split(": ")[0] for each in broken(breaking)} == {name}


def test_included_and_missing() -> None:
    problem = from_document({**DOCUMENT, "choices": {**DOCUMENT["choices"], "included": ["b"]}})
    assert broken_rules(problem, as_plan(problem, {"a": {"dinner": 1}})) == (
        "included:b: it is not in the plan",
    )


@pytest.mark.parametrize(
    ("taken", "minutes", "is_kept"),
    [
        ({"a": {"breakfast": 1}, "b": {"dinner": 1}}, 660, True),
        ({"a": {"breakfast": 1}, "b": {"dinner": 1}}, 661, False),
        ({"a": {"breakfast": 1}, "b": {"breakfast": 1}}, 1, False),
        ({"a": {"breakfast": 1}}, 1440, True),
    ],
)
def test_minutes_apart(taken: dict[str, dict[str, int]], minutes: int, is_kept: bool) -> None:
    problem = from_document({**DOCUMENT, "apart": [{**APART, "minutes": minutes}]})
    assert (broken_rules(problem, as_plan(problem, taken)) == ()) is is_kept


def test_minutes_are_counted_round_the_clock() -> None:
    late = {"key": "late", "name": "Late", "minute_of_day": 1380, "with_food": False}
    early = {"key": "early", "name": "Early", "minute_of_day": 360, "with_food": False}
    made = copy.deepcopy(DOCUMENT)
    made.update(moments=[late, early], apart=[{**APART, "minutes": 421}])
    for each in made["products"]:
        each["moments"] = ["late", "early"]
    problem = from_document(made)
    (sentence,) = broken_rules(problem, as_plan(problem, {"a": {"late": 1}, "b": {"early": 1}}))
    assert "420 minutes apart" in sentence


def test_a_product_in_both_lists_need_not_keep_apart_from_itself() -> None:
    rule = {**APART, "first_products": ["a", "b"], "second_products": ["b"], "minutes": 100}
    problem = from_document({**DOCUMENT, "apart": [rule]})
    assert broken_rules(problem, as_plan(problem, {"b": {"breakfast": 1, "dinner": 1}})) == ()
    assert broken_rules(problem, as_plan(problem, {"a": {"dinner": 1}, "b": {"breakfast": 1}})) == ()


PROBLEM = from_document(
    {
        **DOCUMENT,
        "targets": [{**TARGET, "most": None}],
        "limits": [{**LIMIT, "most": 99, "counts_taken": True}],
    }
)
PLAN = as_plan(PROBLEM, TAKEN)
LINE = PLAN.lines[0]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PLAN, problem_sha256="0" * 64),
        replace(PLAN, levels=()),
        replace(PLAN, levels=(replace(PLAN.levels[0], value=3, bound=3),)),
        replace(PLAN, levels=(replace(PLAN.levels[0], bound=3),)),
        replace(PLAN, status=Status.UNPROVEN, levels=(replace(PLAN.levels[0], bound=5),)),
        replace(PLAN, lines=(LINE, LINE)),
        replace(PLAN, lines=(replace(LINE, product="c"),)),
        replace(PLAN, lines=(replace(LINE, moments=()),)),
        replace(PLAN, lines=(replace(LINE, moments=(Taking("tea", 1),)),)),
        replace(PLAN, lines=(replace(LINE, moments=(Taking("dinner", 0),)),)),
        replace(PLAN, lines=(replace(LINE, moments=LINE.moments * 2),)),
        replace(PLAN, lines=(replace(LINE, units_a_day=1), *PLAN.lines[1:])),
        replace(PLAN, lines=(replace(LINE, containers=1), *PLAN.lines[1:])),
        replace(PLAN, lines=(replace(LINE, container_cents=1), *PLAN.lines[1:])),
        replace(PLAN, lines=(replace(LINE, from_stock_containers=1), *PLAN.lines[1:])),
        replace(PLAN, lines=(replace(LINE, days_of_supply=1), *PLAN.lines[1:])),
        replace(PLAN, lines=(replace(LINE, amounts={}), *PLAN.lines[1:])),
        replace(PLAN, targets=()),
        replace(PLAN, limits=()),
        replace(PLAN, limits=(replace(PLAN.limits[0], total=1),)),
        replace(PLAN, cautions=("c",)),
        replace(PLAN, totals=replace(PLAN.totals, cost_cents=1)),
        replace(PLAN, clash=("l",)),
        replace(PLAN, status=Status.INFEASIBLE),
        replace(PLAN, status=Status.INFEASIBLE, clash=("l",)),
    ],
)
def test_whatever_a_plan_says_wrongly_is_found(wrong: Plan) -> None:
    assert broken_rules(PROBLEM, PLAN) == ()
    assert broken_rules(PROBLEM, wrong)


@given(small_problems, st.data())
def test_a_plan_is_good_exactly_if_every_demand_alone_lets_it_pass(
    problem: Problem, data: st.DataObject
) -> None:
    taken = data.draw(st.sampled_from(list(assignments(problem))))
    good = not broken_rules(problem, as_plan(problem, taken))
    labels = {f"label:{each.key}" for each in problem.products}
    alone = [with_only(problem, labels | {name}) for name in demands_of(problem)]
    if all(not broken_rules(each, as_plan(each, taken)) for each in alone):
        bare = with_only(problem, labels)
        assert good == (not broken_rules(bare, as_plan(bare, taken)))
    else:
        assert not good


@given(small_problems)
def test_what_the_solver_decides_is_read_back_from_its_plan(problem: Problem) -> None:
    plan = solve(problem)
    assert {key: sum(at.values()) for key, at in taken_of(plan).items()} == {
        line.product: line.units_a_day for line in plan.lines
    }
