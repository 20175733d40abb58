from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.protocols.core import explaining
from willowbark.protocols.core.canonical import as_document
from willowbark.protocols.core.checking import broken_rules
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.described import Origin, described, person_document
from willowbark.protocols.core.lines import lines_of
from willowbark.protocols.core.notices import Weight
from willowbark.protocols.core.pictures import limit_bars, target_bars
from willowbark.protocols.core.plan import Plan, Status
from willowbark.protocols.core.problem import Problem
from willowbark.protocols.core.review import (
    CannotBeSigned,
    Item,
    NotAcknowledged,
    check_acknowledged,
    monitors_of,
    review_of,
)
from willowbark.protocols.core.situation import situate
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.triggers import fitting_first, reasons_for
from willowbark.protocols.tests.people import SPACE, Case, Chart, Entry, library

LEVOTHYROXINE = Entry("Levothyroxine Sodium 0.075 MG Oral Tablet")
WARFARIN = Entry("Warfarin Sodium 5 MG Oral Tablet")


class Composed:
    """A case that was composed."""

    def __init__(self, case: Case) -> None:
        given_ = case.given()
        situated = situate(given_)
        self.problem: Problem = situated.problem
        self.plan: Plan = solve(self.problem)
        self.situation = json.loads(described(given_, situated, Origin(SPACE, None, library())))
        self.explanation = as_document(explaining.explain(self.problem, self.plan, deterministic_limit=0.0))

    @property
    def review(self) -> tuple[Item, ...]:
        return review_of(self.problem, self.plan, self.situation)

    @property
    def lines(self):
        return lines_of(self.problem, self.plan, self.situation, self.explanation)


BOTH = Composed(Case(Chart(taken=(LEVOTHYROXINE, WARFARIN)), masters=("thyroid_support", "metabolic_health")))


def test_a_plan_of_real_products_keeps_its_rules_and_minerals_off_the_morning():
    assert broken_rules(BOTH.problem, BOTH.plan) == ()
    minerals = {"magnesium", "zinc", "calcium", "iron"}
    for line in BOTH.plan.lines:
        if minerals & set(line.amounts):
            assert {each.moment for each in line.moments}.isdisjoint({"waking", "breakfast"})


def test_each_line_says_what_it_serves_why_and_on_what():
    assert {each.product_key for each in BOTH.lines} == {each.product for each in BOTH.plan.lines}
    for line in BOTH.lines:
        assert line.serves
        assert line.layer == (
            "foundation" if "foundation" in {each.layer for each in line.serves} else "targeted"
        )
        assert line.reasons
        assert line.fact_keys
        assert not any("caution applies" in each or "not worked out" in each for each in line.reasons)
    layers = [each.layer for each in BOTH.lines]
    assert layers == sorted(layers, key=["foundation", "targeted", "chosen"].index)


def test_a_rule_that_a_line_keeps_to_stands_among_its_reasons():
    magnesium = next(
        each for each in BOTH.lines if "Magnesium" in {one.ingredient_name for one in each.serves}
    )
    assert any("at least 4 hours apart" in each for each in magnesium.reasons)


def test_the_bars_add_up_and_name_their_state():
    bars = target_bars(BOTH.problem, BOTH.plan)
    assert {each.key for each in bars} == {each.key for each in BOTH.problem.targets}
    for bar in bars:
        assert bar.tone in ("good", "info", "warn", "bad")
        for width in (bar.taken_width, bar.given_width, bar.least_at, bar.aim_at):
            assert 0 <= float(width.rstrip("%")) <= 100
    limits = limit_bars(BOTH.problem, BOTH.plan, {})
    assert [each.per_mille for each in limits] == sorted((each.per_mille for each in limits), reverse=True)
    assert all(each.per_mille <= 1000 for each in limits)


def test_what_rests_on_documents_that_nobody_saw_asks_for_words():
    (item,) = (each for each in BOTH.review if each.kind == "unverified")
    assert item.weight is Weight.ASK


def test_cautions_are_told_and_what_to_watch_is_said_once():
    assert any(each.kind == "caution" for each in BOTH.review)
    monitors = monitors_of(BOTH.situation, BOTH.plan)
    texts = [each.text.lower() for each in monitors]
    assert len(texts) == len(set(texts)) > 0
    known = [each.after_days for each in monitors if each.after_days is not None]
    assert known == sorted(known)


def test_a_notice_about_what_the_plan_does_not_give_is_not_shown():
    as_needed = Entry("Levothyroxine Sodium 0.075 MG Oral Tablet", dosage_text="as needed")
    with_time_unknown = Composed(Case(Chart(taken=(as_needed,)), masters=("restorative_sleep",)))
    given_ = {key.partition(":")[0] for line in with_time_unknown.plan.lines for key in line.amounts}
    for item in with_time_unknown.review:
        if item.kind == "drug_moment":
            assert item.key.split("/")[2] in given_


@pytest.mark.parametrize(
    ("status", "kind"), [(Status.UNPROVEN, "unproven"), (Status.INFEASIBLE, "infeasible")]
)
def test_what_is_not_proven_stops_the_signature(status, kind):
    plan = replace(BOTH.plan, status=status)
    items = review_of(BOTH.problem, plan, BOTH.situation)
    assert items[0].kind == kind
    with pytest.raises(CannotBeSigned):
        check_acknowledged(items, {each.key: "Considered" for each in items})


def test_a_plan_of_nothing_stops_the_signature():
    nothing = Composed(
        Case(
            masters=("restorative_sleep",),
            choices=Choices(excluded=tuple(each.key for each in Case().given().products)),
        )
    )
    assert nothing.plan.lines == ()
    assert any(each.kind == "empty" and each.weight is Weight.STOP for each in nothing.review)
    assert sum(each.kind == "short" and each.weight is Weight.ASK for each in nothing.review) == 2


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([each.key for each in BOTH.review]), st.text(max_size=20)))
def test_only_words_for_everything_that_asks_let_a_signature_through(words):
    asked = [each for each in BOTH.review if each.weight is Weight.ASK]
    if all(len(words.get(each.key, "").strip()) >= 3 for each in asked):
        assert set(check_acknowledged(BOTH.review, words)) == {each.key for each in asked}
        return
    with pytest.raises(NotAcknowledged) as refusal:
        check_acknowledged(BOTH.review, words)
    assert refusal.value.field in {each.key for each in asked}


def test_endless_words_are_refused():
    asked = [each for each in BOTH.review if each.weight is Weight.ASK]
    with pytest.raises(NotAcknowledged, match="At most 500"):
        check_acknowledged(BOTH.review, {each.key: "x" * 501 for each in asked})


def person(**said):
    seen = Case(Chart(**said)).given().person
    return person_document(seen, seen, ())


def test_protocols_fit_by_problems_medicines_and_words_and_say_by_which():
    masters = library().masters
    assert reasons_for(masters["thyroid_support"], person()) == ()
    by_drug = reasons_for(masters["thyroid_support"], person(taken=(LEVOTHYROXINE,)))
    assert by_drug == (f"Levothyroxine is taken. ({LEVOTHYROXINE.text})",)
    words = reasons_for(
        masters["thyroid_support"], person(conditions=(Entry("Subacute thyroiditis, viral", "condition"),))
    )
    assert words
    fitting = fitting_first(masters.values(), person(conditions=(Entry("Insomnia", "condition"),)))
    assert fitting[0][0].key == "restorative_sleep"
    others = [each[0].title for each in fitting[1:]]
    assert others == sorted(others)


def test_a_supplement_that_is_replaced_is_said_to_be():
    entry = Entry("Magnesium 200 mg", "supplement", "1 daily")
    seen = Case(Chart(taken=(entry,))).given().person
    document = person_document(seen, seen, {UUID(str(entry.id))})
    assert [each["is_replaced"] for each in document["supplements"]] == [True]
