"""Every change of a patient's rows is kept: who, when, and what stood there before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import PatientHistory
from willowbark.patients.models import ContactPoint, Patient
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import make_practice
from willowbark.record.models import Observation
from willowbark.record.services.voiding import void_entry
from willowbark.record.testing import daily, import_entries, make_entry


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


@pytest.fixture
def patient(practice):
    return make_patient(practice, phone="555-0100").pk


def history(owner, patient, table="record_observation"):
    return owner.execute(
        "SELECT operation, row_id, old_row, actor_id, request_id, db_role, at, transaction"
        " FROM foundation_patienthistory WHERE patient_id = %s AND table_name = %s ORDER BY at, operation",
        [patient, table],
    ).fetchall()


def test_an_addition_says_who_made_it_and_when(practice, patient, module_owner):
    actor = practice.everywhere
    entry = make_entry(actor, patient, "observation")

    (kept,) = history(module_owner, patient)
    assert kept[:6] == ("insert", entry, None, actor.user_id, actor.request_id, "willowbark_app")
    assert abs(kept[6] - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_change_keeps_the_whole_row_as_it_was_exactly(practice, patient, module_owner):
    entry = make_entry(practice.everywhere, patient, "observation", value="5.40", reference_low="0.10")
    with acting_as(practice.senior):
        Observation.objects.filter(pk=entry).update(text="Corrected", value="6.1")

    (_, change) = history(module_owner, patient)
    assert (change[0], change[1], change[3]) == ("update", entry, practice.senior.user_id)
    assert change[2]["text"] == "Glucose"
    exact = module_owner.execute(
        "SELECT old_row ->> 'value', old_row ->> 'reference_low' FROM foundation_patienthistory"
        " WHERE row_id = %s AND operation = 'update'",
        [entry],
    ).fetchone()
    assert exact == ("5.40", "0.10"), "to the last zero"
    columns = {field.column for field in Observation._meta.local_fields}
    assert set(change[2]) == columns


def test_voiding_keeps_who_voided_and_that_it_stood_before(practice, patient, module_owner):
    entry = make_entry(practice.everywhere, patient, "observation")
    with acting_as(practice.senior):
        void_entry(
            actor=practice.senior, patient_id=patient, kind="observation", entry_id=entry, reason="Typo"
        )

    change = history(module_owner, patient)[-1]
    assert (change[0], change[2]["voided_at"], change[3]) == ("update", None, practice.senior.user_id)


def test_many_rows_in_one_statement_are_each_kept(practice, patient, module_owner):
    entries = import_entries(practice, patient, "observation", daily(300))
    with acting_as(practice.everywhere):
        Observation.objects.filter(patient=patient).update(text="All at once")

    kept = history(module_owner, patient)
    assert {row[1] for row in kept if row[0] == "insert"} == set(entries)
    assert {row[1] for row in kept if row[0] == "update"} == set(entries)
    assert len(kept) == 600


def test_what_is_undone_is_not_said_to_have_happened(practice, patient, module_owner):
    with pytest.raises(KeyError), acting_as(practice.everywhere):
        ContactPoint.objects.filter(patient=patient).update(value="555-0199")
        raise KeyError

    assert [row[0] for row in history(module_owner, patient, "patients_contactpoint")] == ["insert"]


def test_the_identity_of_a_patient_is_kept_too(practice, patient, module_owner):
    with acting_as(practice.front_desk):
        Patient.objects.filter(pk=patient).update(given="Anna")

    change = history(module_owner, patient, "patients_patient")[-1]
    assert (change[0], change[1], change[2]["given"]) == ("update", patient, "Ann")


def test_a_change_by_hand_in_the_database_itself_is_caught_too(practice, patient, module_owner):
    entry = make_entry(practice.everywhere, patient, "observation")
    module_owner.execute("UPDATE record_observation SET text = 'By hand' WHERE id = %s", [entry])
    module_owner.execute("DELETE FROM record_observation WHERE id = %s", [entry])

    _, update, deletion = history(module_owner, patient)
    owner = "willowbark_owner"
    assert (update[0], update[2]["text"], update[3], update[5]) == ("update", "Glucose", None, owner)
    assert (deletion[0], deletion[2]["text"], deletion[5]) == ("delete", "By hand", owner)


def test_an_insert_that_finds_its_row_there_keeps_one_change(practice, patient, module_owner):
    with acting_as(practice.system), connection.cursor() as cursor:
        for value in ("555-0100", "555-0101"):
            cursor.execute(
                "INSERT INTO patients_contactpoint (id, patient_id, system, value, use, rank)"
                " VALUES (gen_random_uuid(), %s, 'phone', '555-0100', '', 1)"
                " ON CONFLICT (patient_id, system, value) DO UPDATE SET use = %s",
                [patient, value[-1]],
            )

    assert [row[0] for row in history(module_owner, patient, "patients_contactpoint")] == [
        "insert",
        "update",
        "update",
    ]


def test_the_history_of_a_row_is_found_by_its_patient_in_one_key(practice, patient):
    make_entry(practice.everywhere, patient, "observation")
    with acting_as(practice.everywhere):
        assert PatientHistory.objects.filter(patient_id=patient, table_name="record_observation").count() == 1
