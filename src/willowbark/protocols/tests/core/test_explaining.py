"""What is said of a plan is so: differences are real, reasons are there, in plain words."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from willowbark.protocols.core.canonical import as_document, to_bytes
from willowbark.protocols.core.explaining import Code, Difference, Explanation, explain
from willowbark.protocols.core.explaining.words import amount_text, difference_text, money_text
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Level, Problem, from_document
from willowbark.protocols.core.solving import solve
from willowbark.protocols.tests.core.invented import practice_problem
from willowbark.protocols.tests.core.small import best_by_trying, small_problems
from willowbark.protocols.tests.core.test_checking import DOCUMENT


@given(small_problems)
def test_differences_are_what_trying_everything_finds(problem: Problem) -> None:
    plan = solve(problem)
    said = explain(problem, plan, deterministic_limit=1000)
    assert said == explain(problem, plan, deterministic_limit=1000)
    if plan.status is Status.INFEASIBLE:
        assert said == Explanation({}, {})
        return
    assert set(said.chosen) == {line.product for line in plan.lines}
    choices = problem.choices
    for key, reason in said.chosen.items():
        other = best_by_trying(replace(problem, choices=replace(choices, excluded=(*choices.excluded, key))))
        if {Code.NEEDED, Code.PREFERRED} & set(reason.codes):
            assert other is not None
            assert_is_first_difference(plan, other, reason.difference)
            assert (Code.NEEDED in reason.codes) == bool(reason.difference)
        else:
            assert other is None
    for key, reason in said.refused.items():
        other = best_by_trying(replace(problem, choices=replace(choices, included=(*choices.included, key))))
        if {Code.WORSE, Code.PREFERRED} & set(reason.codes):
            assert other is not None
            assert_is_first_difference(plan, other, reason.difference)
        else:
            assert other is None
            assert reason.codes
        assert len(reason.sentences) >= 1


def assert_is_first_difference(plan: Plan, other: Plan, differences: tuple[Difference, ...]) -> None:
    said = {each.key: each.more for each in differences}
    differs = {
        ours.key: theirs.value - ours.value
        for ours, theirs in zip(plan.levels, other.levels, strict=True)
        if ours.value != theirs.value
    }
    assert bool(differs) == bool(said)
    if differs:
        first, *_ = differs
        assert differs[first] > 0
        assert list(said.items()) == list(differs.items())[: len(said)]


def explained(product: dict[str, Any] | None = None, **changes: Any) -> Explanation:
    """Return what is said of a problem in which product a serves iron and b holds iron too, of lower rank."""
    made = copy.deepcopy(DOCUMENT)
    made["levels"] = [str(each) for each in Level]
    made["targets"] = [
        {
            "key": "iron_wanted",
            "ingredient": "iron",
            "layer": "foundation",
            "least": 20,
            "aim": 25,
            "most": None,
            "protocol": "p",
            "because": ["trial"],
        }
    ]
    made["products"][1].update({"amounts": {"iron": 5}, "container_cents": 500, **(product or {})})
    for name, value in changes.items():
        made[name] = value
    problem = from_document(made)
    return explain(problem, solve(problem))


def test_a_chosen_product_says_what_it_serves_and_what_it_saves() -> None:
    reason = explained().chosen["a"]
    assert reason.codes == (Code.SERVES, Code.NEEDED)
    assert reason.because == ("trial",)
    assert reason.rules == ("iron_wanted",)
    assert reason.sentences == (
        "Gives 20 mg Iron a day; the aim is 25 mg, and all together comes to 25 mg.",
        "Without it: 20 % more missing of aims.",
    )
    assert reason.difference == (Difference(Level.AIMS, 200),)


@pytest.mark.parametrize(
    ("changes", "code", "because", "sentence"),
    [
        (
            {"bans": [{"key": "ban_b", "product": "b", "because": ["warfarin"]}]},
            Code.BANNED,
            ("warfarin",),
            "A rule forbids it here.",
        ),
        (
            {"choices": {**DOCUMENT["choices"], "excluded": ["b"]}},
            Code.EXCLUDED,
            (),
            "Left out by choice.",
        ),
        (
            {
                "moment_bans": [
                    {"key": f"then_{at}", "product": "b", "moment": at, "because": [f"by_{at}"]}
                    for at in ("breakfast", "dinner")
                ]
            },
            Code.NO_MOMENT,
            ("by_breakfast", "by_dinner"),
            "No moment of the day is left for it.",
        ),
        (
            {
                "limits": [
                    {
                        "key": "limit_zinc",
                        "ingredients": ["zinc"],
                        "most": 39,
                        "counts_taken": True,
                        "because": ["upper"],
                    }
                ],
                "product": {"amounts": {"iron": 5, "zinc": 40}},
            },
            Code.OVER_LIMIT,
            ("upper",),
            "One capsule passes the limit of Zinc: it holds 40 mg; the limit is 39 mg a day.",
        ),
        (
            {"choices": {**DOCUMENT["choices"], "in_stock_only": True}, "product": {"stock_containers": 0}},
            Code.NOT_IN_STOCK,
            (),
            "One capsule a day needs 1 container; 0 are on the shelf.",
        ),
        (
            {},
            Code.WORSE,
            (),
            "With it: 1 more unit a day.",
        ),
    ],
)
def test_a_refused_product_says_why(
    changes: dict[str, Any], code: Code, because: tuple[str, ...], sentence: str
) -> None:
    changes = dict(changes)
    product = changes.pop("product", None)
    reason = explained(product, **changes).refused["b"]
    assert reason.codes == (code,)
    assert reason.because == because
    assert reason.sentences[0].startswith(sentence.rstrip("."))


def test_what_clashes_with_a_product_is_named() -> None:
    apart = {
        "key": "apart",
        "first_products": ["a"],
        "second_products": ["b"],
        "minutes": 1440,
        "because": ["never"],
    }
    reason = explained(apart=[apart], choices={**DOCUMENT["choices"], "included": ["a"]}).refused["b"]
    assert reason.codes == (Code.CLASHES,)
    assert reason.rules == ("apart", "included:a")
    assert reason.because == ("never",)


def test_products_that_serve_nothing_are_passed_over() -> None:
    assert "b" not in explained({"amounts": {"zinc": 5}}).refused


def test_without_time_the_reasons_that_need_none_are_given() -> None:
    problem = practice_problem(3, products=12, ingredients=6)
    plan = solve(problem)
    said = explain(problem, plan, deterministic_limit=0)
    codes = {code for reason in (*said.chosen.values(), *said.refused.values()) for code in reason.codes}
    assert Code.NOT_COMPARED in codes
    assert Code.SERVES in codes
    assert not codes & {Code.NEEDED, Code.WORSE, Code.PREFERRED}


def test_one_product_can_be_asked_for() -> None:
    problem = practice_problem(3, products=12, ingredients=6)
    plan = solve(problem)
    everything = explain(problem, plan, deterministic_limit=1000)
    for key in [*everything.chosen, *everything.refused]:
        one = explain(problem, plan, products=[key], deterministic_limit=1000)
        assert {**one.chosen, **one.refused} == {key: {**everything.chosen, **everything.refused}[key]}


def test_an_explanation_is_a_document() -> None:
    said = explained()
    assert to_bytes(as_document(said)).startswith(
        b'{"chosen":{"a":{"codes":["serves","needed"],"sentences":['
    )


def test_words() -> None:
    assert amount_text(400_000_000, "ng") == "400 mg"
    assert amount_text(12_500, "ug") == "12.5 mg"
    assert amount_text(999, "ug") == "999 mcg"
    assert amount_text(1_234_567, "g") == "1234567 g"
    assert amount_text(25_000, "million_cfu") == "25000 million CFU"
    assert money_text(5) == "0.05"
    assert (
        difference_text({Level.UNITS: 2, Level.MOMENTS: 0, Level.COST: 1240, Level.PRODUCTS: -1})
        == "2 more units a day, 12.40 more in cost and 1 fewer product"
    )
