"""Many entries at once: what is new, what has changed, and who may not."""

from __future__ import annotations

import dataclasses
from uuid import UUID, uuid5

import pytest
from django.db import IntegrityError, connection, transaction

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden
from willowbark.patients.testing import make_patient
from willowbark.record.core.entries import ENTRY_KINDS, Entry
from willowbark.record.kinds import TABLES
from willowbark.record.services.bulk import (
    NOT_COUNTED,
    BulkEntry,
    WithoutVisit,
    place_in_visits,
    store_entries,
)
from willowbark.record.testing import entry_of

KEY = UUID("00000000-0000-5000-8000-000000000000")


@pytest.fixture
def patient(practice):
    return make_patient(practice)


def sourced(kind: str, name: str, **said) -> Entry:
    return entry_of(
        kind, source_kind="import", source_key=uuid5(KEY, name), source_digest=name.encode(), **said
    )


def store(practice, *entries: BulkEntry):
    with acting_as(practice.system) as system:
        return store_entries(actor=system, entries=entries)


def rows(practice, kind: str):
    with acting_as(practice.everywhere):
        return list(TABLES[kind]._default_manager.order_by("id"))


@pytest.mark.parametrize("kind", list(ENTRY_KINDS))
def test_what_is_stored_is_what_was_said(practice, patient, kind):
    entry = sourced(kind, "one")
    row_id = uuid7()

    stored = store(practice, BulkEntry(patient.pk, entry, label=7, id=row_id))

    (row,) = rows(practice, kind)
    assert (stored.added, stored.changed) == ({7: 1}, {})
    assert (row.pk, row.patient_id, row.recorded_by_id) == (row_id, patient.pk, practice.system.user_id)
    for field in dataclasses.fields(entry):
        kept = getattr(row, field.name)
        assert (bytes(kept) if isinstance(kept, memoryview) else kept) == getattr(entry, field.name), (
            field.name
        )


def test_again_is_unchanged_and_another_digest_is_a_change(practice, patient):
    first = sourced("condition", "one")
    store(practice, BulkEntry(patient.pk, first))

    again = store(practice, BulkEntry(patient.pk, first))
    changed = store(
        practice, BulkEntry(patient.pk, dataclasses.replace(first, text="Other", source_digest=b"2"))
    )

    assert (again.added, again.changed) == ({}, {})
    assert (changed.added, changed.changed) == ({}, {0: 1})
    assert [row.text for row in rows(practice, "condition")] == ["Other"]


def test_keys_within_the_record_are_found_whatever_the_order(practice, patient):
    visit = sourced("encounter", "visit")
    panel, part = sourced("observation", "panel"), sourced("observation", "part")
    key = visit.source_key

    stored = store(
        practice,
        BulkEntry(patient.pk, part, NOT_COUNTED, encounter_key=key, parent_key=panel.source_key),
        BulkEntry(patient.pk, panel, encounter_key=key),
        BulkEntry(patient.pk, visit),
    )

    found = {row.source_key: row for row in rows(practice, "observation")}
    assert found[part.source_key].parent_id == found[panel.source_key].pk
    assert {row.encounter_id for row in found.values()} == {row.pk for row in rows(practice, "encounter")}
    assert sum(stored.added.values()) == 2
    assert not stored.without_visit


def test_a_visit_that_is_not_there_is_told_and_may_come_later(practice, patient):
    visit, result = sourced("encounter", "visit"), sourced("observation", "result")
    told = store(practice, BulkEntry(patient.pk, result, encounter_key=visit.source_key)).without_visit
    store(practice, BulkEntry(patient.pk, visit))

    with acting_as(practice.system) as system:
        placed = place_in_visits(actor=system, entries=told)

    assert result.source_key
    assert visit.source_key
    assert told == placed == [WithoutVisit(patient.pk, "observation", result.source_key, visit.source_key)]
    assert rows(practice, "observation")[0].encounter_id == rows(practice, "encounter")[0].pk


def test_a_visit_of_another_patient_is_never_taken(practice, patient):
    other = make_patient(practice)
    visit = sourced("encounter", "visit")
    result = sourced("observation", "result")

    stored = store(
        practice, BulkEntry(other.pk, visit), BulkEntry(patient.pk, result, encounter_key=visit.source_key)
    )

    assert len(stored.without_visit) == 1
    assert rows(practice, "observation")[0].encounter_id is None


@pytest.mark.parametrize("has_some", [True, False], ids=["one with a record", "a newcomer"])
def test_one_key_twice_is_refused_and_nothing_is_stored(practice, patient, has_some):
    if has_some:
        store(practice, BulkEntry(patient.pk, sourced("procedure", "before")))
    twice = [BulkEntry(patient.pk, sourced("procedure", "one"))] * 2

    with (
        acting_as(practice.system) as system,
        pytest.raises(Exception, match=r"second time|procedure_source_once"),
        transaction.atomic(),
    ):
        store_entries(actor=system, entries=twice)

    assert len(rows(practice, "procedure")) == has_some


def test_newcomers_and_those_with_a_record_are_stored_and_counted_together(practice, patient):
    newcomer = make_patient(practice)
    store(practice, *(BulkEntry(patient.pk, sourced("procedure", name)) for name in ("same", "other")))

    stored = store(
        practice,
        BulkEntry(patient.pk, sourced("procedure", "same"), 1),
        BulkEntry(patient.pk, dataclasses.replace(sourced("procedure", "other"), source_digest=b"new"), 2),
        BulkEntry(patient.pk, sourced("procedure", "third"), 3),
        BulkEntry(newcomer.pk, sourced("procedure", "same"), 3),
        BulkEntry(newcomer.pk, sourced("procedure", "other"), NOT_COUNTED),
    )

    assert (stored.added, stored.changed) == ({3: 2}, {2: 1})
    assert len(rows(practice, "procedure")) == 5
    assert {row.recorded_by_id for row in rows(practice, "procedure")} == {practice.system.user_id}


def test_each_row_has_its_history_under_an_id_of_its_own_in_the_order_of_the_clock(practice, patient):
    names = [f"number {number}" for number in range(20)]
    store(practice, *(BulkEntry(patient.pk, sourced("procedure", name)) for name in names))
    store(
        practice,
        *(
            BulkEntry(patient.pk, dataclasses.replace(sourced("procedure", name), source_digest=b"new"))
            for name in names
        ),
    )

    with acting_as(practice.everywhere), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, operation, row_id, old_row FROM foundation_patienthistory"
            " WHERE table_name = 'record_procedure' ORDER BY id"
        )
        kept = cursor.fetchall()
    ids = {row.pk for row in rows(practice, "procedure")}
    assert [operation for _, operation, _, _ in kept] == ["insert"] * 20 + ["update"] * 20
    assert {row_id for _, _, row_id, _ in kept[:20]} == {row_id for _, _, row_id, _ in kept[20:]} == ids
    assert all(old is None for *_, old in kept[:20])
    assert all(old for *_, old in kept[20:])
    assert {id_.version for id_, *_ in kept} == {7}


def test_a_row_that_breaks_a_rule_stops_all(practice, patient):
    good, bad = sourced("procedure", "good"), sourced("note", "bad", body="")

    with acting_as(practice.system) as system, pytest.raises(IntegrityError), transaction.atomic():
        store_entries(actor=system, entries=[BulkEntry(patient.pk, good), BulkEntry(patient.pk, bad)])

    assert not rows(practice, "procedure")


@pytest.mark.parametrize("role", ["owner", "senior_practitioner", "front_desk"])
def test_only_an_import_stores_in_bulk(practice, patient, role):
    actor = practice.by_role[role]
    with acting_as(actor), pytest.raises(Forbidden):
        store_entries(actor=actor, entries=[BulkEntry(patient.pk, sourced("procedure", "one"))])
    with acting_as(actor), pytest.raises(Forbidden):
        place_in_visits(actor=actor, entries=[])

    assert not rows(practice, "procedure")


def test_tabs_backslashes_and_the_like_come_through(practice, patient):
    text = 'a\tb\\N\r\n"c", {d} %s \\.'

    store(practice, BulkEntry(patient.pk, sourced("condition", "one", text=text)))

    assert rows(practice, "condition")[0].text == text
