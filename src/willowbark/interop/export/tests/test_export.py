"""What goes out is all that is there, says so, and comes in again as it was."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
import zipfile
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from willowbark.foundation import clock, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.foundation.testing import shared_data
from willowbark.foundation.testing_database import default_connection_to
from willowbark.interop.export.models import Export
from willowbark.interop.export.services import asking, making, writing
from willowbark.interop.export.services.asking import ask_for_export, file_of, take_export
from willowbark.interop.export.services.making import carry_out, scope_of, sweep
from willowbark.interop.export.services.tables import columns, of_patients, of_practice, undecided
from willowbark.interop.export.services.writing import Scope, write_export
from willowbark.interop.fhir.services.running import run_import
from willowbark.kernel.errors import Forbidden, NotFound, RequestKeyReused
from willowbark.patients.selectors.numbers import opened
from willowbark.patients.services.break_glass import end_break_glass
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import ask_about, break_the_glass, link, make_patient, put_into_care
from willowbark.practice.models import RoleAssignment
from willowbark.practice.services import take_role_away
from willowbark.practice.testing import again, make_practice, signed_in, staff_of
from willowbark.protocols.selectors.versions import one_master
from willowbark.protocols.services.library_drafts import save_line, start_draft
from willowbark.record.kinds import TABLES
from willowbark.record.testing import make_entry

# What a row is here and not what it says: ids, keys, digests, and who recorded it when.
OWN = {
    "id",
    "patient_id",
    "encounter_id",
    "parent_id",
    "source_key",
    "source_digest",
    "source_file",
    "source_kind",
    "recorded_by_id",
    "recorded_at",
    "home_site_id",
    "voided_at",
    "voided_by_id",
    "linked_to",
    "request_key",
    "request_digest",
    "sealed",
    "blind_index",
}


def imported(practice, *paths, source="fhir"):
    run_import(actor=practice.system, paths=list(paths), source=source, read_ahead=False)


def written(practice, path, patient_ids=None):
    write_export(
        person=again(practice.owner),
        system=again(practice.system),
        scope=Scope(patient_ids),
        path=path,
    )
    return zipfile.ZipFile(path)


def manifest_of(zipped):
    return json.loads(zipped.read("manifest.json"))


def rows_of(zipped):
    return {each["name"]: each["rows"] for each in manifest_of(zipped)["files"] if "rows" in each}


def lines_of(zipped, name):
    return [json.loads(line) for line in zipped.read(name).splitlines()]


def everybody(practice):
    with acting_as(practice.everywhere):
        return list(apps.get_model("patients.Patient")._default_manager.values_list("pk", flat=True))


def content(practice, model):
    """What the rows of a table say, without what is this database's own, each with how often."""
    with acting_as(practice.everywhere):
        return Counter(
            repr(sorted((name, _plain(value)) for name, value in _opened(row).items() if name not in OWN))
            for row in model._default_manager.values()
        )


def _opened(row):
    if row.get("sealed") is not None:
        row["value"] = opened(row["patient_id"], row["id"], row["value"], row["sealed"])
    return row


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.fixture
def filled(practice):
    """Ann with an entry of each kind, in Pia's care; Ben in the south."""
    ann = make_patient(
        practice, family="Rivera", given="Ann", identifiers=(Identification("urn:mrn", "=2+2", "MR"),)
    ).pk
    ben = make_patient(practice, site_id=practice.south, family="Stone", given="Ben").pk
    for patient in (ann, ben):
        for kind in TABLES:
            make_entry(practice.everywhere, patient, kind)
    put_into_care(practice, ann, practice.practitioner)
    return ann, ben


def test_somebody_has_decided_of_every_table_whether_it_goes_out():
    assert list(undecided()) == []


def test_no_secret_goes_out():
    user = apps.get_model("foundation.User")
    assert set(columns(user)) == {"id", "email", "kind", "is_active"}


def test_counts_of_the_manifest_are_those_of_the_database(practice, filled, owner_connection, tmp_path):
    zipped = written(practice, tmp_path / "all.zip")
    counted = rows_of(zipped)
    for model in (*of_patients(), *of_practice()):
        (there,) = owner_connection.execute(f"SELECT count(*) FROM {model._meta.db_table}").fetchone()
        assert counted.get(f"csv/{model._meta.label.lower()}.csv", 0) == there, model._meta.label
    for each in manifest_of(zipped)["files"]:
        bytes_of = zipped.read(each["name"])
        assert hashlib.sha256(bytes_of).hexdigest() == each["sha256"]
        assert len(bytes_of) == each["bytes"]
    listed = {each["name"] for each in manifest_of(zipped)["files"]}
    assert listed | {"manifest.json"} == set(zipped.namelist())


def test_what_the_practices_protocols_say_goes_out_with_the_sources_that_it_added(practice, tmp_path):
    key, audit = (
        "restorative_sleep",
        {
            "key": "own_audit",
            "kind": "document",
            "title": "Our audit",
            "authors": "Northside Practice",
            "year": "2026",
            "locator": "Binder 3",
            "grade": "C",
            "reviewed_on": "2026-01-15",
        },
    )
    with acting_as(practice.practitioner) as pia:
        number = start_draft(actor=pia, key=key)
        save_line(
            actor=pia,
            key=key,
            revision=one_master(pia, key).version(number).sha256,
            section="own_sources",
            at=None,
            texts=audit,
            request_key=uuid7(),
        )
    read = json.loads(written(practice, tmp_path / "all.zip").read(f"library/{key}/v{number}.json"))
    assert [(each["title"], each["added_by"]) for each in read["own_sources"]] == [
        ("Our audit", practice.practitioner.name)
    ]


def test_of_one_patient_nobody_else_goes_out_and_whoever_was_merged_into_them_does(
    practice, filled, tmp_path
):
    ann, ben = filled
    old = make_patient(practice, family="Oldname", given="Ann").pk
    link(practice, old, to=ann)
    ask_about(practice, ann, ben)
    scope = scope_of(practice.practitioner, practice.system, ann)
    zipped = written(practice, tmp_path / "one.zip", scope.patient_ids)
    assert {each["id"] for each in lines_of(zipped, "fhir/Patient.ndjson")} == {str(ann), str(old)}
    everything = b"".join(zipped.read(name) for name in zipped.namelist())
    assert str(ben).encode() not in everything
    assert b"Stone" not in everything
    assert "csv/patients.matchcandidate.csv" in written(practice, tmp_path / "all.zip").namelist()
    assert not any(name.startswith(("csv/practice.", "csv/foundation.")) for name in zipped.namelist())


def test_a_cell_that_a_spreadsheet_would_run_is_text(practice, filled, tmp_path):
    zipped = written(practice, tmp_path / "all.zip")
    text = zipped.read("csv/patients.patientidentifier.csv").decode()
    values = [row["value"] for row in csv.DictReader(io.StringIO(text))]
    assert "'=2+2" in values


def test_no_name_leads_out_of_the_folder_it_is_unpacked_in(practice, filled, tmp_path):
    ann, _ = filled
    with acting_as(practice.system):
        apps.get_model("interop_fhir.KeptResource")._default_manager.create(
            patient_id=ann,
            resource_type="../../evil",
            resource_id="1",
            source_key=uuid7(),
            source_digest=b"",
            content='{"resourceType": "../../evil", "patient": {"reference": "Patient/x"}}',
            recorded_by_id=practice.system.user_id,
            recorded_at=clock.now(),
        )
    zipped = written(practice, tmp_path / "all.zip")
    assert "fhir/Other.ndjson" in zipped.namelist()
    assert not [name for name in zipped.namelist() if ".." in name or name.startswith("/")]


def test_the_page_to_read_runs_nothing_and_asks_for_nothing(practice, filled, tmp_path):
    ann, _ = filled
    make_entry(practice.everywhere, ann, "condition", text="<script>alert(1)</script>")
    page = written(practice, tmp_path / "one.zip", (ann,)).read("index.html").decode()
    assert "&lt;script&gt;" in page
    assert not any(word in page for word in ("<script", "http://", "https://", "src=", "href="))


class TestRoundTrip:
    def test_real_histories_come_in_again_as_they_went_out(
        self, practice, database_server, database_template, tmp_path
    ):
        files = sorted(
            (shared_data() / "fhir" / "synthea_r4").glob("*.json.gz"), key=lambda one: one.stat().st_size
        )
        imported(practice, *files[:5])
        models = [each for each in of_patients() if each._meta.app_label in ("record",)]
        models += [
            apps.get_model(f"patients.{name}")
            for name in ("Patient", "PatientIdentifier", "ContactPoint", "Address")
        ]
        before = {model._meta.label: content(practice, model) for model in models}
        kept = self.kept(practice)
        zipped = written(practice, tmp_path / "all.zip")
        out = tmp_path / "out"
        zipped.extractall(out)

        clone = database_server.clone(database_template)
        with default_connection_to(clone.app):
            elsewhere = make_practice()
            imported(elsewhere, out / "fhir", source="willowbark")
            after = {model._meta.label: content(elsewhere, model) for model in models}
            kept_after = self.kept(elsewhere)
            with acting_as(elsewhere.owner):
                waiting = list(
                    apps.get_model("interop_fhir.Quarantined")._default_manager.values_list(
                        "reason", "message"
                    )
                )
        database_server.drop(clone.name)
        assert waiting == []
        for label in before:
            assert before[label] - after[label] == Counter(), label
            assert after[label] - before[label] == Counter(), label
        assert kept_after == kept
        assert sum(before["record.Observation"].values()) > 50

    @staticmethod
    def kept(practice):
        with acting_as(practice.everywhere):
            rows = apps.get_model("interop_fhir.KeptResource")._default_manager
            return Counter(rows.values_list("resource_type", flat=True))


class TestAsking:
    def test_the_worker_makes_it_and_who_asked_takes_it_for_a_day(self, practice, filled):
        ann, _ = filled
        pia = practice.practitioner
        with acting_as(pia):
            made = ask_for_export(actor=pia, patient_id=ann, request_key=uuid7())
            with pytest.raises(NotFound):
                take_export(actor=pia, export_id=made)
        carry_out(made)
        with acting_as(again(pia)) as person:
            path = take_export(actor=person, export_id=made)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with acting_as(pia):
            row = Export.objects.get(pk=made)
        assert (row.state, row.done, row.total) == ("ready", 1, 1)
        assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        for stranger in (practice.owner, practice.senior):
            with acting_as(stranger), pytest.raises(NotFound):
                take_export(actor=stranger, export_id=made)
        with acting_as(practice.owner):
            actions = AccessEntry.objects.filter(patient_id=ann, actor_id=pia.user_id)
            said = set(actions.values_list("action", flat=True))
        assert {"exports.patient_asked", "exports.patient_exported", "exports.patient_taken"} <= said

    def test_the_same_request_twice_is_one(self, practice, filled):
        ann, ben = filled
        eve, key = practice.everywhere, uuid7()
        with acting_as(eve):
            first = ask_for_export(actor=eve, patient_id=ann, request_key=key)
            assert ask_for_export(actor=eve, patient_id=ann, request_key=key) == first
            with pytest.raises(RequestKeyReused):
                ask_for_export(actor=eve, patient_id=ben, request_key=key)

    @pytest.mark.parametrize("role", ["health_coach", "front_desk", "dispensary"])
    def test_roles_without_the_right_take_nothing_out(self, practice, filled, role):
        actor = practice.by_role[role]
        for patient in (filled[0], None):
            with acting_as(actor), pytest.raises(Forbidden):
                ask_for_export(actor=actor, patient_id=patient, request_key=uuid7())

    def test_who_is_out_of_reach_is_not_there_and_a_practitioner_does_not_take_the_practice(
        self, practice, filled
    ):
        pia = practice.practitioner
        for patient, refusal in ((filled[1], NotFound), (uuid7(), NotFound), (None, Forbidden)):
            with acting_as(pia), pytest.raises(refusal):
                ask_for_export(actor=pia, patient_id=patient, request_key=uuid7())

    def test_break_glass_carries_nothing_away(self, practice):
        number = Identification("urn:mrn", "MRN-9", "MR")
        cat = make_patient(practice, site_id=practice.south, identifiers=(number,)).pk
        otto = practice.other_practitioner
        glass = break_the_glass(otto, cat, number="MRN-9")
        with acting_as(again(otto)) as person, pytest.raises(NotFound):
            ask_for_export(actor=person, patient_id=cat, request_key=uuid7())
        with acting_as(otto):
            end_break_glass(actor=otto, patient_id=cat, glass_id=glass)

    def test_who_may_no_longer_gets_nothing_made_and_nothing_given(self, practice, filled):
        ann, _ = filled
        pia = practice.practitioner
        with acting_as(pia):
            ready = ask_for_export(actor=pia, patient_id=ann, request_key=uuid7())
            waiting = ask_for_export(actor=pia, patient_id=ann, request_key=uuid7())
        carry_out(ready)
        with acting_as(practice.owner):
            (held,) = RoleAssignment.objects.filter(staff=staff_of(pia)).values_list("pk", flat=True)
            take_role_away(actor=practice.owner, assignment_id=held)
        carry_out(waiting)
        with acting_as(practice.owner):
            assert Export.objects.get(pk=waiting).state == "refused"
        with acting_as(again(pia)) as person, pytest.raises(Forbidden):
            take_export(actor=person, export_id=ready)
        assert not file_of(waiting).exists()

    def test_after_a_day_it_is_gone(self, practice, filled, monkeypatch):
        eve = practice.everywhere
        with acting_as(eve):
            made = ask_for_export(actor=eve, patient_id=filled[0], request_key=uuid7())
        carry_out(made)
        assert sweep() == 0
        monkeypatch.setattr(making, "KEPT_FOR", timedelta(0))
        with acting_as(practice.system):
            Export.objects.filter(pk=made).update(expires_at=clock.now())
        with acting_as(eve), pytest.raises(NotFound):
            take_export(actor=eve, export_id=made)
        assert sweep() == 1
        assert not file_of(made).exists()

    def test_one_that_was_interrupted_leaves_no_half_file_and_begins_anew(
        self, practice, filled, monkeypatch
    ):
        eve = practice.everywhere
        with acting_as(eve):
            made = ask_for_export(actor=eve, patient_id=filled[0], request_key=uuid7())
        with monkeypatch.context() as broken:
            broken.setattr(writing, "_index", _fails)
            with pytest.raises(OSError, match="disk"):
                carry_out(made)
        assert list(asking.folder().iterdir()) == []
        with acting_as(eve):
            assert Export.objects.get(pk=made).state == "failed"
        carry_out(made)
        with acting_as(eve):
            assert Export.objects.get(pk=made).state == "ready"

    def test_what_a_killed_worker_left_is_gone_after_two_days(self, practice):
        old, new = (left_of_a_killed_worker(uuid7()) for _ in range(2))
        for path in old:
            os.utime(path, times=(clock.now().timestamp() - 3 * 86_400,) * 2)
        sweep()
        assert not any(path.exists() for path in old)
        assert all(path.exists() for path in new)

    def test_what_a_killed_worker_left_is_gone_once_who_asked_may_no_longer(self, practice, filled):
        pia = practice.practitioner
        with acting_as(pia):
            made = ask_for_export(actor=pia, patient_id=filled[0], request_key=uuid7())
        left = left_of_a_killed_worker(made)
        with acting_as(practice.owner):
            (held,) = RoleAssignment.objects.filter(staff=staff_of(pia)).values_list("pk", flat=True)
            take_role_away(actor=practice.owner, assignment_id=held)
        carry_out(made)
        with acting_as(practice.owner):
            assert Export.objects.get(pk=made).state == "refused"
        assert not any(path.exists() for path in left)

    def test_a_download_asks_who_it_is_once_more(self, practice, filled):
        eve = practice.everywhere
        with acting_as(eve):
            made = ask_for_export(actor=eve, patient_id=filled[0], request_key=uuid7())
        carry_out(made)
        url, browser = reverse("interop_export:download", args=[made]), signed_in(eve)
        with clock.at(clock.now() + step_up.CONFIRMED_FOR + timedelta(seconds=1)):
            assert browser.get(url).status_code == 302
        answer: Any = browser.get(url)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert b"".join(answer.streaming_content)[:2] == b"PK"


def left_of_a_killed_worker(export_id):
    """A folder of lines and a zip half written."""
    folder, growing = (file_of(export_id).with_suffix(ending) for ending in (".parts", ".growing"))
    folder.mkdir()
    (folder / "0.part").write_bytes(b"Rivera")
    growing.write_bytes(b"PK")
    return folder, growing


def _fails(*_):
    raise OSError("the disk is full")


def test_everything_is_for_who_holds_it_everywhere(practice):
    assert any(grant.reach is Reach.ORGANISATION for grant in practice.owner.grants_of("practice.export"))
    assert scope_of(practice.owner, practice.system, None) == Scope(None)
    with pytest.raises(Forbidden):
        scope_of(practice.everywhere, practice.system, None)
