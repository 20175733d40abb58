"""The pages on which it is decided who is who."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.urls import reverse

from willowbark.foundation import outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.models import Patient
from willowbark.patients.testing import ask_about, make_patient
from willowbark.practice.testing import signed_in

BORN = parse_partial_date("1984-03-12")
HOSTILE = "<script>alert('x')</script>"
HTMX = {"HX-Request": "true", "HX-Target": "pair"}


@pytest.fixture
def known(practice):
    return make_patient(practice, family="Rivera", given="Ann", birth_date=BORN, phone="555 0100").pk


@pytest.fixture
def pair(practice, known):
    newcomer = make_patient(practice, family="Rivera", given="Anna", birth_date=BORN).pk
    return newcomer, ask_about(practice, newcomer, known)


@pytest.fixture
def owner(practice):
    return signed_in(practice.owner)


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def form(decision, **said):
    return {"decision": decision, "request_key": str(uuid7()), "reason": ""} | said


def link_of(practice, row):
    with acting_as(practice.everywhere):
        return Patient.objects.get(pk=row).linked_to


def test_an_empty_queue_says_so(practice, owner):
    page = text_of(owner.get(reverse("patients:matches")))
    assert "Nobody waits" in page
    assert "willow:patients.matches from:body" in page


def test_from_the_queue_to_the_pair_and_side_by_side(practice, owner, pair):
    queue = text_of(owner.get(reverse("patients:matches")))
    url = reverse("patients:match", args=pair)
    assert url in queue
    assert "90 in 100" in queue
    page = text_of(owner.get(url))
    for words in ("Anna", "555 0100", "The same", "Different", "Known of one only", "Stands for both"):
        assert words in page
    for key in "sd":
        assert f'data-key="{key}"' in page


def test_a_difference_is_said_in_words_with_an_icon_and_not_by_colour_alone(practice, owner, known):
    other = make_patient(practice, family="Rivera", given="Bertha", birth_date=BORN).pk
    pair = (other, ask_about(practice, other, known))
    page = text_of(owner.get(reverse("patients:match", args=pair)))
    row = re.search(r"<th scope=\"row\">Given name</th>.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert re.search(r"<svg.*#close.*Different", row[0], re.DOTALL)
    assert "The given names are different" in page
    assert "Needed to link them" in page


def test_deciding_without_a_script_leads_back_with_a_way_to_take_it_back(practice, owner, pair, known):
    answer = owner.post(reverse("patients:decide_match", args=pair), form("link"), follow=True)
    page = text_of(answer)
    assert link_of(practice, pair[0]) == known
    assert "Decided lately" in page
    undo = reverse("patients:undo_match", args=pair)
    assert undo in page
    assert owner.post(undo).headers["Location"] == reverse("patients:match", args=pair)
    assert link_of(practice, pair[0]) is None


def test_after_a_decision_the_next_pair_follows_with_an_undo_in_the_toast(practice, owner, pair, known):
    other = make_patient(practice, family="Rivera", given="Annie", birth_date=BORN).pk
    further = (other, ask_about(practice, other, known, probability="0.6"))
    url = reverse("patients:decide_match", args=pair)
    answer = owner.post(url, form("apart"), headers=HTMX)

    assert answer.headers["HX-Push-Url"] == reverse("patients:match", args=further)
    assert "Annie" in text_of(answer)
    assert "<html" not in text_of(answer)
    toast = json.loads(answer.headers["HX-Trigger"])["willow:toast"]
    assert toast["undo_url"] == reverse("patients:undo_match", args=pair)
    undone = owner.post(toast["undo_url"], headers={"HX-Request": "true"})
    assert undone.headers["HX-Redirect"] == reverse("patients:match", args=pair)
    last = owner.post(reverse("patients:decide_match", args=further), form("apart"), headers=HTMX)
    assert last.headers["HX-Push-Url"] == reverse("patients:match", args=pair)


def test_what_is_refused_comes_back_with_what_was_typed(practice, owner, known):
    other = make_patient(practice, family="Rivera", given="Bertha", birth_date=BORN).pk
    pair = (other, ask_about(practice, other, known))
    url = reverse("patients:decide_match", args=pair)
    refused = owner.post(url, form("link"), headers=HTMX)
    assert refused.status_code == 422
    assert "say why" in text_of(refused)
    long = owner.post(url, form("apart", reason="y" * 301))
    assert long.status_code == 422
    assert "y" * 301 in text_of(long)
    assert owner.post(url, form("link", reason="Passport")).status_code == 302
    late = signed_in(practice.senior).post(url, form("apart"), headers=HTMX)
    assert late.status_code == 422
    assert "just decided that they are one person" in text_of(late)
    assert signed_in(practice.senior).post(url, form("apart")).status_code == 409
    assert owner.post(url, form("link", request_key="nonsense")).status_code == 404


def test_skipping_leads_through_the_queue_and_round_again(practice, owner, known):
    pairs = []
    for number in range(3):
        newcomer = make_patient(practice, family="Rivera", given=f"Ann{number}").pk
        pairs.append((newcomer, ask_about(practice, newcomer, known, probability=f"0.{9 - number}")))
    url, seen = reverse("patients:match", args=pairs[0]), []
    for _ in range(3):
        seen.append(url)
        found = re.search(r'href="([^"]+)"[^>]*data-key="n"', text_of(owner.get(url)))
        assert found is not None
        url = found[1]
    assert seen == [reverse("patients:match", args=each) for each in pairs]
    assert url == seen[0]


def test_a_place_that_is_none_and_a_patient_who_is_none_are_answered_plainly(practice, owner, pair):
    url = reverse("patients:matches")
    for place in ("nonsense", "AAAA", "MDFhMjAzZDEtMmQ0Ny03ZmIwLWI4NzItMTY4ZDkzMDFiZWFhTmFO"):
        assert owner.get(url, {"after": place}).status_code == 422
    assert owner.get(url, {"patient": str(uuid7())}).status_code == 404
    assert owner.get(url, {"patient": "x"}).status_code == 404
    assert owner.get(reverse("patients:match", args=[uuid7(), pair[1]])).status_code == 404


def test_names_with_markup_are_shown_as_text(practice, owner, known):
    other = make_patient(practice, family=HOSTILE, given=HOSTILE, phone=HOSTILE).pk
    pair = (other, ask_about(practice, other, known))
    for url in (reverse("patients:matches"), reverse("patients:match", args=pair)):
        page = owner.get(url).content.decode()
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page


def test_the_chart_and_the_list_lead_there(practice, pair, known):
    senior = signed_in(practice.senior)
    for row in (known, pair[0]):
        chart = text_of(senior.get(reverse("record:chart", args=[row])))
        assert f"{reverse('patients:matches')}?patient={row}" in chart
    assert "1 open question" in chart
    one = text_of(senior.get(reverse("patients:matches"), {"patient": str(known)}))
    assert reverse("patients:match", args=pair) in one
    assert "Who may be the same" in text_of(senior.get(reverse("patients:list")))
    assert "1 possible match" in text_of(signed_in(practice.owner).get(reverse("interop_fhir:imports")))
    desk = signed_in(practice.front_desk)
    assert reverse("patients:matches") not in text_of(desk.get(reverse("patients:list")))


def test_who_reads_charts_sees_how_often_each_came_and_the_owner_does_not(practice, owner, pair):
    url = reverse("patients:match", args=pair)
    assert "None recorded" in text_of(signed_in(practice.senior).get(url))
    assert "None recorded" not in text_of(owner.get(url))


def test_open_pages_are_told(practice, owner, pair):
    owner.post(reverse("patients:decide_match", args=pair), form("link"))
    handlers = [name for name in outbox.handlers() if "tell_open" in name]
    assert {name.rsplit(":", 1)[1] for name in handlers} >= {
        "patients.MatchDecided",
        "patients.PatientLinked",
        "patients.PatientUnlinked",
    }
