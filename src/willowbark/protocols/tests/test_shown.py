"""What pages say of a plan: never a number where none may stand, never a refusal without why."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.content import Watch, title_of
from willowbark.protocols.core.day import MOMENT_KEYS
from willowbark.protocols.pages.plan import plan_shown
from willowbark.protocols.selectors.drafts import open_draft_of
from willowbark.protocols.selectors.library import shipped
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft
from willowbark.protocols.testing import make_composition, make_protocol, sign_composition
from willowbark.record.testing import make_entry

THYROID = ("thyroid_support",)
LEVOTHYROXINE = "Levothyroxine Sodium 0.075 MG Oral Tablet"


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def shown(view):
    return plan_shown(view, [shipped().master(key) for key in view.master_keys])


def changed(me, patient, change):
    with acting_as(me) as actor:
        draft = open_draft_of(actor, patient)
        assert draft is not None
        change_draft(actor=actor, patient_id=patient, draft_id=draft.id, change=change)
        return compose(actor=actor, patient_id=patient, draft_id=draft.id)


def page_of(me, patient) -> str:
    answer = signed_in(me).post(
        reverse("protocols:choose", args=[patient]),
        {"draft": str(draft_id(me, patient)), "master": "thyroid_support"},
        headers={"HX-Request": "true", "HX-Target": "composer"},
    )
    return html.unescape(answer.content.decode())


def draft_id(me, patient):
    with acting_as(me) as actor:
        draft = open_draft_of(actor, patient)
    assert draft is not None
    return draft.id


def test_where_a_medicine_forbids_a_moment_no_number_can_be_typed_and_the_reason_is_said(me, patient):
    make_entry(me, patient, "medication", text=LEVOTHYROXINE)
    view = make_composition(me, patient, THYROID)
    zinc = next(
        line for line in shown(view).lines if any(s.ingredient_name == "Zinc" for s in line.line.serves)
    )
    never = {cell.moment: cell.never for cell in zinc.cells if cell.never}

    assert {"waking", "breakfast"} <= set(never)
    assert "at least 4 hours apart from Levothyroxine" in never["breakfast"]
    page = page_of(me, patient)
    key = zinc.line.product_key
    assert f'id="units-{key}-breakfast"' not in page
    assert re.search(r'title="[^"]*at least 4 hours apart from Levothyroxine', page)


def test_hours_apart_are_said_to_who_composes_to_who_signs_and_to_the_patient(me, patient):
    make_entry(me, patient, "medication", text=LEVOTHYROXINE)
    view = make_composition(me, patient, THYROID)
    (said,) = (each.text for each in shown(view).tells if each.kind == "apart")
    assert re.fullmatch(rf"(Magnesium, )?Zinc: at least 4 hours from {LEVOTHYROXINE}\.", said)

    client = signed_in(me)
    preview = client.get(reverse("protocols:preview", args=[patient, view.id])).content.decode()
    assert said in html.unescape(preview)
    made = sign_composition(me, view)
    signed = client.get(reverse("protocols:protocol", args=[patient, made.id])).content.decode()
    assert said in html.unescape(signed)


def test_no_separation_is_said_without_the_medicine(me, patient):
    view = make_composition(me, patient, THYROID)
    assert not [each for each in shown(view).tells if each.kind == "apart"]


@pytest.mark.parametrize("masters", [THYROID, ("restorative_sleep", "metabolic_health")])
def test_every_product_that_is_not_in_the_plan_says_why(me, patient, masters):
    make_entry(me, patient, "medication", text="Warfarin Sodium 5 MG Oral Tablet")
    make_entry(me, patient, "medication", text="Selenium 200 mcg daily", kind="supplement")
    plan = shown(make_composition(me, patient, masters))

    assert len(plan.not_needed) > 5
    assert [
        each.name for each in plan.refused if not (each.sentences or each.rules or each.is_excluded)
    ] == []


def test_a_rule_is_said_once_in_the_reasons_of_a_line(me, patient):
    make_entry(me, patient, "medication", text=LEVOTHYROXINE)
    plan = shown(make_composition(me, patient, THYROID))
    for line in plan.lines:
        assert not set(line.reasons) & {rule.text for rule in line.rules}


def test_what_cannot_be_met_keeps_what_was_decided_and_loosens_only_what_can_be(me, patient):
    view = make_composition(me, patient, THYROID)
    key = view.plan.lines[0].product
    product = next(each for each in view.problem.products if each.key == key)
    far = dict.fromkeys(MOMENT_KEYS, 0) | {product.moments[0]: product.most_units_a_day + 1}
    view = changed(me, patient, lambda choices: choices.lock(key, far))
    plan = shown(view)

    assert plan.status == "infeasible"
    (fixed,) = plan.fixed
    assert (fixed.key, fixed.is_locked) == (key, True)
    assert max(cell.units for cell in fixed.cells) == product.most_units_a_day + 1
    label = next(each for each in plan.clash if each.text.startswith("The label of"))
    assert (label.product, label.field) == ("", "")
    assert [each.product for each in plan.clash if "is fixed by hand" in each.text] == [key]
    assert plan.not_needed == ()
    page = page_of(me, patient)
    assert f'id="units-{key}-{product.moments[0]}"' in page
    assert page.count(">Loosen<") == 1
    said = {"draft": str(draft_id(me, patient)), "product": key, "do": "free"}
    headers = {"HX-Request": "true", "HX-Target": "composer"}
    answer = signed_in(me).post(reverse("protocols:decide", args=[patient]), said, headers=headers)
    assert 'id="plan-title" tabindex="-1" autofocus' in answer.content.decode()
    assert "autofocus" not in page


def test_a_bound_of_the_day_that_clashes_leads_to_its_field(me, patient):
    make_composition(me, patient, THYROID)

    def ask(choices: Choices) -> Choices:
        for key in ("selenium_100", "zinc_picolinate_15", "vitamin_d3_2000"):
            choices = choices.include(key)
        return choices.bound(most_products=1)

    plan = shown(changed(me, patient, ask))
    assert plan.status == "infeasible"
    assert "most_products" in {each.field for each in plan.clash}
    assert {each.product for each in plan.clash if each.field} == {""}


def test_nothing_in_the_plan_says_one_moments(me, patient):
    make_protocol(me, patient, ("restorative_sleep",))
    make_composition(me, patient, THYROID)
    assert not re.search(r"\b1 (moments|products|units)\b", page_of(me, patient))


def test_one_ingredient_is_said_in_one_unit(me, patient):
    make_entry(me, patient, "medication", text="Zinc 7.5 mg daily", kind="supplement")
    plan = shown(make_composition(me, patient, THYROID))
    (zinc,) = (each for each in plan.targets if each.name == "Zinc")
    said = f"{zinc.total_text} {zinc.wanted_text}"
    said += " ".join(each.total_text + each.most_text for each in plan.limits if each.name == "Zinc")
    assert "mg" in said
    assert "mcg" not in said


def test_limits_of_one_ingredient_and_bound_share_a_bar_with_all_their_rules(me, patient):
    make_entry(me, patient, "condition", text="Hashimoto thyroiditis")
    make_entry(me, patient, "condition", text="Hypothyroidism")
    make_entry(me, patient, "medication", text="Iodine 37.5 mcg daily", kind="supplement")
    plan = shown(make_composition(me, patient, THYROID))
    rows = [(each.name, each.most_text) for each in plan.limits]
    assert len(rows) == len(set(rows))
    assert all(each.rules for each in plan.limits)


def test_the_review_names_what_nobody_has_verified(me, patient):
    view = make_composition(me, patient, THYROID)
    answer = signed_in(me).get(reverse("protocols:review", args=[patient, view.id]))
    page = html.unescape(answer.content.decode())
    (asked,) = (each for each in view.review if each.kind == "unverified")
    rules, targets = map(int, re.findall(r"\d+", asked.text)[:2])
    assert f"Which {rules + targets}" in page
    assert "target of Thyroid support (" in page


@pytest.mark.parametrize(("born", "asked"), [("1950-05-05", False), ("1990-05-05", True)])
def test_bearing_children_is_asked_about_at_an_age_that_may(practice, me, born, asked):
    patient = make_patient(practice, birth_date=parse_partial_date(born)).pk
    put_into_care(practice, patient, me)
    make_composition(me, patient, THYROID)
    assert ('id="state-pregnancy"' in page_of(me, patient)) is asked


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("check TSH 6 weeks after starting", "Check TSH 6 weeks after starting"),
        (
            "watch for bleeding, and check the INR 2 weeks after a change of dose",
            "Watch for bleeding, and check the INR 2 weeks after a change…",
        ),
        ("watch for agitation and sweating and palpitations in the first 2 weeks", None),
        ("x" * 90, "X" + "x" * 59 + "…"),
    ],
)
def test_a_task_has_a_short_title_with_a_capital(text, title):
    found = title_of(Watch("rule/a", text, 14, "Look"))
    assert found == title if title else found == "Watch for agitation and sweating and palpitations in the…"


def test_that_no_allergy_is_known_is_said_when_it_was_stated(me, patient):
    make_composition(me, patient, THYROID)
    assert "nobody has stated that there are none" in page_of(me, patient)
    make_entry(
        me,
        patient,
        "allergy",
        text="No known allergy",
        code_system="http://snomed.info/sct",
        code="716186003",
    )
    page = page_of(me, patient)
    assert re.search(r"No known allergy <span[^>]*>\(stated\)", page)
    assert "nobody has stated" not in page


def test_the_choice_of_protocols_is_the_page_until_one_is_chosen(me, patient):
    client = signed_in(me)
    headers = {"HX-Request": "true", "HX-Target": "composer"}
    first = client.post(reverse("protocols:begin", args=[patient]), headers=headers).content.decode()
    assert first.index('name="master"') < first.index("composer__side")
    chosen = page_of(me, patient)
    assert chosen.index("composer__chosen") < chosen.index('name="master"') < chosen.index("composer__plan")
    assert first.count('name="master"') == chosen.count('name="master"')
