"""Whatever is wrong with a file: a clear message for each item, the rest goes in, and nothing is lost."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS
from willowbark.interop.fhir.models import Original, Quarantined
from willowbark.interop.fhir.models.sealed import words_of
from willowbark.interop.fhir.services.originals import pieces_of_original
from willowbark.interop.fhir.tests.importing import line_of, ndjson, reasons, together
from willowbark.interop.fhir.tests.shapes import bundle, encoded, gzipped, patient, resource

GOOD = resource("Observation", id="good")


def entry(*, raw: bytes) -> bytes:
    """A bundle of a patient, one resource in these very bytes, and a good one."""
    parts = b",".join(b'{"resource":' + one + b"}" for one in (encoded(patient()), raw, encoded(GOOD)))
    return b'{"resourceType":"Bundle","type":"transaction","entry":[' + parts + b"]}"


@pytest.mark.parametrize(
    ("raw", "reason", "says"),
    [
        (encoded(resource("Observation", effectiveDateTime="0001-01-01")), "date", "before 1850"),
        (encoded(resource("Observation", effectiveDateTime="2999-01-01")), "date", "lies in the future"),
        (encoded(resource("Observation", effectiveDateTime="2020-13-45")), "date", "not a possible date"),
        (
            encoded(resource("Observation", status=5)),
            "wrong_type",
            "status: expected text, found a whole number",
        ),
        (encoded(resource("Observation", code="x")), "wrong_type", "code: expected an object, found text"),
        (encoded(resource("Observation", subject=None)), "missing", "subject is missing"),
        (
            encoded(resource("Observation", subject={"reference": "Patient/none"})),
            "unknown_patient",
            "not known",
        ),
        (
            b'{"resourceType":"Observation","id":"r1","status":"fin\\u0000al"}',
            "nul",
            "NUL character in status",
        ),
        (b'{"resourceType":"Observation","id":"r1","status":"fin\x00al"}', "malformed", "invalid character"),
        (b'{"resourceType":"Observation","id":"r1","status":"fin\xffal"}', "encoding", "not UTF-8"),
        (b'{"resourceType":"Observation","id":"r1","status":"\\ud800 and more"}', "malformed", "surrogate"),
        (b'{"resourceType":"Observation","id":"r1","x":NaN}', "malformed", "invalid character"),
        (
            b'{"resourceType":"Observation","id":"r1","status":"final","status":"amended"}',
            "repeated_key",
            "twice",
        ),
        (b'{"resourceType":"Observation","id":"r1","valueInteger":1' + b"0" * 400 + b"}", "", ""),
        (b'{"id":"r1"}', "not_fhir", "no resourceType"),
        (b"7", "not_fhir", "not an object"),
    ],
)
def test_a_bad_resource_is_set_aside_and_the_rest_goes_in(desk, raw, reason, says):
    report = desk.run(entry(raw=raw))

    assert together(report, "added", "quarantined")[0] == 2
    assert [row.text for row in desk.rows("observation")] == ["Body height"]
    found = report.quarantined[0]
    assert not reason or (found.reason == reason and says in found.message), found
    assert found.place.startswith("Bundle.entry[1].resource")
    with acting_as(desk.practice.owner):
        assert words_of(Quarantined.objects.get(pk=found.id)) == raw


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded(bundle(patient(), GOOD))[:-30], "truncated"),
        (gzipped(encoded(bundle(patient(), GOOD)))[:-12], "truncated"),
        (b"", "empty"),
        (b"not json at all", "malformed"),
        (encoded(patient()).decode().encode("utf-16"), "encoding"),
        (b"<Bundle/>", "not_json"),
    ],
)
def test_a_file_that_cannot_be_read_is_kept_and_nothing_of_it_goes_in(desk, content, reason):
    report = desk.run(content, patient(id="p9"))

    (refused,) = report.refused
    assert refused.reason == reason
    assert refused.message
    assert [one.given for one in desk.patients()] == ["Amy V."]
    assert together(report, "read", "added") == (1, 1)
    with acting_as(desk.practice.owner):
        kept = Original.objects.get(name=refused.name.rpartition("/")[2])
    assert b"".join(pieces_of_original(desk.practice.owner, kept.pk)) == content


def test_a_file_that_is_gone_does_not_stop_the_others(desk):
    here, gone = desk.file(patient()), desk.file(patient(id="p2"))
    locked = gone.with_name("locked.json")
    gone.rename(locked)
    locked.unlink()
    locked.mkdir()
    (locked / "x.json").symlink_to("nowhere")

    report = desk.run_paths([here, locked])

    assert [one.reason for one in report.refused] == ["unreadable_file"]
    assert len(desk.patients()) == 1


def test_a_gzip_bomb_is_refused_at_its_bound(desk):
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(b" " * 1_000_000) for _ in range(100)) + squeeze.flush()

    report = desk.run(bomb)

    assert [one.reason for one in report.refused] == ["expands"]
    assert "250 times" in report.refused[0].message


def test_bounds_of_one_import(desk):
    small = replace(DEFAULT_BOUNDS, file=5_000, resource=2_000)
    report = desk.run(
        bundle(patient(), resource("Observation", valueString="x" * 3_000)),
        bundle(*(patient(id=f"q{number}") for number in range(100))),
        bounds=small,
    )

    assert [one.reason for one in report.refused] == ["too_large"]
    assert reasons(report) == ["too_large"]


def test_one_id_for_two_things_in_one_file(desk):
    report = desk.run(
        bundle(
            patient(),
            resource("Observation", valueString="first"),
            resource("Observation", valueString="second"),
            resource("Observation", valueString="first"),
        )
    )

    assert line_of(report, "Observation") == {"read": 3, "added": 1, "unchanged": 1, "quarantined": 1}
    assert reasons(report) == ["conflict"]
    assert [row.value_text for row in desk.rows("observation")] == ["first"]


def test_of_two_versions_in_one_file_the_newer_holds(desk):
    def version(day: int) -> dict[str, object]:
        return resource(
            "Observation", valueString=f"day {day}", meta={"lastUpdated": f"2020-01-0{day}T00:00:00Z"}
        )

    report = desk.run(bundle(patient(), version(2), version(3), version(1), type_="history"))

    assert line_of(report, "Observation") == {"read": 3, "added": 1, "changed": 1, "unchanged": 1}
    assert [row.value_text for row in desk.rows("observation")] == ["day 3"]


def test_an_id_that_is_somebody_elses_merges_nobody(desk):
    other = patient(name=[{"family": "Nguyen", "given": ["Bao"]}], birthDate="1950-05-05", gender="male")
    desk.run(bundle(patient(), GOOD))

    report = desk.run(bundle(other, resource("Procedure")))

    assert sorted(reasons(report)) == ["other_person", "other_person"]
    assert "another source name" in report.quarantined[0].message
    assert [one.family for one in desk.patients()] == ["Shaw"]
    assert not desk.rows("procedure")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE patients_patient;--",
        "\\N",
        "a\tb\\.",
        "{{ 7*7 }}",
        "%s %%",
    ],
)
def test_markup_and_sql_in_names_stay_what_they_are(desk, name):
    desk.run(bundle(patient(name=[{"family": name}]), resource("Condition", code={"text": name})))

    assert [one.family for one in desk.patients()] == [name]
    assert [row.text for row in desk.rows("condition")] == [name]


def test_a_bad_patient_keeps_its_entries_waiting_until_it_is_mended(desk):
    bad = patient(birthDate="2999-01-01")

    report = desk.run(bundle(bad, GOOD))
    assert sorted(reasons(report)) == ["date", "unknown_patient"]
    assert not desk.patients()

    later = desk.run(patient())
    assert later.run.taken_up_count == 1
    assert len(desk.rows("observation")) == 1


def test_the_same_bad_resource_waits_once_however_often_it_comes(desk):
    bad = resource("Observation", effectiveDateTime="2999")
    desk.run(bundle(patient(), bad))

    report = desk.run(ndjson([patient(), bad]))

    assert together(report, "quarantined", "changes") == (1, 0)
    assert desk.count("interop_fhir_quarantined") == 1


def test_warnings_are_counted_and_told(desk):
    report = desk.run(bundle(patient(deceasedBoolean=True), resource("Observation", note=[{"text": "x"}])))

    assert report.warnings_total == 2
    assert "Bundle.entry[1].resource (Observation/r1): note stays in the original" in report.warnings
