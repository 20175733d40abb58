"""The brief as it is read from a real record."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.assistant.core.lines import Section
from willowbark.assistant.selectors.brief import brief_for
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import daily, import_entries, make_entry
from willowbark.worklist.testing import make_task

from .known import NOW, ZONE, ago


@pytest.fixture(autouse=True)
def _now():
    with clock.using(lambda: NOW):
        yield


@pytest.fixture
def patient(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


def on(days: float):
    """An entry that was written down so many days ago."""
    return clock.using(lambda: ago(days))


def write(actor, patient, kind, days, /, **said):
    with on(days):
        return make_entry(actor, patient, kind, **{"effective_at": ago(days)} | said)


def read(actor, patient):
    with acting_as(actor):
        return brief_for(actor, patient, ZONE)


def leads(actor, patient, section):
    part = read(actor, patient).brief.part(section)
    return [] if part is None else [line.lead for line in part.lines]


def test_what_happened_since_the_last_visit_is_told(practice, patient):
    doctor, coach = practice.practitioner, practice.coach
    write(doctor, patient, "observation", 60, value=Decimal(90), reference_high=Decimal(99))
    write(doctor, patient, "encounter", 30)
    write(doctor, patient, "observation", 10, value=Decimal(130), reference_high=Decimal(99))
    write(doctor, patient, "medication", 9)
    write(doctor, patient, "condition", 8)
    write(doctor, patient, "allergy", 7)
    write(coach, patient, "note", 6, kind="coaching", body="Sleeps badly since the move")
    write(doctor, patient, "document", 5)

    assert leads(doctor, patient, Section.CHANGED) == [
        "New allergy: Penicillin",
        "New problem: Hypertension",
        "New medicine: Metformin 500 mg",
        "Glucose 130 mg/dL",
        "Discharge letter",
        "Coaching note by Cleo Coach",
    ]
    assert leads(doctor, patient, Section.ALLERGIES) == ["Penicillin"]


def test_a_reader_goes_back_to_their_own_visit_and_hears_of_the_visits_since(practice, patient):
    write(practice.practitioner, patient, "encounter", 60, practitioner_name="Pia Practitioner")
    write(practice.senior, patient, "encounter", 20, practitioner_name="Sage Senior", text="Acupuncture")

    assert leads(practice.practitioner, patient, Section.CHANGED) == ["Acupuncture with Sage Senior"]
    assert read(practice.practitioner, patient).last.practitioner_name == "Pia Practitioner"
    assert leads(practice.senior, patient, Section.CHANGED) == []


def test_who_has_not_seen_the_patient_goes_back_to_the_last_visit_here(practice, patient):
    write(practice.practitioner, patient, "encounter", 60, practitioner_name="Pia Practitioner")
    import_entries(
        practice, patient, "encounter", [{"effective_at": ago(5), "text": "Emergency", "recorded_at": ago(4)}]
    )
    found = read(practice.coach, patient)

    assert found.last.practitioner_name == "Pia Practitioner"
    assert [line.lead for line in found.brief.part(Section.CHANGED).lines] == ["Emergency"]


def test_the_visit_of_today_is_prepared_and_not_taken_for_the_last(practice, patient):
    write(practice.practitioner, patient, "encounter", 30, text="Last month")
    import_entries(
        practice,
        patient,
        "encounter",
        [
            {"effective_at": NOW - timedelta(minutes=5), "status": "arrived", "text": "This one"},
            {"effective_at": NOW + timedelta(days=1), "status": "planned", "text": "Tomorrow's"},
        ],
    )
    found = read(practice.practitioner, patient)

    assert (found.coming.text, found.last.text) == ("This one", "Last month")


def test_what_was_taken_back_is_in_no_brief(practice, patient):
    doctor = practice.practitioner
    write(doctor, patient, "encounter", 30)
    for kind in ("observation", "medication", "condition", "allergy", "document"):
        entry = write(doctor, patient, kind, 3)
        with acting_as(doctor):
            void_entry(actor=doctor, patient_id=patient, kind=kind, entry_id=entry, reason="Wrong chart")

    assert leads(doctor, patient, Section.CHANGED) == []
    assert leads(doctor, patient, Section.ALLERGIES) == []


def test_the_record_of_a_merged_row_is_in_the_brief(practice, patient):
    write(practice.practitioner, patient, "encounter", 30)
    other = make_patient(practice).pk
    put_into_care(practice, other, practice.practitioner)
    write(practice.practitioner, other, "allergy", 3, text="Latex")
    write(practice.practitioner, other, "condition", 3, text="Asthma")
    link(practice, other, to=patient)

    assert leads(practice.practitioner, patient, Section.ALLERGIES) == ["Latex"]
    assert leads(practice.practitioner, patient, Section.CHANGED) == [
        "New allergy: Latex",
        "New problem: Asthma",
    ]


def test_that_nobody_stated_anything_of_allergies_is_said_until_somebody_does(practice, patient):
    doctor = practice.practitioner
    assert leads(doctor, patient, Section.UNKNOWN) == [
        "No allergies recorded; nobody has stated that there are none"
    ]
    write(
        doctor,
        patient,
        "allergy",
        1,
        text="No known allergies",
        code_system="http://snomed.info/sct",
        code="716186003",
        criticality="",
    )
    assert leads(doctor, patient, Section.UNKNOWN) == []
    assert leads(doctor, patient, Section.ALLERGIES) == []


def test_open_tasks_and_the_others_of_the_team_are_told(practice, patient):
    make_task(practice.practitioner, patient, title="Repeat ferritin", due_on=ago(1).date())

    assert leads(practice.coach, patient, Section.TASKS) == ["Repeat ferritin"]
    assert leads(practice.practitioner, patient, Section.PROGRAMME) == ["Cleo Coach"]


def test_a_brief_is_one_entry_of_the_access_log(practice, patient):
    write(practice.practitioner, patient, "encounter", 30)
    read(practice.practitioner, patient)
    with acting_as(practice.owner):
        entries = list(AccessEntry.objects.filter(patient_id=patient, outcome="read"))

    assert [(entry.action, entry.outcome, entry.patient_id) for entry in entries] == [
        ("assistant.brief_read", "read", patient)
    ]


def test_a_brief_is_closed_to_whoever_reads_no_records_or_not_this_one(practice, patient):
    for actor in (practice.front_desk, practice.dispensary, practice.owner):
        with pytest.raises(Forbidden):
            read(actor, patient)
    with pytest.raises(NotFound):
        read(practice.other_practitioner, patient)


def statements(actor, patient) -> int:
    with acting_as(actor), CaptureQueriesContext(connection) as captured:
        brief_for(actor, patient, ZONE)
    return len(captured)


def test_a_brief_of_a_long_record_costs_what_one_of_a_short_record_costs(practice, patient):
    kinds = (
        "encounter",
        "observation",
        "note",
        "condition",
        "medication",
        "allergy",
        "document",
        "procedure",
    )
    start = datetime(2024, 2, 1, tzinfo=NOW.tzinfo)
    make_task(practice.practitioner, patient)

    def grow(number):
        for kind in kinds:
            import_entries(practice, patient, kind, daily(number, start=start))
        return statements(practice.practitioner, patient)

    short = grow(1)
    assert grow(200) == short == STATEMENTS


STATEMENTS = 28
