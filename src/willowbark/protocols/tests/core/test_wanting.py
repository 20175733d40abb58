from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.choices import Choices, choices_of
from willowbark.protocols.core.described import Origin, described
from willowbark.protocols.core.plan import Status
from willowbark.protocols.core.proposed import Proposed
from willowbark.protocols.core.review import review_of
from willowbark.protocols.core.solving import solve
from willowbark.protocols.core.units import NotWhole
from willowbark.protocols.core.wanting import MOST_WANTED, NotWanted, Wanted, wantables
from willowbark.protocols.tests.people import ON, Case, Chart, Entry, known, library, products

PROPOSED = Proposed("target", "vitamin_d", "some-model", "dark winters", "Ann Lee", "u", "a")


@pytest.fixture(scope="module")
def offered():
    held = {each.ingredient_key for product in products() for each in product.ingredients}
    return wantables(known(), library(), held, jurisdiction="US", on=ON)


def vitamin_d(aim: str, least: str = "10", most: str | None = None) -> Wanted:
    return Wanted("vitamin_d", Decimal(least), Decimal(aim), Decimal(most) if most else None, "ug")


def test_only_what_is_on_offer_and_bounded_can_be_wanted(offered):
    assert offered["vitamin_d"].most == 100  # the upper limit of an adult, whatever a Master Protocol says
    assert set(offered) <= {each.ingredient_key for product in products() for each in product.ingredients}
    assert wantables(known(), library(), (), jurisdiction="US", on=ON) == {}
    assert all(each.most > 0 and each.unit in each.factors for each in offered.values())


def test_amounts_are_said_in_any_unit_that_means_one_thing(offered):
    one = offered["vitamin_d"]
    assert one.wanted(Decimal(0), Decimal(2000), None, "iu") == vitamin_d("50", "0")
    assert one.wanted(Decimal(0), Decimal("0.05"), None, "mg") == vitamin_d("50", "0")
    # An IU of vitamin E is another amount in each form.
    assert "iu" not in offered["vitamin_e"].factors


@pytest.mark.parametrize(
    ("least", "aim", "most", "unit"),
    [
        ("0", "50000", None, "iu"),
        ("0", "101", None, "ug"),
        ("10", "50", "101", "ug"),
        ("60", "50", None, "ug"),
        ("0", "50", "40", "ug"),
        ("0", "0", None, "ug"),
        ("-1", "50", None, "ug"),
        ("0", "NaN", None, "ug"),
        ("0", "Infinity", None, "ug"),
        ("0", "1e30", None, "ug"),
        ("0", "50", None, "billion_cfu"),
        ("0", "50", None, "spoons"),
    ],
)
def test_what_no_row_allows_is_not_wanted(offered, least, aim, most, unit):
    with pytest.raises(NotWanted):
        offered["vitamin_d"].wanted(Decimal(least), Decimal(aim), Decimal(most) if most else None, unit)


def test_an_amount_that_cannot_be_counted_is_refused(offered):
    with pytest.raises(NotWhole):
        offered["vitamin_d"].wanted(Decimal(0), Decimal("0.00000000000001"), None, "ug")


def test_a_target_by_hand_stands_beside_those_of_master_protocols():
    case = Case(masters=("restorative_sleep",), choices=Choices().want(vitamin_d("50")))
    problem = case.situated().problem
    assert "by_hand.vitamin_d" in {each.key for each in problem.targets}
    plan = solve(problem)
    reached = {each.key: str(each.reached) for each in plan.targets}
    assert plan.status is Status.PROVEN
    assert reached["by_hand.vitamin_d"] == "aim"


def test_what_is_forbidden_to_somebody_is_not_given_however_it_is_wanted(offered):
    wanted = offered["vitamin_k1"].wanted(Decimal(0), Decimal(90), None, "ug")
    taking = Chart(taken=(Entry("warfarin 5 MG Oral Tablet"),))
    problem = Case(taking, ("restorative_sleep",), Choices().want(wanted)).situated().problem
    plan = solve(problem)
    holding = {each.key for each in problem.products if "vitamin_k1" in each.amounts}
    assert holding
    assert holding <= {each.product for each in problem.bans}
    assert holding.isdisjoint(each.product for each in plan.lines)


def test_what_the_library_only_keeps_low_cannot_be_wanted(offered):
    assert "red_yeast_rice" not in offered


def test_choices_keep_targets_and_where_they_came_from():
    choices = Choices().want(vitamin_d("50", most="75")).propose(PROPOSED)
    assert choices_of(json.loads(json.dumps(choices.as_document()))) == choices
    assert choices.want(vitamin_d("25")).proposed == ()  # said anew by hand: it is no proposal any more
    assert choices.unwant("vitamin_d") == Choices()
    assert choices_of({"days": 30}) == Choices(days=30)


def test_a_master_protocol_that_leaves_the_draft_is_no_proposal_any_more():
    one = replace(PROPOSED, what="master", key="restorative_sleep")
    choices = Choices().propose(one)
    assert choices.of_masters(["restorative_sleep"]) == choices
    assert choices.of_masters([]) == Choices()


def test_so_many_targets_are_not_wanted_by_hand():
    choices = Choices()
    for number in range(MOST_WANTED):
        choices = choices.want(replace(vitamin_d("50"), ingredient_key=f"i{number}"))
    assert choices.want(replace(vitamin_d("25"), ingredient_key="i3")).wanted != choices.wanted
    with pytest.raises(Invalid, match="At most"):
        choices.want(vitamin_d("50"))


def test_the_review_says_what_a_model_proposed_and_who_took_it():
    case = Case(masters=("restorative_sleep",), choices=Choices().want(vitamin_d("50")).propose(PROPOSED))
    given = case.given()
    situated = case.situated()
    situation = json.loads(described(given, situated, Origin(given.products[0].id, None, library())))
    items = review_of(situated.problem, solve(situated.problem), situation)
    (item,) = (each for each in items if each.kind == "proposed")
    assert item.text == (
        "Vitamin D by hand: proposed by the model some-model from “dark winters”, taken by Ann Lee."
    )
