"""What an import keeps as it came is sealed: a dump shows no number of it, and nobody can move it."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse
from psycopg import sql

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.doctor.database import look_at_the_clear
from willowbark.foundation.encryption import clearing, columns, keeping, rotating
from willowbark.foundation.encryption.blind import keyed_digest
from willowbark.foundation.encryption.errors import KeysMissing, NotAuthentic, UnknownKey
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import tables_that_say
from willowbark.foundation.testing_database import default_connection_to
from willowbark.interop.fhir.models import (
    ImportRun,
    KeptResource,
    Original,
    Quarantined,
    SharedResource,
    sealed,
)
from willowbark.interop.fhir.selectors import kept_content, original_of, shared_content, to_mend
from willowbark.interop.fhir.services.originals import pieces_of_original
from willowbark.interop.fhir.services.replaying import mend, replay
from willowbark.interop.fhir.tests.importing import Desk, together
from willowbark.interop.fhir.tests.shapes import bundle, encoded, gzipped, patient, resource
from willowbark.practice.testing import make_practice, signed_in

SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
# One number for each way in which it comes. Nobody has them: 000 and 9xx were never given, nor was group 00.
OF_PATIENT, OF_COVERAGE, OF_DOCTOR = "900-11-2201", "900-11-2202", "900-11-2203"
OF_UNREAD, OF_MENDED, OF_NOBODY, OF_DAMAGED = "900-11-2204", "900-11-2205", "900-11-2206", "900-11-2207"
NUMBERS = (OF_PATIENT, OF_COVERAGE, OF_DOCTOR, OF_UNREAD, OF_MENDED, OF_NOBODY, OF_DAMAGED)

PERSON = patient(identifier=[{"system": SSN_SYSTEM, "value": OF_PATIENT}])
COVERAGE = resource(
    "Coverage", id="c1", status="active", beneficiary={"reference": "Patient/p1"}, subscriberId=OF_COVERAGE
)
DOCTOR = resource("Practitioner", id="d1", identifier=[{"system": SSN_SYSTEM, "value": OF_DOCTOR}])
UNREAD = resource(
    "Observation", id="u1", status="nonsense", identifier=[{"system": SSN_SYSTEM, "value": OF_UNREAD}]
)
MENDED = UNREAD | {"identifier": [{"system": SSN_SYSTEM, "value": OF_MENDED}]}
OF_SOMEBODY = resource(
    "Observation", id="n1", subject={"reference": f"Patient?identifier={SSN_SYSTEM}|{OF_NOBODY}"}
)
PLAIN = encoded(bundle(PERSON, COVERAGE, DOCTOR, UNREAD, OF_SOMEBODY))
FILES = (PLAIN, gzipped(encoded(COVERAGE)), b"{damaged " + OF_DAMAGED.encode())


def filled(practice, tmp_path) -> Desk:
    """Everything that an import keeps as it came, a second version of what is kept, and a mended resource."""
    desk = Desk(practice, tmp_path)
    desk.run(*FILES)
    desk.run(bundle(COVERAGE | {"status": "cancelled"}))
    with acting_as(practice.owner) as owner:
        (unread,) = Quarantined.objects.filter(resource_id="u1")
        mend(actor=owner, quarantined_id=unread.pk, words=encoded(MENDED).decode())
    return desk


def said(practice) -> dict[str, Any]:
    """What every reader gives back."""
    with acting_as(practice.everywhere):
        kept = [
            kept_content(one.patient_id, one.source_key, one.sealed_content, one.content)
            for one in KeptResource.objects.order_by("id")
        ]
    with acting_as(practice.owner) as owner:
        shared = [
            shared_content(one.pk, one.sealed_content, one.content)
            for one in SharedResource.objects.order_by("id")
        ]
        rows = list(Quarantined.objects.order_by("id").values_list("id", flat=True))
        aside = [(original_of(owner, one)[1], to_mend(owner, one).words) for one in rows]
        files = list(Original.objects.order_by("id").values_list("id", flat=True))
    originals = [b"".join(pieces_of_original(practice.owner, one)) for one in files]
    return {"kept": kept, "shared": shared, "aside": aside, "originals": originals}


def as_an_earlier_version(owner) -> int:
    """Put everything back as it stood before it was sealed; how many values."""
    ring, count = keeping.keyring(), 0
    for column in sealed.COLUMNS:
        names = {**column.parts, "clear": sql.Identifier(column.clear)}
        rows = owner.execute(
            sql.SQL(
                "SELECT {first}, {row}, {patient}, {column} FROM {table} WHERE {column} IS NOT NULL"
            ).format(**names)
        ).fetchall()
        for first, row, patient_id, kept in rows:
            plain = column.unseal(ring, row, patient_id, kept)
            is_text = column in (sealed.KEPT, sealed.SHARED)
            owner.execute(
                sql.SQL(
                    "UPDATE {table} SET {column} = NULL, {clear} = %s WHERE {first} = %s AND {row} = %s"
                ).format(**names),
                [plain.decode() if is_text else plain, first, row],
            )
        count += len(rows)
    owner.execute("UPDATE interop_fhir_keptresource SET source_digest = sha256(convert_to(content, 'UTF8'))")
    owner.execute("DELETE FROM foundation_patienthistory WHERE table_name = 'interop_fhir_keptresource'")
    return count


class TestADump:
    def test_shows_no_number_and_what_an_earlier_version_left_is_sealed_though_stopped_halfway(
        self, fresh_database, owner_connection, tmp_path
    ):
        owner, practice = owner_connection, make_practice()
        desk = filled(practice, tmp_path)
        told = said(practice)

        assert tables_that_say(owner, *NUMBERS) == {}
        assert tables_that_say(owner, "Shaw").keys() >= {"patients_patient"}
        assert look_at_the_clear(owner).verdict == "well"

        clear = as_an_earlier_version(owner)
        assert tables_that_say(owner, *NUMBERS) == {
            "interop_fhir_originalchunk": set(NUMBERS) - {OF_MENDED},
            "interop_fhir_keptresource": {OF_COVERAGE},
            "interop_fhir_sharedresource": {OF_DOCTOR},
            "interop_fhir_quarantined": {OF_UNREAD, OF_MENDED, OF_NOBODY},
        }
        assert said(practice) == told
        assert clearing.left(owner) == clear
        assert f"{clear} values" in look_at_the_clear(owner).message

        with pytest.raises(KeyboardInterrupt):
            clearing.seal_all(owner, keeping.keyring(), done=stopped)
        assert 0 < clearing.left(owner) < clear
        assert said(practice) == told
        left = clearing.left(owner)
        assert clearing.seal_all(owner, keeping.keyring()) == left
        assert clearing.seal_all(owner, keeping.keyring()) == 0

        assert tables_that_say(owner, *NUMBERS) == {}
        assert said(practice) == told
        again = desk.run(*FILES[:2], bundle(COVERAGE | {"status": "cancelled"}))
        assert together(again, "changes") == (0,)

    def test_history_keeps_the_version_before_sealed_and_rotation_leaves_it_under_its_key(
        self, fresh_database, owner_connection, tmp_path, monkeypatch
    ):
        owner, practice = owner_connection, make_practice()
        desk = Desk(practice, tmp_path)
        desk.run(bundle(patient(), COVERAGE))
        as_an_earlier_version(owner)
        unchanged = desk.run(bundle(patient(), COVERAGE, type_="collection"))
        desk.run(bundle(COVERAGE | {"status": "cancelled"}))

        assert together(unchanged, "changes") == (0,)
        when_it_was_sealed, before = versions_in_history(owner)
        assert when_it_was_sealed.keys() == before.keys()
        assert not before.keys() & {"content", "source_digest"}
        assert when_it_was_sealed["sealed_content"] is None
        assert '"active"' in opened_from_history(before)

        later = keeping.keyring().with_new_key(clock.now())
        rotated = rotating.rotate(owner, later)
        monkeypatch.setenv(keeping.TEXT, later.to_text())
        assert columns.keys_in_use(owner) == {later.current.id: rotated.values}
        assert '"cancelled"' in said(practice)["kept"][0]
        assert '"active"' in opened_from_history(before)
        assert "foundation_patienthistory" not in tables_that_say(owner, OF_COVERAGE)

    def test_the_migration_keys_the_digests_that_were_there(self, fresh_database, owner_connection, tmp_path):
        owner, practice = owner_connection, make_practice()
        desk = Desk(practice, tmp_path)
        desk.run(*FILES[:1])
        plain = hashlib.sha256(PLAIN).digest()
        (keyed,) = owner.execute("SELECT sha256 FROM interop_fhir_original").fetchone()
        owner.execute("UPDATE interop_fhir_original SET sha256 = %s", [plain])
        owner.execute("UPDATE interop_fhir_quarantined SET content_sha256 = sha256(content_sha256)")
        owner.execute("UPDATE interop_fhir_sharedresource SET source_digest = sha256(source_digest)")

        migration = import_module("willowbark.interop.fhir.migrations.0005_sealed")
        with (
            default_connection_to(fresh_database.owner),
            connection.schema_editor(atomic=True) as editor,
        ):
            migration.key_digests(None, editor)

        assert owner.execute("SELECT sha256 FROM interop_fhir_original").fetchall() == [(keyed,)]
        assert keyed == keyed_digest(keeping.keyring(), "interop_fhir_original", plain) != plain
        assert desk.run(*FILES[:1]).files_known == 1


def stopped(_: int) -> None:
    raise KeyboardInterrupt


def versions_in_history(owner) -> list[dict[str, Any]]:
    rows = owner.execute(
        "SELECT old_row FROM foundation_patienthistory WHERE table_name = 'interop_fhir_keptresource'"
        " AND operation = 'update' ORDER BY id"
    )
    return [row for (row,) in rows]


def opened_from_history(row: dict[str, Any]) -> str:
    kept = bytes.fromhex(row["sealed_content"].removeprefix("\\x"))
    return kept_content(UUID(row["patient_id"]), UUID(row["source_key"]), kept, None)


@pytest.fixture
def unread(desk) -> Quarantined:
    """A resource that waits for a person."""
    desk.run(*FILES[:1])
    with acting_as(desk.practice.owner):
        return Quarantined.objects.get(resource_id="u1")


def test_what_was_put_in_another_row_opens_nowhere(desk, unread):
    with acting_as(desk.practice.system):
        Quarantined.objects.filter(resource_id="n1").update(sealed_content=unread.sealed_content)
        other = Quarantined.objects.get(resource_id="n1")
    with acting_as(desk.practice.owner) as owner, pytest.raises(NotAuthentic):
        original_of(owner, other.pk)


def test_what_is_kept_belongs_to_its_patient_and_source_key(desk, unread):
    with acting_as(desk.practice.everywhere):
        (kept,) = KeptResource.objects.all()
    whole = (kept.patient_id, kept.source_key, kept.sealed_content, None)

    assert '"c1"' in kept_content(*whole)
    for other in ((uuid7(), *whole[1:]), (whole[0], uuid7(), *whole[2:])):
        with pytest.raises(NotAuthentic):
            kept_content(*other)


def test_without_the_keys_nothing_goes_in_and_nothing_is_lost(desk, monkeypatch, tmp_path):
    before = desk.everything()
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.setenv(keeping.FILE, str(tmp_path / "lost"))

    with pytest.raises(KeysMissing, match="the field keys are missing"):
        desk.run(bundle(patient(), COVERAGE))

    assert desk.everything() == before
    with acting_as(desk.practice.owner):
        assert not Original.objects.exists()
        run = ImportRun.objects.get()
    assert run.status == "failed"
    assert "the field keys are missing" in run.error_text


def test_with_other_keys_what_was_kept_is_refused_and_stays(desk, unread, monkeypatch):
    monkeypatch.setenv(keeping.TEXT, Keyring.made(clock.now()).to_text())
    with acting_as(desk.practice.owner) as owner:
        for act in (
            lambda: original_of(owner, unread.pk),
            lambda: to_mend(owner, unread.pk),
            lambda: mend(actor=owner, quarantined_id=unread.pk, words=encoded(MENDED).decode()),
        ):
            with pytest.raises(UnknownKey):
                act()
    with pytest.raises(UnknownKey):
        replay(unread.pk, asked_by=desk.practice.owner.user_id, channel="test")

    monkeypatch.undo()
    with acting_as(desk.practice.owner) as owner:
        assert json.loads(original_of(owner, unread.pk)[1]) == UNREAD
        assert Quarantined.objects.get(pk=unread.pk).status == "waiting"


def test_a_page_of_what_cannot_be_opened_says_so(desk, unread, monkeypatch):
    client = signed_in(desk.practice.owner)
    monkeypatch.setenv(keeping.TEXT, Keyring.made(clock.now()).to_text())

    answers = [client.get(reverse(f"interop_fhir:{name}", args=[unread.pk])) for name in ("original", "mend")]
    report = client.get(reverse("interop_fhir:report", args=[unread.run_id]))

    assert [answer.status_code for answer in answers] == [503, 503]
    assert OF_UNREAD not in "".join(answer.content.decode() for answer in answers)
    assert report.status_code == 200


def test_a_reference_by_number_is_told_of_by_its_last_letters(desk, unread):
    with acting_as(desk.practice.owner):
        message = Quarantined.objects.get(resource_id="n1").message

    assert "2206" in message
    assert OF_NOBODY not in message
