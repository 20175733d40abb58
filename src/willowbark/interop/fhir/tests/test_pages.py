"""The import's pages: who sees them, and what they say."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from willowbark.foundation.ids import uuid7
from willowbark.interop.fhir.services.running import carry_out
from willowbark.interop.fhir.tests.shapes import bundle, encoded, patient, resource
from willowbark.practice.testing import signed_in

BAD = resource("Observation", effectiveDateTime="2999", code={"text": "<b>bold</b>"})


@pytest.fixture
def report(desk):
    return desk.run(bundle(patient(), BAD), encoded(patient())[:-9])


def test_the_list_and_the_report(desk, report):
    client = signed_in(desk.practice.owner)

    listed = client.get(reverse("interop_fhir:imports"))
    page = client.get(reverse("interop_fhir:report", args=[report.run.id]))

    assert listed.status_code == page.status_code == 200
    text = page.content.decode()
    assert reverse("interop_fhir:report", args=[report.run.id]) in listed.content.decode()
    assert "lies in the future" in text
    assert "Bundle.entry[1].resource" in text
    assert "ends too early" in text
    assert "<b>bold" not in text


def test_a_part_of_the_report_for_a_page_that_watches(desk, report):
    client = signed_in(desk.practice.owner)

    part = client.get(reverse("interop_fhir:report", args=[report.run.id]), headers={"HX-Request": "true"})

    assert part.status_code == 200
    assert b"<html" not in part.content


@pytest.mark.parametrize(
    "role", ["senior_practitioner", "practitioner", "health_coach", "front_desk", "dispensary"]
)
def test_others_find_nothing_there(desk, report, role):
    client = signed_in(desk.practice.by_role[role])
    waiting = report.quarantined[0].id

    for name, args in (("imports", []), ("report", [report.run.id]), ("original", [waiting])):
        assert client.get(reverse(f"interop_fhir:{name}", args=args)).status_code == 404
    assert client.post(reverse("interop_fhir:replay", args=[waiting])).status_code == 404
    assert client.post(reverse("interop_fhir:upload")).status_code == 404


def test_what_came_is_saved_and_never_shown(desk, report):
    client = signed_in(desk.practice.owner)

    answer = client.get(reverse("interop_fhir:original", args=[report.quarantined[0].id]))

    assert answer.content == encoded(BAD)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_is_handed_in_kept_and_imported_by_the_worker(desk):
    client = signed_in(desk.practice.owner)
    key = str(uuid7())

    def hand_in(content: bytes):
        files = [SimpleUploadedFile("history.json", content)]
        return client.post(reverse("interop_fhir:upload"), {"files": files, "request_key": key})

    first = hand_in(encoded(bundle(patient())))
    again = hand_in(encoded(bundle(patient())))
    other = hand_in(encoded(bundle(patient(id="p2"))))

    assert (first.status_code, again.status_code, other.status_code) == (302, 302, 409)
    assert again["Location"] == first["Location"]
    assert desk.count("procrastinate_jobs", "task_name = 'interop_fhir.carry_out'") == 1
    assert not desk.patients()
    run_id = first["Location"].rpartition("/")[2]

    carry_out(run_id, channel="worker", read_ahead=False)

    assert [one.family for one in desk.patients()] == ["Shaw"]
    assert "finished" in client.get(first["Location"]).content.decode().lower()


def test_handing_in_nothing_is_answered_in_words(desk):
    client = signed_in(desk.practice.owner)

    answer = client.post(reverse("interop_fhir:upload"), {"request_key": str(uuid7())})

    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()
