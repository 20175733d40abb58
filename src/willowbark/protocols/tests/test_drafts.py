from __future__ import annotations

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden, Invalid, NotFound
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.protocols.core.masters import UnknownMaster
from willowbark.protocols.models import Draft
from willowbark.protocols.selectors.drafts import draft, left_open, open_draft_of
from willowbark.protocols.services.drafts import (
    DraftClosed,
    MergedPatient,
    change_draft,
    open_draft,
    set_draft_aside,
)


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.other_practitioner, practice.coach)
    return patient


def opened(actor, patient, *masters):
    with acting_as(actor):
        return open_draft(actor=actor, patient_id=patient, master_keys=masters)


def changed(actor, view, **said):
    with acting_as(actor):
        return change_draft(actor=actor, patient_id=view.patient_id, draft_id=view.id, **said)


def drafts(practice, patient):
    with acting_as(practice.everywhere):
        return list(Draft.objects.filter(patient=patient))


def test_a_draft_is_opened_once_and_resumed_by_whoever_comes(practice, patient):
    first = opened(practice.practitioner, patient, "restorative_sleep")
    again = opened(practice.other_practitioner, patient, "thyroid_support")

    assert again == first
    assert first.master_keys == ("restorative_sleep",)
    assert first.opened_by == practice.practitioner.user_id
    assert first.site_id == practice.north
    assert len(drafts(practice, patient)) == 1
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(patient_id=patient, action="protocols.draft_opened").count() == 1


@pytest.mark.parametrize("who", ["owner", "front_desk", "dispensary", "health_coach"])
def test_whoever_composes_nothing_opens_nothing(practice, patient, who):
    with pytest.raises((Forbidden, NotFound)):
        opened(practice.by_role[who], patient)
    assert drafts(practice, patient) == []


def test_a_patient_out_of_reach_has_no_composer(practice):
    stranger = make_patient(practice).pk
    with pytest.raises(NotFound):
        opened(practice.practitioner, stranger)
    with pytest.raises(NotFound):
        opened(practice.everywhere, uuid7())


def test_a_row_that_was_merged_is_composed_for_in_the_other(practice, patient):
    other = make_patient(practice).pk
    link(practice, patient, to=other)
    with pytest.raises(MergedPatient):
        opened(practice.everywhere, patient)


def test_protocols_and_decisions_are_changed_and_kept(practice, patient):
    view = opened(practice.practitioner, patient)
    view = changed(practice.practitioner, view, master_keys=["thyroid_support", "restorative_sleep"])
    view = changed(practice.practitioner, view, change=lambda choices: choices.include("selenium_100"))
    view = changed(practice.practitioner, view, change=lambda choices: choices.bound(most_units=5))

    with acting_as(practice.practitioner) as actor:
        kept = draft(actor, patient, view.id)
        assert open_draft_of(actor, patient) == kept
    assert kept.master_keys == ("restorative_sleep", "thyroid_support")
    assert kept.choices.included == ("selenium_100",)
    assert kept.choices.most_units == 5


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"master_keys": ["panacea"]}, UnknownMaster),
        ({"change": lambda choices: choices.include("no_such_product")}, Invalid),
        ({"change": lambda choices: choices.lock("selenium_100", {"midnight": 1})}, Invalid),
        ({"change": lambda choices: choices.bound(days=0)}, Invalid),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(practice, patient, said, refusal):
    view = opened(practice.practitioner, patient, "thyroid_support")
    with pytest.raises(refusal):
        changed(practice.practitioner, view, **said)
    with acting_as(practice.practitioner) as actor:
        assert draft(actor, patient, view.id) == view


def test_a_draft_that_was_set_aside_is_closed_and_another_can_be_opened(practice, patient):
    view = opened(practice.practitioner, patient, "thyroid_support")
    for _ in range(2):
        with acting_as(practice.practitioner) as actor:
            set_draft_aside(actor=actor, patient_id=patient, draft_id=view.id)
    with pytest.raises(DraftClosed):
        changed(practice.practitioner, view, master_keys=[])
    assert opened(practice.practitioner, patient).id != view.id


def test_another_patients_draft_is_not_there(practice, patient):
    other = make_patient(practice).pk
    view = opened(practice.everywhere, other, "thyroid_support")
    for act in (change_draft, set_draft_aside):
        with pytest.raises(NotFound), acting_as(practice.practitioner) as actor:
            act(actor=actor, patient_id=patient, draft_id=view.id)


def test_drafts_left_open_are_ones_own_with_something_chosen_and_who_they_are_of_is_logged(practice, patient):
    opened(practice.practitioner, patient, "thyroid_support")
    empty = make_patient(practice).pk
    put_into_care(practice, empty, practice.practitioner)
    opened(practice.practitioner, empty)
    with acting_as(practice.practitioner) as actor:
        (mine,) = left_open(actor)
    with acting_as(practice.other_practitioner) as actor:
        assert left_open(actor) == ()

    assert mine.patient_id == patient
    assert mine.master_keys == ("thyroid_support",)
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(patient_id=patient, action="protocols.drafts_listed").exists()
