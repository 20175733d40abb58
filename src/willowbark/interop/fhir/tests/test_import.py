"""Files become records: once, whole, and in whatever order and packaging they come."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.foundation.testing import shared_data
from willowbark.interop.fhir.core import taking_in
from willowbark.interop.fhir.models import KeptResource, Original
from willowbark.interop.fhir.selectors import get_report, kept_content
from willowbark.interop.fhir.services import batches
from willowbark.interop.fhir.services.originals import pieces_of_original
from willowbark.interop.fhir.services.running import Progress, begin_run, carry_out, run_import
from willowbark.interop.fhir.services.storing_batches import CarriedOutElsewhere
from willowbark.interop.fhir.tests.importing import line_of, ndjson, table, together
from willowbark.interop.fhir.tests.shapes import bundle, concept, encoded, gzipped, patient, resource
from willowbark.kernel.errors import Forbidden
from willowbark.record.core.entries import ENTRY_KINDS

CLAIM = {
    "resourceType": "Claim",
    "id": "c1",
    "patient": {"reference": "Patient/p1"},
    "total": {"value": 7.10},
}
CLINIC = {"resourceType": "Organization", "id": "o1", "name": "Clinic"}


def history() -> list[dict[str, Any]]:
    """One patient with an entry of each kind, something kept beside, and something shared."""
    visit = {"reference": "Encounter/r1"}
    note = "U2xlcHQgd2VsbC4="
    return [
        CLINIC,
        patient(
            identifier=[{"system": "http://a.example", "value": "12", "type": {"coding": [{"code": "MR"}]}}],
            telecom=[{"system": "phone", "value": "555-0100"}],
            address=[{"line": ["1 Road"], "city": "Mounds"}],
        ),
        resource(
            "Encounter",
            serviceProvider={"reference": "Organization/o1"},
            period={"start": "2020-01-02T08:00:00Z"},
        ),
        resource("Condition", encounter=visit, onsetDateTime="2019"),
        resource(
            "Observation",
            encounter=visit,
            effectiveDateTime="2020-01-02",
            component=[
                {"code": concept("1"), "valueQuantity": {"value": 1.50, "code": "g"}},
                {"code": concept("2")},
            ],
        ),
        resource("MedicationRequest", encounter=visit),
        resource("AllergyIntolerance"),
        resource("Procedure", encounter=visit),
        resource("Immunization", encounter=visit),
        resource("DiagnosticReport", encounter=visit),
        resource(
            "DocumentReference",
            category=[{"coding": [{"code": "clinical-note"}]}],
            content=[{"attachment": {"contentType": "text/plain", "data": note}}],
        ),
        CLAIM,
    ]


def test_a_history_becomes_a_record(desk):
    report = desk.run(bundle(*history()))

    assert together(report, "read", "added", "kept_beside", "quarantined") == (12, 10, 2, 0)
    assert report.run.status == "finished"
    (person,) = desk.patients()
    assert (person.family, person.given, person.home_site_id) == ("Shaw", "Amy V.", desk.practice.north)
    rows = {kind: desk.rows(kind) for kind in ENTRY_KINDS}
    assert {kind: len(found) for kind, found in rows.items()} == {
        "encounter": 1, "condition": 1, "observation": 3, "medication": 1, "allergy": 1,
        "procedure": 1, "immunization": 1, "document": 1, "note": 1,
    }  # fmt: skip
    visit = rows["encounter"][0]
    assert visit.place_name == "Clinic"
    for kind in ("condition", "observation", "medication", "procedure", "immunization", "document"):
        assert {row.encounter_id for row in rows[kind]} == {visit.pk}, kind
    whole, first, second = rows["observation"]
    assert first.parent_id == second.parent_id == whole.pk
    assert {row.source_kind for found in rows.values() for row in found} == {"import"}
    assert {row.recorded_by_id for found in rows.values() for row in found} == {desk.practice.system.user_id}
    assert rows["note"][0].body == "Slept well."


def test_exact_numbers_reach_the_database(desk):
    text = encoded(bundle(patient(), resource("Observation", valueQuantity={"value": "NUMBER"})))

    desk.run(text.replace(b'"NUMBER"', b"7.10"))

    (row,) = desk.rows("observation")
    assert row.value.as_tuple() == Decimal("7.10").as_tuple()


def test_the_same_file_twice_changes_nothing_and_is_not_read_again(desk):
    first = desk.run(bundle(*history()))
    before = desk.everything()

    second = desk.run(bundle(*history()))

    assert first.run.total.changes == 12
    assert second.files_known == 1
    assert together(second, "read", "unchanged", "changes") == (12, 12, 0)
    assert desk.everything() == before


@pytest.mark.parametrize(
    "packaging",
    [
        lambda history: bundle(*history, type_="collection"),
        lambda history: bundle(*reversed(history), type_="searchset", urls=True),
        lambda history: encoded(bundle(*history), indent=2),
        ndjson,
        lambda history: ndjson(reversed(history)),
        lambda history: gzipped(ndjson(history)),
        lambda history: ndjson([dict(reversed(one.items())) for one in history]),
    ],
    ids=["collection", "searchset reversed", "pretty", "lines", "lines reversed", "gzip", "keys reversed"],
)
def test_the_same_resources_in_another_packaging_change_nothing(desk, packaging):
    desk.run(bundle(*history()))
    before = desk.everything()

    second = desk.run(packaging(history()))

    assert second.files_known == 0
    assert together(second, "read", "unchanged", "changes", "quarantined") == (12, 12, 0, 0)
    assert desk.everything() == before


@pytest.mark.parametrize("order", ["bundle", "lines", "files"])
def test_the_order_does_not_matter(desk, order):
    late_first = list(reversed(history()))
    packagings: dict[str, list[Any]] = {
        "bundle": [bundle(*late_first)],
        "lines": [ndjson(late_first)],
        "files": late_first,
    }

    report = desk.run(*packagings[order])

    assert together(report, "read", "added", "kept_beside", "quarantined") == (12, 10, 2, 0)
    visit = desk.rows("encounter")[0].pk
    assert {row.encounter_id for row in desk.rows("observation")} == {visit}
    assert report.run.without_visit_count == 0
    assert desk.count("interop_fhir_quarantined") == 0


def test_what_waits_for_the_end_of_the_run_may_come_twice(desk, monkeypatch):
    monkeypatch.setattr(batches, "MOST_FILES", 1)

    report = desk.run(resource("Observation"), bundle(resource("Observation")), patient())

    assert line_of(report, "Observation") == {"read": 2, "added": 1, "unchanged": 1}
    assert len(desk.rows("observation")) == 1


def test_what_came_without_its_patient_goes_in_when_the_patient_comes(desk):
    alone = desk.run(resource("Observation"), CLAIM)
    assert together(alone, "read", "quarantined") == (2, 2)
    assert {one.reason for one in alone.quarantined} == {"unknown_patient"}

    later = desk.run(patient())

    assert together(later, "read", "added") == (1, 1)
    assert later.run.taken_up_count == 2
    assert len(desk.rows("observation")) == 1
    assert desk.count("interop_fhir_keptresource") == 1
    assert desk.count("interop_fhir_quarantined", "status = 'replayed'") == 2


def test_a_visit_that_comes_later_gets_its_entries(desk):
    observation = resource("Observation", encounter={"reference": "Encounter/r1"})
    first = desk.run(bundle(patient(), observation))
    assert first.run.without_visit_count == 1
    assert desk.rows("observation")[0].encounter_id is None

    desk.run(resource("Encounter"))

    assert desk.rows("observation")[0].encounter_id == desk.rows("encounter")[0].pk
    assert desk.count("interop_fhir_waitingforvisit") == 0


def test_another_patients_visit_is_no_visit_of_mine(desk):
    other = patient(id="p2", name=[{"family": "Other"}], birthDate="1950-01-01")
    visit = resource("Encounter", subject={"reference": "Patient/p2"})
    mine = resource("Observation", encounter={"reference": "Encounter/r1"})

    report = desk.run(bundle(patient(), other, visit, mine))

    assert report.run.without_visit_count == 1
    assert desk.rows("observation")[0].encounter_id is None


def test_a_changed_resource_changes_its_row_and_the_row_before_is_in_its_history(desk):
    desk.run(bundle(patient(), resource("Condition", clinicalStatus={"text": "active"})))
    (before,) = desk.rows("condition")

    report = desk.run(bundle(patient(), resource("Condition", clinicalStatus={"text": "resolved"})))

    (after,) = desk.rows("condition")
    assert line_of(report, "Condition") == {"read": 1, "changed": 1}
    assert line_of(report, "Patient") == {"read": 1, "unchanged": 1}
    assert (after.pk, before.clinical_status, after.clinical_status) == (before.pk, "active", "resolved")
    with acting_as(desk.practice.everywhere), connection.cursor() as cursor:
        cursor.execute(
            "SELECT operation, old_row ->> 'clinical_status' FROM foundation_patienthistory"
            " WHERE table_name = 'record_condition' ORDER BY id"
        )
        assert cursor.fetchall() == [("insert", None), ("update", "active")]


def test_a_changed_patient_changes_and_old_contact_points_go_behind(desk):
    desk.run(patient(telecom=[{"system": "phone", "value": "1"}, {"system": "phone", "value": "2"}]))

    report = desk.run(patient(name=[{"family": "Baxter"}], telecom=[{"system": "phone", "value": "2"}]))

    assert line_of(report, "Patient") == {"read": 1, "changed": 1}
    assert [one.family for one in desk.patients()] == ["Baxter"]
    with acting_as(desk.practice.everywhere):
        assert list(table("patients.ContactPoint").objects.order_by("rank").values_list("value", "rank")) == [
            ("2", 1),
            ("1", 1000),
        ]


def test_a_part_that_its_source_dropped_no_longer_holds(desk):
    parts = [{"code": concept("1", "One")}, {"code": concept("2", "Two")}]
    desk.run(bundle(patient(), resource("Observation", component=parts)))

    desk.run(bundle(patient(), resource("Observation", component=parts[:1])))

    assert [(row.text, bool(row.void_reason)) for row in desk.rows("observation")] == [
        ("Body height", False),
        ("One", False),
        ("Two", True),
    ]


def test_what_a_person_voided_stays_voided(desk):
    desk.run(bundle(patient(), resource("Procedure")))
    (row,) = desk.rows("procedure")
    with acting_as(desk.practice.everywhere) as person:
        row.voided_at, row.voided_by_id, row.void_reason = (
            row.recorded_at,
            person.user_id,
            "Not this patient's",
        )
        row.save()

    desk.run(bundle(patient(), resource("Procedure", code={"text": "Another"})))

    (after,) = desk.rows("procedure")
    assert (after.text, after.void_reason) == ("Another", "Not this patient's")


def test_what_its_source_withdrew_is_voided_and_what_it_restored_is_not(desk):
    desk.run(bundle(patient(), resource("Procedure", status="entered-in-error")))
    assert desk.rows("procedure")[0].void_reason == "Entered in error, as its source says"

    desk.run(bundle(patient(), resource("Procedure")))
    assert desk.rows("procedure")[0].voided_at is None


def test_every_version_of_what_is_shared_is_kept_and_the_order_changes_nothing(desk):
    one, other = CLINIC, CLINIC | {"name": "The Clinic"}
    first = desk.run(one, other)
    second = desk.run(bundle(other, one), bundle(one, type_="collection"))

    assert line_of(first, "Organization") == {"read": 2, "kept_beside": 2}
    assert line_of(second, "Organization") == {"read": 3, "unchanged": 3}


def test_what_is_kept_whole_is_kept_digit_for_digit(desk):
    desk.run(encoded(bundle(patient(), CLAIM)).replace(b"7.1}", b"7.10}"))

    with acting_as(desk.practice.everywhere):
        kept = KeptResource.objects.get()
    assert kept.resource_type == "Claim"
    content = kept_content(kept.patient_id, kept.source_key, kept.sealed_content, kept.content)
    assert json.loads(content) == CLAIM
    assert '"value":7.10}' in content


def test_names_are_known_from_an_earlier_import(desk):
    desk.run(CLINIC)
    desk.run(bundle(patient(), resource("Encounter", serviceProvider={"reference": "Organization/o1"})))

    assert desk.rows("encounter")[0].place_name == "Clinic"


def test_a_medication_from_a_later_file_is_waited_for(desk):
    order = resource(
        "MedicationRequest",
        medicationCodeableConcept=None,
        medicationReference={"reference": "Medication/m1"},
    )
    report = desk.run(patient(), order, {"resourceType": "Medication", "id": "m1", "code": {"text": "Iron"}})

    assert together(report, "read", "added", "kept_beside", "quarantined") == (3, 2, 1, 0)
    assert desk.rows("medication")[0].text == "Iron"


def test_a_patient_meant_by_number_is_found(desk):
    desk.run(patient(identifier=[{"system": "http://a.example", "value": "42"}]))

    report = desk.run(
        resource("Observation", subject={"reference": "Patient?identifier=http://a.example|42"}),
        resource("Procedure", subject={"reference": "Patient?identifier=http://a.example|43"}),
    )

    assert together(report, "added", "quarantined") == (1, 1)
    assert len(desk.rows("observation")) == 1


def test_two_sources_with_the_same_id_are_kept_apart_and_matched(desk):
    desk.run(patient(), source="north")
    other = patient(name=[{"family": "Nobody", "given": ["Else"]}], birthDate="1950-05-05", gender="male")
    desk.run(other, source="south")

    assert len(desk.patients()) == 2


def test_the_same_person_from_two_sources_is_linked(desk):
    known = patient(
        name=[{"family": "Featherstonehaugh", "given": ["Philippa"]}],
        birthDate="1931-03-17",
        identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-55-2827"}],
        telecom=[{"system": "phone", "value": "555-867-5309"}],
        address=[{"line": ["49 Meadow Street"], "city": "Mounds", "state": "OK", "postalCode": "74047"}],
    )
    desk.run(known, source="north")

    report = desk.run(known, source="south")

    first, second = desk.patients()
    assert second.linked_to == first.pk
    assert report.run.linked_count == 1


def test_one_access_entry_for_each_patient_of_an_import(desk):
    people = [
        patient(id=f"p{n}", name=[{"family": f"Person{n}"}], birthDate=f"19{n}0-01-0{n}") for n in (1, 2, 3)
    ]
    entries = [
        resource("Observation", id=f"o{n}", subject={"reference": f"Patient/p{n}"}) for n in (1, 2, 3)
    ] * 2

    report = desk.run(bundle(*people), bundle(*entries), bundle(*entries, type_="batch"))

    people_ids = sorted(str(one.pk) for one in desk.patients())
    with acting_as(desk.practice.owner):
        logged = AccessEntry.objects.filter(action="import.written", subject=str(report.run.id))
        assert sorted(str(one) for one in logged.values_list("patient_id", flat=True)) == people_ids
        assert set(logged.values_list("request_id", flat=True)) == {report.run.id}


def test_the_original_is_kept_byte_for_byte(desk):
    contents = [
        gzipped(encoded(bundle(*history()))),
        encoded(bundle(patient(id="p9")), indent=3),
        b"{damaged",
    ]

    desk.run(*contents)

    with acting_as(desk.practice.owner):
        ids = list(Original.objects.order_by("id").values_list("id", flat=True))
    kept = [b"".join(pieces_of_original(desk.practice.owner, id_)) for id_ in ids]
    assert sorted(kept) == sorted(contents)
    assert {row.source_file for row in desk.rows("condition")} <= set(ids)


@pytest.mark.parametrize("role", ["front_desk", "practitioner", "health_coach", "dispensary"])
def test_only_who_may_import_imports(desk, role):
    with pytest.raises(Forbidden):
        run_import(actor=desk.practice.by_role[role], paths=[desk.file(patient())], read_ahead=False)

    assert not desk.patients()


def test_two_processes_do_not_carry_out_one_run(desk, monkeypatch):
    """The second finds the first ahead of it, stores nothing, and the counts stay those of one."""
    monkeypatch.setattr(taking_in, "PORTION_RESOURCES", 2)
    monkeypatch.setattr(batches, "MOST_RESOURCES", 2)
    path = desk.file(bundle(patient(), *(resource("Observation", id=f"o{n}") for n in range(7))))
    with acting_as(desk.practice.system) as actor:
        run_id = begin_run(actor=actor, names=[str(path)], source="fhir", home_site_id=None, path_text="one")
    started: list[Progress] = []

    def overtake(progress) -> None:
        if not started:
            started.append(progress)
            carry_out(run_id, channel="test", read_ahead=False)

    with pytest.raises(CarriedOutElsewhere):
        carry_out(run_id, channel="test", read_ahead=False, report=overtake)

    with acting_as(desk.practice.owner):
        report = get_report(desk.practice.owner, run_id)
    assert (report.run.status, report.run.total.read, report.run.total.added) == ("finished", 8, 8)
    assert len(desk.rows("observation")) == 7


def test_a_finished_run_that_is_carried_out_again_stays_as_it_is(desk):
    path = desk.file(bundle(patient(), resource("Observation", id="o1")))
    run_id = run_import(actor=desk.practice.owner, paths=[path], read_ahead=False)
    with acting_as(desk.practice.owner):
        before = get_report(desk.practice.owner, run_id)

    carry_out(run_id, channel="test", read_ahead=False)

    with acting_as(desk.practice.owner):
        assert get_report(desk.practice.owner, run_id) == before
    assert desk.rows("observation")


def independent_counts(paths: list[Path]) -> Counter[str]:
    """Resources by type, counted without any of our reading."""
    counts: Counter[str] = Counter()
    for path in paths:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        value = json.loads(content)
        inside = (
            [entry["resource"] for entry in value["entry"]] if value["resourceType"] == "Bundle" else [value]
        )
        counts.update(one["resourceType"] for one in inside)
    return counts


def test_counts_of_real_histories_add_up_and_a_second_run_in_any_packaging_changes_nothing(desk):
    fhir = shared_data() / "fhir"
    paths = [*sorted((fhir / "synthea_r4").iterdir())[:6], *sorted((fhir / "us_core_examples").iterdir())]

    first = desk.run_paths(paths)
    before = desk.everything()
    second = desk.run_paths(paths)
    resources = [
        entry["resource"]
        for path in paths[:6]
        for entry in json.loads(gzip.decompress(path.read_bytes()), parse_float=Decimal)["entry"]
    ]
    encoder = msgspec.json.Encoder(decimal_format="number")
    lines = b"\n".join(encoder.encode(one) for one in reversed(resources))
    third = desk.run(gzipped(lines))

    assert {line.resource_type: line.read for line in first.lines} == dict(independent_counts(paths))
    assert together(first, "quarantined") == (0,)
    assert (second.files_known, *together(second, "read", "changes")) == (len(paths), first.run.total.read, 0)
    assert together(third, "read", "changes", "quarantined") == (len(resources), 0, 0)
    assert desk.everything() == before
