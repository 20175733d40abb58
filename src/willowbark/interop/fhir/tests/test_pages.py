"""The import's pages: who sees them, and what they say."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import at_once
from willowbark.interop.fhir import web
from willowbark.interop.fhir.models import Original
from willowbark.interop.fhir.services.running import carry_out
from willowbark.interop.fhir.tasks import replay as replay_job
from willowbark.interop.fhir.tests.shapes import bundle, encoded, patient, resource
from willowbark.practice.testing import make_practice, signed_in

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
    for name in ("replay", "dismiss", "take_back", "mend"):
        assert client.post(reverse(f"interop_fhir:{name}", args=[waiting])).status_code == 404
    assert client.post(reverse("interop_fhir:upload")).status_code == 404


def test_what_came_is_saved_and_never_shown(desk, report):
    client = signed_in(desk.practice.owner)

    answer = client.get(reverse("interop_fhir:original", args=[report.quarantined[0].id]))

    assert answer.content == encoded(BAD)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_resource_is_mended_on_its_page(desk, report):
    client = signed_in(desk.practice.owner)
    one = report.quarantined[0]
    url = reverse("interop_fhir:mend", args=[one.id])

    shown = client.get(url).content.decode()
    assert "<textarea" in shown
    assert "Open the original" in shown
    refused = client.post(url, {"words": '{"resourceType": <b>'})
    assert (refused.status_code, "This is no JSON" in refused.content.decode()) == (422, True)
    assert "{&quot;resourceType&quot;: &lt;b&gt;" in refused.content.decode()

    answer = client.post(url, {"words": '{"resourceType": "Observation"}'})
    assert answer["Location"].startswith(reverse("interop_fhir:report", args=[report.run.id]))
    said = client.get(answer["Location"]).content.decode()
    assert "the original is kept" in said
    assert "Being read again" in said


def test_a_dismissed_resource_is_taken_back_with_one_press(desk, report):
    client = signed_in(desk.practice.owner)
    page, one = reverse("interop_fhir:report", args=[report.run.id]), report.quarantined[0]
    back = reverse("interop_fhir:take_back", args=[one.id])
    assert back not in client.get(page).content.decode()
    client.post(reverse("interop_fhir:dismiss", args=[one.id]), {"reason": "Not ours"})
    assert back in client.get(page).content.decode()
    client.post(back)
    assert back not in client.get(page).content.decode()


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


def test_a_run_that_waits_is_watched_until_it_is_done(desk):
    client = signed_in(desk.practice.owner)
    files = [SimpleUploadedFile("history.json", encoded(bundle(patient())))]
    answer = client.post(reverse("interop_fhir:upload"), {"files": files, "request_key": str(uuid7())})
    url = answer["Location"]

    waits = client.get(url).content.decode()
    assert f'hx-get="{url}"' in waits
    assert "Waiting for the worker" in waits
    assert "The counts add up" not in waits

    carry_out(UUID(url.rpartition("/")[2]), channel="worker", read_ahead=False)

    done = client.get(url).content.decode()
    assert "hx-get" not in done.partition('id="report"')[2].partition(">")[0]
    assert "The counts add up" in done


def test_reading_again_shows_that_it_is_under_way_and_what_came_of_it(desk, report):
    client = signed_in(desk.practice.owner)
    (item,) = report.quarantined
    url = reverse("interop_fhir:report", args=[report.run.id])

    answer = client.post(reverse("interop_fhir:replay", args=[item.id]))

    assert answer["Location"] == f"{url}#quarantined-{item.id}"
    under_way = client.get(url).content.decode()
    assert "Being read again" in under_way
    assert f'hx-get="{url}"' in under_way
    assert reverse("interop_fhir:replay", args=[item.id]) not in under_way

    replay_job(quarantined_id=str(item.id), asked_by=str(desk.practice.owner.user_id))

    answered = client.get(url).content.decode()
    assert "it still cannot be taken in" in answered
    assert "Being read again" not in answered
    assert reverse("interop_fhir:replay", args=[item.id]) in answered


def test_somebody_dismisses_with_a_reason(desk, report):
    client = signed_in(desk.practice.owner)
    url = reverse("interop_fhir:dismiss", args=[report.quarantined[0].id])

    nothing_said = client.post(url, {"reason": " "})
    assert nothing_said.status_code == 422
    assert "why it is not wanted" in nothing_said.content.decode()

    answer = client.post(url, {"reason": "A test of <the> laboratory"}, follow=True)

    text = answer.content.decode()
    assert "A test of &lt;the&gt; laboratory" in text
    assert url not in text


def test_all_that_waits_is_reached_page_by_page(desk, monkeypatch):
    monkeypatch.setattr(web, "SHOWN", 2)
    bad = [resource("Observation", id=f"o{number}", effectiveDateTime="2999") for number in range(5)]
    report = desk.run(bundle(patient(), *bad))
    client = signed_in(desk.practice.owner)
    url, seen = reverse("interop_fhir:report", args=[report.run.id]), []

    for _ in range(3):
        text = client.get(url).content.decode()
        seen += re.findall(r'id="quarantined-([^"]+)"', text)
        further = re.search(r'href="([^"]+after=[^"]+)" rel="next"', text)
        url = further[1] if further else ""

    assert seen == [str(one.id) for one in report.quarantined]
    assert len(seen) == 5
    assert not url


def test_two_hand_in_the_same_file_at_the_same_moment(fresh_database):
    practice = make_practice()
    same_key = str(uuid7())
    keys = [same_key, same_key, str(uuid7()), str(uuid7())]
    clients = [signed_in(practice.owner) for _ in keys]

    def hand_in(number: int) -> Any:
        files = [SimpleUploadedFile("history.json", encoded(bundle(patient())))]
        said = {"files": files, "request_key": keys[number]}
        return clients[number].post(reverse("interop_fhir:upload"), said)

    answers = at_once(len(keys), hand_in)

    assert [answer.status_code for answer in answers] == [302] * 4
    assert answers[0]["Location"] == answers[1]["Location"]
    assert len({answer["Location"] for answer in answers}) == 3
    with acting_as(practice.owner):
        assert Original.objects.count() == 1


def test_who_has_died_on_an_unknown_day_looks_dead_wherever_they_are_shown(desk):
    desk.run(bundle(patient(deceasedBoolean=True)))
    (who,) = desk.patients()
    assert (who.is_deceased, who.deceased_at) == (True, None)
    client = signed_in(desk.practice.everywhere)

    chart = client.get(reverse("record:chart", args=[who.pk])).content.decode()
    listed = client.get(reverse("patients:list")).content.decode()
    offered = client.get(reverse("patients:search"), {"q": "shaw"}).content.decode()

    assert "Deceased, date not known" in chart
    assert "Deceased, date not known" in listed
    assert "Died" in offered
    for page in (chart, listed, offered):
        assert " years" not in page, "nobody knows how old they became"


def test_who_turns_out_to_be_alive_looks_alive_again(desk):
    desk.run(bundle(patient(deceasedBoolean=True)))
    desk.run(bundle(patient(deceasedBoolean=False)))

    assert [one.is_deceased for one in desk.patients()] == [False]


def test_the_database_refuses_a_day_of_death_of_somebody_alive(desk):
    desk.run(bundle(patient(deceasedDateTime="2020-01-01")))

    with (
        acting_as(desk.practice.system),
        pytest.raises(IntegrityError, match="patient_died_if_dated"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE patients_patient SET is_deceased = false")
