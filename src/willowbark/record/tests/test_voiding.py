from __future__ import annotations

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.record.kinds import TABLES
from willowbark.record.models import Observation
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import make_entry


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


def void(actor, patient, kind, entry, reason="Wrong patient"):
    with acting_as(actor):
        void_entry(actor=actor, patient_id=patient, kind=kind, entry_id=entry, reason=reason)


def row(practice, kind, entry):
    with acting_as(practice.everywhere):
        return TABLES[kind]._default_manager.get(pk=entry)


def events() -> int:
    return OutboxMessage.objects.filter(name="record.EntryVoided").count()


@pytest.mark.parametrize("kind", TABLES)
def test_an_entry_that_is_voided_stays_with_who_when_and_why(practice, patient, kind):
    entry = make_entry(practice.everywhere, patient, kind)
    before = row(practice, kind, entry)
    void(practice.practitioner, patient, kind, entry, "  Wrong patient ")

    after = row(practice, kind, entry)
    assert (after.voided_by_id, after.void_reason) == (practice.practitioner.user_id, "Wrong patient")
    assert after.voided_at is not None
    assert (after.text, after.recorded_by_id, after.recorded_at) == (
        before.text,
        before.recorded_by_id,
        before.recorded_at,
    )
    (message,) = OutboxMessage.objects.filter(name="record.EntryVoided")
    assert message.payload == {"patient_id": str(patient), "entry_id": str(entry), "kind": kind}


def test_voiding_again_for_the_same_reason_changes_nothing(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")
    void(practice.practitioner, patient, "note", entry)
    first = row(practice, "note", entry)
    void(practice.everywhere, patient, "note", entry)

    again = row(practice, "note", entry)
    assert (again.voided_at, again.voided_by_id) == (first.voided_at, first.voided_by_id)
    assert events() == 1


def test_voiding_again_for_another_reason_is_refused_and_the_first_stands(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")
    void(practice.practitioner, patient, "note", entry)
    with pytest.raises(Conflict):
        void(practice.practitioner, patient, "note", entry, "Another reason")

    assert row(practice, "note", entry).void_reason == "Wrong patient"
    assert events() == 1


def test_the_parts_of_a_compound_result_fall_with_it_and_no_other_result_does(practice, patient):
    panel = make_entry(practice.everywhere, patient, "observation", text="Blood pressure", value=None)
    parts = [make_entry(practice.everywhere, patient, "observation", parent_id=panel) for _ in range(2)]
    other = make_entry(practice.everywhere, patient, "observation")
    void(practice.practitioner, patient, "observation", parts[0], "Cuff too small")
    void(practice.practitioner, patient, "observation", panel)

    with acting_as(practice.everywhere):
        reasons = dict(Observation.objects.values_list("pk", "void_reason"))
    assert reasons == {
        panel: "Wrong patient",
        parts[0]: "Cuff too small",
        parts[1]: "Wrong patient",
        other: "",
    }


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "a\0b"])
def test_a_reason_is_needed_and_nothing_is_voided_without(practice, patient, reason):
    entry = make_entry(practice.everywhere, patient, "note")
    with pytest.raises(Invalid):
        void(practice.practitioner, patient, "note", entry, reason)

    assert row(practice, "note", entry).voided_at is None
    assert events() == 0


@pytest.mark.parametrize("who", ["owner", "front_desk", "dispensary", "health_coach"])
def test_whoever_may_not_void_voids_nothing(practice, patient, who):
    entry = make_entry(practice.everywhere, patient, "note")
    with pytest.raises((Forbidden, NotFound)):
        void(practice.by_role[who], patient, "note", entry)

    assert row(practice, "note", entry).voided_at is None


def test_an_entry_is_voided_only_through_its_own_patient_and_kind(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")
    other = make_patient(practice).pk
    for wrong in (
        (other, "note", entry),
        (patient, "observation", entry),
        (patient, "note", uuid7()),
        (patient, "no such kind", entry),
        (patient, "k" * 500, entry),
        (uuid7(), "note", entry),
    ):
        with pytest.raises(NotFound):
            void(practice.everywhere, *wrong)

    assert row(practice, "note", entry).voided_at is None


def test_another_practitioner_cannot_void_what_they_cannot_see(practice, patient):
    entry = make_entry(practice.everywhere, patient, "note")
    with pytest.raises(NotFound):
        void(practice.other_practitioner, patient, "note", entry)

    assert row(practice, "note", entry).voided_at is None
