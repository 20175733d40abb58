"""Plans beside the plan: a first one before the proof, alternatives, and what other bounds would come to."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid, NotFound
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.choices import Choices
from willowbark.protocols.core.goals import ALTERNATIVES, aimed
from willowbark.protocols.core.plan import Status
from willowbark.protocols.models import Composition, Draft, SignedProtocol
from willowbark.protocols.selectors.drafts import draft as read_draft
from willowbark.protocols.services import composing
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft, open_draft
from willowbark.protocols.services.signing import NotProven, sign
from willowbark.protocols.services.supposing import suppose
from willowbark.protocols.testing import make_composition, words_for


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


@pytest.fixture
def in_no_time(monkeypatch):
    """So little work is allowed at first that nothing is proven."""
    monkeypatch.setattr(composing, "AT_ONCE", 1e-9)


def kept(practice, patient):
    with acting_as(practice.everywhere):
        drafts = [(each.choices, each.state) for each in Draft.objects.filter(patient=patient)]
        return drafts, Composition.objects.filter(patient=patient).count()


def make_draft(actor, patient):
    return open_draft(actor=actor, patient_id=patient, master_keys=["thyroid_support"]).id


def supposed(me, view, goal, **more):
    with acting_as(me) as actor:
        return suppose(
            actor=actor,
            patient_id=view.patient_id,
            composition_id=view.id,
            change=lambda choices: aimed(choices, goal),
            **more,
        )


def asked(me, view, name, /, *, status=200, **said) -> str:
    address = reverse(f"protocols:{name}", args=[view.patient_id, view.id])
    answer = signed_in(me).get(address, said)
    assert answer.status_code == status, answer.content.decode()[:500]
    return html.unescape(answer.content.decode())


def test_a_plan_is_there_before_it_is_proven_and_is_signed_only_after(practice, me, patient, in_no_time):
    client, headers = signed_in(me), {"HX-Request": "true", "HX-Target": "composer"}
    with acting_as(me) as actor:
        draft = make_draft(actor, patient)
    said = {"draft": str(draft), "part": "bounds", "most_units": "9"}
    first = client.post(reverse("protocols:adjust", args=[patient]), said, headers=headers).content.decode()
    assert "Not proven yet" in first
    assert reverse("protocols:prove", args=[patient]) in first, "the page goes on by itself"
    assert "Review and sign</a>" not in first
    with acting_as(me) as actor:
        view = compose(actor=actor, patient_id=patient, draft_id=draft, at_once=True)
    assert view.plan.status is Status.UNPROVEN

    with pytest.raises(NotProven), acting_as(me) as actor:
        sign(
            actor=actor,
            patient_id=patient,
            composition_id=view.id,
            acknowledged=words_for(view),
            request_key=uuid7(),
        )
    with acting_as(practice.everywhere):
        assert not SignedProtocol.objects.filter(patient=patient).exists()
        assert Draft.objects.get(pk=draft).state == "open"

    proven = client.post(
        reverse("protocols:prove", args=[patient]), {"draft": str(draft)}, headers=headers
    ).content.decode()
    assert "Proven best" in proven
    assert "Review and sign</a>" in proven
    assert reverse("protocols:prove", args=[patient]) not in proven
    with acting_as(me) as actor:
        later = compose(actor=actor, patient_id=patient, draft_id=draft, at_once=True)
        sign(
            actor=actor,
            patient_id=patient,
            composition_id=later.id,
            acknowledged=words_for(later),
            request_key=uuid7(),
        )
    assert later.plan.status is Status.PROVEN
    assert later.problem_bytes == view.problem_bytes


def test_what_was_composed_of_the_same_before_is_found_again(practice, me, patient):
    view = make_composition(me, patient)
    with acting_as(me) as actor:
        for change in (
            lambda choices: choices.bound(most_units=5),
            lambda choices: choices.bound(most_units=18),
        ):
            change_draft(actor=actor, patient_id=patient, draft_id=view.draft_id, change=change)
            last = compose(actor=actor, patient_id=patient, draft_id=view.draft_id)
    assert last.id == view.id
    assert kept(practice, patient)[1] == 2


@pytest.mark.parametrize("goal", ["", "cheapest", "in_stock"])
def test_an_alternative_is_proven_keeps_nothing_and_is_the_plan_once_chosen(practice, me, patient, goal):
    view = make_composition(me, patient)
    before = kept(practice, patient)
    found = supposed(me, view, goal)
    assert found.plan.status in (Status.PROVEN, Status.INFEASIBLE)
    assert found.is_chosen == (goal == "")
    assert kept(practice, patient) == before

    client, headers = signed_in(me), {"HX-Request": "true", "HX-Target": "composer"}
    said = {"draft": str(view.draft_id), "part": "goal", "goal": goal}
    page = client.post(reverse("protocols:adjust", args=[patient]), said, headers=headers)
    assert page.status_code == 200
    with acting_as(me) as actor:
        chosen = compose(actor=actor, patient_id=patient, draft_id=view.draft_id)
        assert read_draft(actor, patient, view.draft_id).choices == aimed(Choices(), goal)
    assert chosen.plan.lines == found.plan.lines
    assert chosen.problem.levels == found.considered.problem.levels


def test_alternatives_stand_side_by_side_with_what_differs_and_one_click_chooses(me, patient):
    view = make_composition(me, patient)
    for each in ALTERNATIVES:
        text = asked(me, view, "alternatives", goal=each.key)
        assert each.name in text
        if "No such plan" in text:
            continue
        assert "Proven best" in text
        for words in ("Cost", "Units a day", "Moments", "In stock"):
            assert words in text
        assert ("This plan" in text) == (each.key == "")
        offered = f"Choose: {each.name}" in text
        assert offered != any(words in text for words in ("This plan", "The same plan.", "It gives nothing"))


def test_other_bounds_answer_at_once_and_then_proven_and_change_nothing(practice, me, patient, in_no_time):
    view = make_composition(me, patient)
    before = kept(practice, patient)
    first = asked(me, view, "what_if", most_units="2", most_cost="500")
    assert "being proven" in first or "Not proven yet" in first
    assert "until=proven" in first, "it goes on by itself"
    proven = asked(me, view, "what_if", most_units="2", most_cost="500", until="proven")
    assert "At most 500 and 2 units a day" in proven
    assert "Proven best" in proven
    assert "left out" in proven
    assert "until=proven" not in proven
    assert "Use these bounds" in proven
    assert kept(practice, patient) == before


def test_bounds_that_no_plan_keeps_say_what_clashes(me, patient):
    with acting_as(me) as actor:
        draft = make_draft(actor, patient)
        change_draft(
            actor=actor,
            patient_id=patient,
            draft_id=draft,
            change=lambda choices: choices.lock("selenium_100", {"breakfast": 1}),
        )
        view = compose(actor=actor, patient_id=patient, draft_id=draft)
    text = asked(me, view, "what_if", most_units="5", most_cost="0")
    assert "No such plan" in text
    assert "costs no more than was allowed" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("alternatives", {"goal": "fanciest"}),
        ("what_if", {"most_units": "-1"}),
        ("what_if", {"most_units": "many"}),
        ("what_if", {"most_cost": "1e9"}),
    ],
    ids=["no such alternative", "negative", "no number", "beyond all bounds"],
)
def test_nonsense_is_refused(practice, me, patient, name, said):
    view = make_composition(me, patient)
    before = kept(practice, patient)
    asked(me, view, name, status=422, **said)
    assert kept(practice, patient) == before


def test_another_practitioners_patient_is_as_absent_as_one_that_is_not_there(practice, me, patient):
    view = make_composition(me, patient)
    stranger = practice.other_practitioner
    for goal in ("cheapest", "fanciest"):
        with pytest.raises(NotFound):
            supposed(stranger, view, goal)
    with pytest.raises(Invalid):
        supposed(me, view, "fanciest")
