"""The signed protocol on paper: all that was signed, for whoever may read it, and the same bytes twice."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import signed_in
from willowbark.protocols.core.proof import proof_of
from willowbark.protocols.pages import paper
from willowbark.protocols.selectors.signed import content_of
from willowbark.protocols.services.signing import end_protocol
from willowbark.protocols.testing import make_protocol
from willowbark.protocols.tests.pdf_text import text_of, without_blanks
from willowbark.record.testing import make_entry

MASTERS = ("restorative_sleep", "thyroid_support")
LEVOTHYROXINE = "Levothyroxine Sodium 0.075 MG Oral Tablet"


@pytest.fixture
def me(practice):
    return practice.practitioner


def in_care(practice, **known):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05"), **known).pk
    put_into_care(practice, patient, practice.practitioner, practice.coach)
    return patient


@pytest.fixture
def patient(practice):
    return in_care(practice, given="Ann", family="Alder")


def url(patient, protocol_id, name="paper") -> str:
    return reverse(f"protocols:{name}", args=[patient, protocol_id])


def pdf(actor, patient, protocol_id, **asked):
    answer = signed_in(actor).get(url(patient, protocol_id), asked)
    assert answer.status_code == 200, answer.content.decode()[:800]
    assert answer["Content-Type"] == "application/pdf"
    return answer


def signed_content(actor, patient, protocol_id) -> bytes:
    with acting_as(actor) as reader:
        return content_of(reader, patient, protocol_id)


@pytest.mark.parametrize("size", ["", "large"])
def test_the_paper_says_everything_that_was_signed(me, patient, size):
    make_entry(me, patient, "medication", text=LEVOTHYROXINE)
    made = make_protocol(me, patient, MASTERS)
    signed = json.loads(signed_content(me, patient, made.id))
    text = text_of(pdf(me, patient, made.id, print=size).content)

    assert any(LEVOTHYROXINE in each for each in signed["cautions"])
    expected = [
        "Willow Bend",
        "Ann Alder",
        "Born 5 May 1970",
        f"Protocol 1. Signed by {me.name} on",
        f"{made.days} days, from",
        "Protocol 1, Ann Alder Page 1 of ",
        made.content_sha256,
        *(each["name"] for each in signed["lines"]),
        *(f"{each['ingredient']} {each['amount']}" for line in signed["lines"] for each in line["serves"]),
        *signed["cautions"],
        *(f"{each['text']} {each['why']}" for each in signed["stop"]),
        *(each["text"] for each in signed["advice"]),
        *(f"After {each['after_days']} days: {each['text']}" for each in signed["watch"]),
    ]
    for words in expected:
        assert without_blanks(words) in text, words
    for line in made.lines:
        assert without_blanks(f"of {line.product_name}") in text
    assert "Nolongerinforce" not in text


def test_the_code_names_digest_number_and_day(me, patient):
    made = make_protocol(me, patient)
    proof = proof_of(made.content_sha256, 1, made.signed_at)
    day = json.loads(signed_content(me, patient, made.id))["signed_at"][:10]
    assert proof == f"willowbark:protocol:1:{made.content_sha256}:1:{day}"
    assert proof.encode() in pdf(me, patient, made.id).content


def test_the_file_that_was_signed_has_the_digest_of_the_paper(me, patient):
    made = make_protocol(me, patient)
    answer = signed_in(me).get(url(patient, made.id, "content"))
    assert answer["Content-Disposition"] == 'attachment; filename="protocol-1.json"'
    assert answer["Content-Type"] == "application/json"
    assert answer.content == signed_content(me, patient, made.id)
    assert hashlib.sha256(answer.content).hexdigest() == made.content_sha256


def test_the_same_protocol_is_the_same_bytes_and_large_print_is_another_file(me, patient):
    made = make_protocol(me, patient)
    first, again = pdf(me, patient, made.id), pdf(me, patient, made.id)
    large = pdf(me, patient, made.id, print="large")
    assert first.content == again.content
    assert f"/CreationDate(D:{made.signed_at:%Y%m%d%H%M%S}Z)".encode() in first.content
    assert first["Content-Disposition"] == 'inline; filename="protocol-1.pdf"'
    assert large["Content-Disposition"] == 'inline; filename="protocol-1-large-print.pdf"'
    assert large.content != first.content


@pytest.mark.parametrize(
    "name",
    ['#panic("x")', "$x$ *b* _i_ `r` @a <b>", '"\\" } ) ]', "W" * 200, "Ömer Ærø Łódź"],
    ids=["call", "marks", "quotes", "long", "letters"],
)
def test_a_name_is_printed_as_it_is(practice, me, name):
    patient = in_care(practice, given="Ann", family=name)
    made = make_protocol(me, patient)
    answer = pdf(me, patient, made.id, print="large")
    assert without_blanks(f"Ann {name}Born") in text_of(answer.content)
    assert answer["Content-Disposition"] == 'inline; filename="protocol-1-large-print.pdf"'


def test_the_paper_of_one_no_longer_in_force_says_so(me, patient):
    made = make_protocol(me, patient)
    with acting_as(me) as actor:
        end_protocol(actor=actor, patient_id=patient, protocol_id=made.id, reason="Went abroad.")
    text = text_of(pdf(me, patient, made.id).content)
    assert "Nolongerinforce.Wentabroad." in text


def test_what_does_not_match_its_hash_is_not_printed(me, patient, monkeypatch):
    made = make_protocol(me, patient)
    monkeypatch.setattr(paper, "digest_of", lambda content: "0" * 64)
    answer = signed_in(me).get(url(patient, made.id))
    assert answer.status_code == 409
    assert "does not match its hash" in answer.content.decode()


def test_another_print_is_refused(me, patient):
    made = make_protocol(me, patient)
    assert signed_in(me).get(url(patient, made.id), {"print": "tiny"}).status_code == 422


@pytest.mark.parametrize("name", ["paper", "content"])
def test_what_is_not_there_and_what_is_not_theirs_look_the_same(practice, me, patient, name):
    made = make_protocol(me, patient)
    other = signed_in(practice.other_practitioner)
    absent = signed_in(me).get(url(patient, uuid7(), name))
    nobody = other.get(url(uuid7(), made.id, name))
    foreign = other.get(url(patient, made.id, name))
    assert [each.status_code for each in (absent, nobody, foreign)] == [404, 404, 404]
    assert signed_in(practice.front_desk).get(url(patient, made.id, name)).status_code in (403, 404)
    assert signed_in(practice.dispensary).get(url(patient, made.id, name)).status_code == 200
    elsewhere = in_care(practice)
    assert signed_in(me).get(url(elsewhere, made.id, name)).status_code == 404


def test_every_paper_is_in_the_access_log(practice, me, patient):
    made = make_protocol(me, patient)
    pdf(me, patient, made.id)
    with acting_as(practice.owner):
        entries = AccessEntry.objects.filter(patient_id=patient, action="protocols.paper_read")
        assert [each.subject for each in entries] == [str(made.id)]


def test_the_page_of_a_protocol_leads_to_its_paper_and_its_file(me, patient):
    made = make_protocol(me, patient)
    page = signed_in(me).get(reverse("protocols:protocol", args=[patient, made.id])).content.decode()
    for address in (url(patient, made.id), f"{url(patient, made.id)}?print=large"):
        assert f'href="{address}"' in page
    assert f'href="{url(patient, made.id, "content")}"' in page
