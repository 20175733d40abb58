from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.models import Patient
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import signed_in

HOSTILE = "<script>alert('x')</script>"


@pytest.fixture
def desk(practice):
    return signed_in(practice.front_desk)


def form(practice, **typed):
    return {
        "family": "Smith",
        "given": "Ann",
        "birth_date": "1984-03-12",
        "sex": "female",
        "home_site": str(practice.north),
        "request_key": str(uuid7()),
    } | typed


def patients(practice) -> list[str]:
    with acting_as(practice.everywhere):
        return sorted(Patient.objects.values_list("given", flat=True))


def test_someone_new_is_registered_from_the_form_and_found(practice, desk):
    answer = desk.post(reverse("patients:new"), form(practice))

    assert answer.status_code == 302
    assert patients(practice) == ["Ann"]
    assert "Smith" in desk.get(reverse("patients:list"), {"q": "smith 1984-03-12"}).content.decode()


def test_the_form_itself_carries_the_key_that_keeps_it_from_registering_twice(practice, desk):
    page = desk.get(reverse("patients:new")).content.decode()
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    assert key is not None
    for _ in range(2):
        answer = desk.post(reverse("patients:new"), form(practice, request_key=key[1], confirm_new="1"))
        assert answer.status_code == 302

    assert patients(practice) == ["Ann"]


@pytest.mark.parametrize("born", ["1984-03-12", "1984-03", "1984", ""])
def test_someone_who_may_be_there_already_is_shown_before_anything_is_saved(practice, desk, born):
    known = parse_partial_date(born) if born else None
    make_patient(practice, family="Smith", given="Ann", birth_date=known)
    answer = desk.post(reverse("patients:new"), form(practice, birth_date=born))

    assert answer.status_code == 409
    assert "may be here already" in answer.content.decode()
    assert patients(practice) == ["Ann"]
    assert (
        desk.post(reverse("patients:new"), form(practice, birth_date=born, confirm_new="1")).status_code
        == 302
    )
    assert patients(practice) == ["Ann", "Ann"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"family": ""}, "family name is needed"),
        ({"birth_date": "31.12.1980"}, "not a date"),
        ({"birth_date": "2999-01-01"}, "future"),
        ({"email": "nobody"}, "no @"),
        ({"home_site": ""}, "Choose the site"),
        ({"sex": "robot"}, "sex is one of"),
    ],
)
def test_a_form_that_is_refused_comes_back_filled_with_what_was_typed(practice, desk, wrong, says):
    answer = desk.post(reverse("patients:new"), form(practice, phone="555 0100") | wrong)
    page = html.unescape(answer.content.decode())

    assert answer.status_code == 422
    assert says in page
    assert 'value="555 0100"' in page
    assert patients(practice) == []


def test_markup_in_a_name_is_shown_as_text_on_every_page(practice, desk):
    made = make_patient(
        practice,
        family=HOSTILE,
        given=HOSTILE,
        identifiers=(Identification(HOSTILE, HOSTILE[:200], "MR"),),
        phone=HOSTILE,
    )
    senior = signed_in(practice.senior)
    for client, path in (
        (desk, reverse("patients:list")),
        (desk, reverse("patients:search") + "?q=script"),
        (desk, reverse("patients:team", args=[made.pk])),
        (senior, reverse("record:chart", args=[made.pk])),
        (senior, reverse("record:notes", args=[made.pk])),
    ):
        page = client.get(path).content.decode()
        assert HOSTILE not in page, path
        assert "&lt;script&gt;" in page, path


def test_the_list_is_paged_through_by_its_own_links(practice, desk):
    for number in range(51):
        make_patient(practice, family=f"Paged{number:02}")
    seen, url = [], reverse("patients:list")
    for _ in range(3):
        page = html.unescape(desk.get(url).content.decode())
        seen += re.findall(r"Paged\d\d", page)
        older = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
        if older is None:
            break
        url = reverse("patients:list") + older[1]

    assert [*dict.fromkeys(seen)] == [f"Paged{number:02}" for number in range(51)]


def test_a_search_while_typing_gets_a_fragment_and_not_a_page(practice, desk):
    make_patient(practice, family="Smith")
    fragment = desk.get(reverse("patients:list"), {"q": "smi"}, headers={"HX-Target": "patient-results"})
    options = desk.get(reverse("patients:search"), {"q": "smi"})
    for answer in (fragment, options):
        assert "Smith" in answer.content.decode()
        assert "<html" not in answer.content.decode()
    assert "HX-Target" in fragment.headers["Vary"]
    assert "Smith" not in desk.get(reverse("patients:search"), {"q": " "}).content.decode()


def test_the_api_pages_through_patients_and_reads_one(practice, desk):
    made = {str(make_patient(practice).pk) for _ in range(5)}
    seen, after = [], ""
    while True:
        page = desk.get("/api/patients", {"limit": 2, "after": after}).json()
        assert len(page["patients"]) <= 2
        seen += [each["id"] for each in page["patients"]]
        if not (after := page["next"]):
            break

    assert sorted(seen) == sorted(made)
    one = desk.get(f"/api/patients/{seen[0]}").json()
    assert (one["id"], one["site"]) == (seen[0], "North")
