"""What is decided by hand is signed with a reason, kept, and counted."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.explaining import explain
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, Invalid, NotFound
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.overrides import Reason, judged, overrides_of
from willowbark.protocols.core.review import NotAcknowledged
from willowbark.protocols.models import ProtocolOverride, SignedProtocol
from willowbark.protocols.selectors.overrides import override_rates
from willowbark.protocols.selectors.signed import content_of
from willowbark.protocols.services.composing import compose
from willowbark.protocols.services.drafts import change_draft, open_draft
from willowbark.protocols.services.signing import sign
from willowbark.protocols.testing import make_protocol, reasons_for, words_for

FOUNDATION, ADDED = "override/selenium_100", "override/l_theanine_200"


@pytest.fixture
def me(practice):
    return practice.practitioner


def patient_of(practice, *people):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, *people)
    return patient


@pytest.fixture
def patient(practice, me):
    return patient_of(practice, me)


def decided(actor, patient):
    """A composition in which a product of the foundation is fixed and another is added by hand."""
    with acting_as(actor) as me:
        draft = open_draft(actor=me, patient_id=patient, master_keys=["thyroid_support"]).id
        change_draft(
            actor=me,
            patient_id=patient,
            draft_id=draft,
            change=lambda choices: choices.lock("selenium_100", {"lunch": 1}).include("l_theanine_200"),
        )
        return compose(actor=me, patient_id=patient, draft_id=draft)


def signed(actor, view, reasons):
    with acting_as(actor) as me:
        return sign(
            actor=me,
            patient_id=view.patient_id,
            composition_id=view.id,
            acknowledged=words_for(view),
            reasons=reasons,
            request_key=uuid7(),
        )


def test_every_decision_by_hand_is_an_override_of_a_layer(me, patient):
    view = decided(me, patient)
    assert [(each.key, each.kind, each.layer) for each in view.overrides] == [
        (ADDED, "added", "chosen"),
        (FOUNDATION, "fixed", "foundation"),
    ]
    assert view.overrides[1].text == "Selenium 100: fixed at 1 capsule with lunch"
    assert view.overrides[1].master_keys == ("thyroid_support",)
    nothing = make_choices_blank(view.problem)
    assert overrides_of(nothing, view.master_keys) == ()


def make_choices_blank(problem):
    from dataclasses import replace

    from willowbark.protocols.core.problem import Choices

    return replace(problem, choices=Choices((), (), (), in_stock_only=False))


@pytest.mark.parametrize(
    ("reasons", "field"),
    [
        ({}, ADDED),
        ({ADDED: Reason("whim", "")}, ADDED),
        ({ADDED: Reason("other", " x ")}, ADDED),
        ({ADDED: Reason("cost", "x" * 501)}, ADDED),
        ({ADDED: Reason("cost", "")}, FOUNDATION),
        ({ADDED: Reason("cost", ""), FOUNDATION: Reason("labs", "")}, FOUNDATION),
    ],
    ids=[
        "no reason",
        "no such reason",
        "other without words",
        "too many",
        "only one",
        "foundation without words",
    ],
)
def test_without_a_reason_nothing_is_signed(practice, me, patient, reasons, field):
    view = decided(me, patient)
    with pytest.raises(NotAcknowledged) as caught:
        signed(me, view, reasons)
    assert caught.value.field == field
    with acting_as(practice.everywhere):
        assert not SignedProtocol.objects.filter(patient=patient).exists()
        assert not ProtocolOverride.objects.filter(patient=patient).exists()


def test_each_is_kept_with_its_reason_under_the_hash_and_shown(practice, me, patient):
    view = decided(me, patient)
    client = signed_in(me)
    review = html.unescape(client.get(reverse("protocols:review", args=[patient, view.id])).content.decode())
    assert f'name="why:{FOUNDATION}"' in review
    said = {f"ack:{key}": words for key, words in words_for(view).items()}
    said |= {
        f"why:{FOUNDATION}": "labs",
        f"words:{FOUNDATION}": "Selenium was 60",
        f"why:{ADDED}": "preference",
    }
    answer = client.post(
        reverse("protocols:sign", args=[patient, view.id]), said | {"request_key": str(uuid7())}
    )
    assert answer.status_code == 302, answer.content.decode()[:500]

    with acting_as(me) as actor:
        rows = list(ProtocolOverride.objects.filter(patient=patient).order_by("position"))
        assert [(each.product_key, each.layer, each.reason, each.words) for each in rows] == [
            ("l_theanine_200", "chosen", "preference", ""),
            ("selenium_100", "foundation", "labs", "Selenium was 60"),
        ]
        content = json.loads(content_of(actor, patient, rows[0].protocol_id))
    assert [(each["layer"], each["reason"], each["words"]) for each in content["overrides"]] == [
        ("chosen", "preference", ""),
        ("foundation", "labs", "Selenium was 60"),
    ]
    page = html.unescape(client.get(answer["Location"]).content.decode())
    assert "Decided otherwise than composed" in page
    assert "Labs say otherwise: “Selenium was 60”" in page


def test_rates_by_practitioner_template_and_layer_open_to_what_they_are_made_of(practice, me):
    other, chief = practice.other_practitioner, practice.senior
    changed = decided(me, patient_of(practice, me))
    signed(me, changed, reasons_for(changed))
    make_protocol(me, patient_of(practice, me), masters=["thyroid_support"])
    make_protocol(other, patient_of(practice, other), masters=["restorative_sleep"])
    today = clock.now().date()
    span = (today - timedelta(days=6), today)
    with acting_as(chief) as actor:
        rates = override_rates(actor, *span)
        assert (rates.everybody.signed, rates.everybody.changed) == (3, 1)
        assert {each.key: (each.signed, each.changed) for each in rates.practitioners} == {
            str(me.user_id): (2, 1),
            str(other.user_id): (1, 0),
        }
        assert {each.key: (each.signed, each.changed) for each in rates.masters} == {
            "thyroid_support": (2, 1),
            "restorative_sleep": (1, 0),
        }
        assert {each.key: each.changed for each in rates.layers} == {
            "foundation": 1,
            "targeted": 0,
            "chosen": 1,
        }
        assert rates.reasons == (("The patient's preference", 2),)
        key = f"overrides:practitioner/{me.user_id}/{span[0]}/{span[1]}"
        found = explain(actor, key)
        assert found.figure_text == "1 of 2 signed protocols were changed by hand"
        assert any(
            "Selenium 100: fixed at 1 capsule with lunch (foundation)" in each.text for each in found.facts
        )
        assert [each.text for each in found.facts[:2]] == [
            "Foundation: 1 changed.",
            "Beside the protocols: 1 changed.",
        ]
        assert all(each.url for each in found.facts[2:4])
        for nonsense in ("all/all/x/y", f"mood/x/{span[0]}/{span[1]}", f"all/all/{span[1]}/{span[0]}"):
            with pytest.raises(NotFound):
                explain(actor, f"overrides:{nonsense}")
        with pytest.raises(Invalid):
            override_rates(actor, span[1], span[0])
    with acting_as(other) as actor:
        own = override_rates(actor, *span)
        assert [each.key for each in own.practitioners] == [str(other.user_id)]
        assert own.everybody.signed == 1
    with acting_as(practice.owner) as actor:
        led = override_rates(actor, *span)
        assert [(each.name, each.signed, each.changed) for each in led.practitioners] == [
            (each.name, each.signed, each.changed) for each in rates.practitioners
        ]
        assert (led.masters, led.layers, led.reasons) == (rates.masters, rates.layers, rates.reasons)
        found = explain(actor, key)
        assert [each.text for each in found.facts] == [
            "Foundation: 1 changed.",
            "Beside the protocols: 1 changed.",
            "1 changed in records that you may not open: counted, not shown.",
            "1 signed as composed.",
        ]
        assert not any(each.url for each in found.facts)
        assert not ProtocolOverride.objects.exists()
    with pytest.raises(Forbidden), acting_as(practice.front_desk) as actor:
        override_rates(actor, *span)
    with acting_as(practice.front_desk), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM willow_override_counts(%s, %s, NULL)", span)
        assert cursor.fetchall() == []
    page = html.unescape(signed_in(chief).get(reverse("protocols:overrides")).content.decode())
    assert "1 (50 %)" in page
    page = html.unescape(signed_in(practice.owner).get(reverse("protocols:overrides")).content.decode())
    assert "1 (50 %)" in page
    assert "Too few to tell" in page


@pytest.mark.parametrize(
    ("signed", "changed", "said"),
    [(9, 5, "few"), (10, 3, "low"), (10, 4, "healthy"), (10, 6, "healthy"), (10, 7, "high"), (0, 0, "few")],
)
def test_what_a_rate_says(signed, changed, said):
    assert judged(signed, changed) == said
