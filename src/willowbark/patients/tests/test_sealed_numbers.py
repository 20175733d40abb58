"""Sensitive numbers: sealed in the database, found by the whole of them, shown to who asks, never moved."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.encryption import columns, keeping, rotating
from willowbark.foundation.encryption.errors import KeysMissing, NotAuthentic, UnknownKey
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing_database import default_connection_to
from willowbark.kernel.errors import Forbidden, Invalid, NotFound
from willowbark.patients.core.details import IdentifierDetails, PatientDetails
from willowbark.patients.models import MatchCandidate, MatchKey, PatientIdentifier
from willowbark.patients.selectors import numbers_in_full, numbers_of, search, show_number
from willowbark.patients.services.break_glass import look_up_exactly
from willowbark.patients.services.bulk import (
    BulkPatient,
    Outcome,
    StoredPatient,
    patients_with_identifier,
    store_patients,
)
from willowbark.patients.services.matching import match_newcomers_in_bulk
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import ask_about, make_patient, put_into_care
from willowbark.practice.testing import add_app_for, make_practice, signed_in

SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
SSN = Identification(SSN_SYSTEM, "078-05-1120", "SS")
CHART_NUMBER = Identification("urn:mrn", "MRN-78051120", "MR")


@pytest.fixture
def ann(practice):
    return make_patient(practice, given="Ann", identifiers=(SSN, CHART_NUMBER))


def number_of(practice, patient_id, *, sealed=True) -> PatientIdentifier:
    with acting_as(practice.system):
        return PatientIdentifier.objects.get(patient=patient_id, sealed__isnull=not sealed)


def found(actor, typed) -> list[str]:
    with acting_as(actor):
        return [row.given for row in search(actor, typed).rows]


def imported(practice, *people: PatientDetails) -> list[StoredPatient]:
    with acting_as(practice.system):
        return store_patients(
            actor=practice.system,
            patients=[BulkPatient(one) for one in people],
            home_site_id=practice.north,
        )


def person(given="Ann", *, numbers=(("078-05-1120", "SS"),), **known) -> PatientDetails:
    return PatientDetails(
        family="Sealed",
        given=given,
        source_kind="import",
        source_key=known.pop("source_key", None) or uuid7(),
        source_digest=uuid7().bytes * 2,
        identifiers=tuple(
            IdentifierDetails(system=SSN_SYSTEM, value=value, type_code=code) for value, code in numbers
        ),
        **known,
    )


def everything_said(owner) -> str:
    """Every row of every table, as the owner of them all reads it."""
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    return "\n".join(
        str(row) for (table,) in tables for row in owner.execute(f"SELECT t::text FROM {table} t").fetchall()
    )


def test_the_database_holds_the_plain_number_nowhere(fresh_database, owner_connection):
    practice = make_practice()
    known = make_patient(practice, given="Ann", family="Twice", identifiers=(SSN,)).pk
    (new,) = imported(practice, person(given="Anna"))
    with acting_as(practice.system):
        rows = [known, new.patient_id]
        assert match_newcomers_in_bulk(actor=practice.system, patient_ids=rows).waiting == 1
        MatchCandidate.objects.update(reason="asked the patient")
    imported(practice, person(given="Anna", numbers=(("078051120", "SB"),)))
    desk = signed_in(practice.front_desk)
    number = number_of(practice, known)
    assert desk.get(reverse("patients:number", args=[known, number.pk])).status_code == 200
    assert sorted(found(practice.front_desk, "078-05-1120")) == ["Ann", "Anna", "Anna"]

    said = everything_said(owner_connection)

    for spelling in ("078-05-1120", "078051120", b"078-05-1120".hex(), b"078051120".hex()):
        assert spelling not in said
    assert "Twice" in said


@pytest.mark.parametrize("typed", ["078-05-1120", "078051120", "078.05.1120"])
def test_a_sealed_number_is_found_however_it_is_typed(practice, ann, typed):
    assert found(practice.front_desk, typed) == ["Ann"]


@pytest.mark.parametrize("typed", ["078-05", "07805112", "0780511201", "1120", "••••1120"])
def test_a_sealed_number_is_not_found_by_a_part_of_it(practice, ann, typed):
    assert found(practice.front_desk, typed) == []


def test_a_plain_number_is_still_found_by_its_beginning(practice, ann):
    assert found(practice.front_desk, "MRN-78") == ["Ann"]


def test_two_numbers_that_were_typed_must_both_be_the_patients(practice, ann):
    make_patient(practice, given="Ben", identifiers=(CHART_NUMBER,))

    assert found(practice.front_desk, "078051120 MRN-7") == ["Ann"]
    assert found(practice.front_desk, "MRN-7 078051120") == ["Ann"]
    assert found(practice.front_desk, "078051120 078051121") == []


def test_what_a_number_is_found_by_is_no_number_itself(practice, ann):
    index = number_of(practice, ann.pk).blind_index

    assert found(practice.front_desk, index) == []


def test_nobody_learns_of_a_number_that_is_out_of_their_reach(practice, ann):
    assert found(practice.practitioner, "078-05-1120") == []


def test_an_import_finds_whose_a_sealed_number_is(practice, ann):
    with acting_as(practice.system):
        assert patients_with_identifier(SSN_SYSTEM, "078051120") == [ann.pk]
        assert patients_with_identifier("", "078051120") == [ann.pk]
        assert patients_with_identifier("urn:other", "078051120") == []
        assert patients_with_identifier("urn:mrn", "MRN-78051120") == [ann.pk]


def test_an_import_keeps_a_number_once_however_it_is_written(practice):
    key = uuid7()
    (first,) = imported(
        practice, person(source_key=key, numbers=(("078-05-1120", "SS"), ("078051120", "SS")))
    )
    imported(practice, person(source_key=key, numbers=(("078 05 1120", "SS"),)))

    with acting_as(practice.system):
        assert numbers_in_full([first.patient_id]) == [(SSN_SYSTEM, "078-05-1120", "SS")]


PAYER = "urn:payer:member"


def member(key, *numbers: tuple[str, str]) -> PatientDetails:
    identifiers = tuple(
        IdentifierDetails(system=PAYER, value=value, type_code=code) for value, code in numbers
    )
    return replace(person(source_key=key), identifiers=identifiers)


@pytest.mark.parametrize(
    ("told", "spellings"),
    [
        ([[("219-09-9999", "")], [("219099999", "SS")]], 1),
        ([[("219-09-9999", "SS")], [("219099999", "")]], 1),
        ([[("219-09-9999", ""), ("219099999", "SS")]], 1),
        ([[("219-09-9999", ""), ("219 09 9999", "")], [("219099999", "SS")], [("219-09-9999", "")]], 2),
    ],
    ids=["typed later", "typed before", "typed beside", "back and forth"],
)
def test_a_number_that_was_typed_sensitive_once_stands_nowhere_in_the_clear(practice, told, spellings):
    key = uuid7()
    for numbers in told:
        (stored,) = imported(practice, member(key, *numbers))

    with acting_as(practice.system):
        rows = PatientIdentifier.objects.filter(patient=stored.patient_id)
        assert {(row.value, row.type_code) for row in rows} == {("", "SS")}
        assert len(rows) == spellings
        assert patients_with_identifier(PAYER, "219099999") == [stored.patient_id]
        [shown] = numbers_of([stored.patient_id])
    number = show_as(practice, stored.patient_id, shown.id)
    for spelling in ("219-09-9999", "219 09 9999", "219099999"):
        assert found(practice.front_desk, spelling), spelling
    assert number.value in ("219-09-9999", "219 09 9999", "219099999")


def show_as(practice, patient_id, number_id):
    with acting_as(practice.front_desk) as actor:
        return show_number(actor, patient_id, number_id)


def test_a_plain_number_beside_a_sealed_one_of_its_system_stays_plain(practice):
    key = uuid7()
    imported(practice, member(key, ("219-09-9999", "SS")))
    (stored,) = imported(practice, member(key, ("M-100", "")))

    assert number_of(practice, stored.patient_id, sealed=False).value == "M-100"


def test_the_same_number_twice_is_refused_at_the_desk(practice):
    with pytest.raises(Invalid):
        make_patient(practice, identifiers=(SSN, Identification(SSN_SYSTEM, "078051120", "SS")))


def test_a_row_holds_a_number_plain_or_sealed_and_never_both(practice, ann):
    row = number_of(practice, ann.pk)
    for change in ({"value": "078"}, {"blind_index": ""}, {"sealed": None}):
        with acting_as(practice.system), pytest.raises(IntegrityError), transaction.atomic():
            PatientIdentifier.objects.filter(patient=ann.pk, pk=row.pk).update(**change)


def test_a_sealed_number_that_was_put_into_another_patients_row_is_refused(practice, ann):
    ben = make_patient(practice, given="Ben", identifiers=(Identification(SSN_SYSTEM, "219-09-9999", "SS"),))
    with acting_as(practice.system):
        PatientIdentifier.objects.filter(patient=ben.pk).update(sealed=sealed_of(ann.pk))
        with pytest.raises(NotAuthentic):
            numbers_in_full([ben.pk])
    number = number_of(practice, ben.pk).pk
    with acting_as(practice.front_desk), pytest.raises(NotAuthentic):
        show_number(practice.front_desk, ben.pk, number)


def sealed_of(patient_id) -> bytes:
    return bytes(PatientIdentifier.objects.get(patient=patient_id, sealed__isnull=False).sealed or b"")


def test_pages_mask_a_sensitive_number_and_show_it_to_who_asks(practice, ann):
    put_into_care(practice, ann.pk, practice.practitioner)
    browser = signed_in(practice.practitioner)
    chart = browser.get(reverse("record:chart", args=[ann.pk])).content.decode()
    assert "078-05-1120" not in chart
    assert "••••1120" in chart

    url = reverse("patients:number", args=[ann.pk, number_of(practice, ann.pk).pk])
    assert url in chart
    page = browser.get(url)
    fragment = browser.get(url, headers={"HX-Request": "true"})

    assert "078-05-1120" in page.content.decode()
    assert fragment.content.decode().strip() == '<span class="strong">078-05-1120</span>'
    with connection.cursor() as cursor, acting_as(practice.owner):
        cursor.execute("SELECT count(*) FROM foundation_accessentry WHERE action = 'patients.number_shown'")
        assert cursor.fetchone() == (2,)


def test_a_chart_opens_without_a_number_that_does_not(practice, ann, monkeypatch, tmp_path):
    put_into_care(practice, ann.pk, practice.practitioner)
    row = number_of(practice, ann.pk).pk
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.setenv(keeping.FILE, str(tmp_path / "lost"))
    browser = signed_in(practice.practitioner)

    chart = browser.get(reverse("record:chart", args=[ann.pk]))
    number = browser.get(reverse("patients:number", args=[ann.pk, row]))

    assert chart.status_code == 200
    assert '•••• <span class="faint">cannot be opened now</span>' in chart.content.decode()
    assert "MRN-78051120" in chart.content.decode()
    assert str(row) not in chart.content.decode()
    assert number.status_code == 503
    assert str(tmp_path) not in number.content.decode() + str(number.headers)
    with acting_as(practice.system):
        assert [(one.value, one.is_unreadable) for one in numbers_of([ann.pk])] == [
            ("••••", True),
            ("MRN-78051120", False),
        ]


def test_who_may_not_change_details_sees_no_whole_number(practice, ann):
    put_into_care(practice, ann.pk, practice.coach)
    row = number_of(practice, ann.pk).pk
    chart = signed_in(practice.coach).get(reverse("record:chart", args=[ann.pk])).content.decode()
    assert "••••1120" in chart
    assert str(row) not in chart

    with acting_as(practice.coach), pytest.raises(Forbidden):
        show_number(practice.coach, ann.pk, row)


def test_another_patients_number_is_absent(practice, ann):
    ben = make_patient(practice, given="Ben")
    anns = number_of(practice, ann.pk).pk

    with acting_as(practice.front_desk), pytest.raises(NotFound):
        show_number(practice.front_desk, ben.pk, anns)


def test_matching_compares_sealed_numbers_and_masks_what_it_says_of_them(practice, ann):
    (new,) = imported(practice, person(given="Zoe", numbers=(("078051120", "SS"),)))
    with acting_as(practice.system):
        matched = match_newcomers_in_bulk(actor=practice.system, patient_ids=[ann.pk, new.patient_id])
        (evidence,) = MatchCandidate.objects.values_list("evidence", flat=True)

    assert matched.waiting == 1
    said = {line["field"]: line["words"] for line in evidence["evidence"]}
    assert said["national"] == "National identifier: the same (••••1120, MRN-78051120 / ••••1120)"


class TestRotation:
    """Under a new key, as the tables' owner, with commits: each batch is a transaction."""

    @pytest.fixture
    def owner(self, fresh_database, owner_connection):
        practice = make_practice()
        for value in ("078-05-1120", "219-09-9999", "457-55-5462"):
            make_patient(practice, identifiers=(Identification(SSN_SYSTEM, value, "SS"), CHART_NUMBER))
        return owner_connection

    @staticmethod
    def sealed(owner) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = owner.execute(
            "SELECT id, sealed FROM patients_patientidentifier ORDER BY id"
        ).fetchall()
        return found

    @pytest.fixture
    def later(self):
        ring = keeping.keyring()
        return ring.with_new_key(ring.current.made_at)

    def test_everything_comes_under_the_new_key_and_reads_as_before(self, owner, later, monkeypatch):
        monkeypatch.setattr(rotating, "BATCH_ROWS", 2)
        batches: list[int] = []

        rotated = rotating.rotate(owner, later, done=batches.append)

        assert (rotated.values, batches) == (3, [2, 1])
        assert columns.keys_in_use(owner) == {later.current.id: 3}
        columns.open_one_of_each_key(owner, later)

    def test_begun_again_it_goes_on_with_what_is_left(self, owner, later, monkeypatch):
        monkeypatch.setattr(rotating, "BATCH_ROWS", 1)

        def stop(number: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rotating.rotate(owner, later, done=stop)
        assert rotating.waiting(owner, later) == 2

        assert rotating.rotate(owner, later).values == 2
        before = self.sealed(owner)
        assert rotating.rotate(owner, later).values == 0
        assert self.sealed(owner) == before

    def test_with_a_lost_key_nothing_is_changed(self, owner, later):
        before = self.sealed(owner)

        with pytest.raises(UnknownKey):
            rotating.rotate(owner, Keyring.made(later.current.made_at))

        assert self.sealed(owner) == before

    def test_one_value_that_was_tampered_with_keeps_its_batch_as_it_was(self, owner, later):
        owner.execute("UPDATE patients_patientidentifier SET sealed = sealed || 'x' WHERE sealed IS NOT NULL")
        before = self.sealed(owner)

        with pytest.raises(NotAuthentic):
            rotating.rotate(owner, later)

        assert self.sealed(owner) == before


def test_numbers_of_an_earlier_version_are_sealed_and_leave_no_copy(fresh_database, owner_connection):
    """The migration that seals them, run again on rows made as they were before it."""
    practice = make_practice()
    ann = make_patient(practice, given="Ann", identifiers=(SSN, CHART_NUMBER)).pk
    ben = make_patient(practice, given="Ben", identifiers=(SSN,)).pk
    ask_about(practice, ben, ann)
    owner_connection.execute(
        """
        ALTER TABLE patients_patientidentifier DROP CONSTRAINT patient_identifier_plain_or_sealed;
        ALTER TABLE patients_patientidentifier DISABLE TRIGGER USER;
        ALTER TABLE patients_matchkey DISABLE TRIGGER USER;
        ALTER TABLE patients_matchcandidate DISABLE TRIGGER USER;
        UPDATE patients_patientidentifier SET value = '078-05-1120', sealed = NULL, blind_index = ''
         WHERE sealed IS NOT NULL;
        INSERT INTO patients_patientidentifier (id, patient_id, system, value, blind_index, type_code)
         SELECT gen_random_uuid(), id, 'http://hl7.org/fhir/sid/us-ssn', spelling, '', type_code
           FROM patients_patient,
             (VALUES ('078051120', 'SB'), ('078 05 1120', '')) AS more (spelling, type_code);
        INSERT INTO patients_matchkey (id, patient_id, key)
         SELECT id, id, 'i:078051120:hl7.org/fhir/sid/us-ssn' FROM patients_patient;
        UPDATE patients_matchcandidate SET evidence =
          replace(evidence::text, '••••1120', '078-05-1120')::jsonb;
        ALTER TABLE patients_patientidentifier ENABLE TRIGGER USER;
        ALTER TABLE patients_matchkey ENABLE TRIGGER USER;
        ALTER TABLE patients_matchcandidate ENABLE TRIGGER USER;
        """
    )
    assert everything_said(owner_connection).count("078-05-1120") >= 3

    with default_connection_to(fresh_database.owner), connection.schema_editor(atomic=True) as editor:
        import_module("willowbark.patients.migrations.0009_seal_numbers").seal_numbers(None, editor)

    said = everything_said(owner_connection)
    assert "078-05-1120" not in said
    assert "078051120" not in said
    assert "078 05 1120" not in said
    with acting_as(practice.system):
        assert sorted(system for system, _, _ in numbers_in_full([ann])) == [SSN_SYSTEM, "urn:mrn"]
    assert found(practice.front_desk, "078051120") == ["Ann", "Ben"]
    assert found(practice.front_desk, "MRN-78") == ["Ann"]
    with acting_as(practice.system):
        assert match_newcomers_in_bulk(actor=practice.system, patient_ids=[ann, ben]).linked == {}
        keys = set(MatchKey.objects.filter(patient=ann, key__startswith="i:").values_list("key", flat=True))
    assert len(keys) == 2, "the keys that were made again are those that matching makes"


def test_an_earlier_version_whose_keys_are_lost_is_given_no_others(fresh_database, monkeypatch, tmp_path):
    add_app_for(make_practice().owner)
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.setenv(keeping.FILE, str(tmp_path / "lost"))
    migration = import_module("willowbark.patients.migrations.0009_seal_numbers")

    with (
        default_connection_to(fresh_database.owner),
        pytest.raises(KeysMissing),
        connection.schema_editor(atomic=True) as editor,
    ):
        migration.seal_numbers(None, editor)

    assert not (tmp_path / "lost").exists()


def test_what_tells_that_a_source_says_the_same_is_keyed_and_an_earlier_versions_becomes_so(
    fresh_database, owner_connection
):
    practice = make_practice()
    said = person()
    (stored,) = imported(practice, said)
    told = "SELECT source_digest FROM patients_patient WHERE id = %s"
    (keyed,) = owner_connection.execute(told, [stored.patient_id]).fetchone()
    owner_connection.execute("UPDATE patients_patient SET source_digest = %s", [said.source_digest])
    written = owner_connection.execute("SELECT count(*) FROM foundation_patienthistory").fetchone()

    migration = import_module("willowbark.patients.migrations.0010_key_digests")
    with (
        default_connection_to(fresh_database.owner),
        connection.schema_editor(atomic=True) as editor,
    ):
        migration.key_digests(None, editor)

    assert keyed != said.source_digest
    assert owner_connection.execute(told, [stored.patient_id]).fetchone() == (keyed,)
    assert owner_connection.execute("SELECT count(*) FROM foundation_patienthistory").fetchone() == written
    (again,) = imported(practice, said)
    assert again.outcome is Outcome.UNCHANGED


def test_who_breaks_the_glass_may_name_the_patient_by_a_sealed_number(practice, ann):
    with acting_as(practice.practitioner):
        found_by_whole = look_up_exactly(actor=practice.practitioner, number="078 05 1120")
        found_by_part = look_up_exactly(actor=practice.practitioner, number="078-05-112")

    assert [each.patient_id for each in found_by_whole] == [ann.pk]
    assert list(found_by_part) == []
