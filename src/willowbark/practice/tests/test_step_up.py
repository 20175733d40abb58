"""What is done only by who said a short while ago who they are."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse, JsonResponse
from django.urls import include, path, reverse
from django.utils.http import urlencode

from willowbark.foundation import clock, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.foundation.web import endpoint
from willowbark.practice.models import Organisation, Staff
from willowbark.practice.services.factors import code_was_right, recovery_codes_once
from willowbark.practice.services.guessing import FAILURES_ALLOWED
from willowbark.practice.testing import (
    OWNER_EMAIL,
    PASSWORD,
    add_app_for,
    code_of,
    quick_passwords,
    signed_in,
    staff_of,
)

LATER = step_up.CONFIRMED_FOR + timedelta(seconds=1)
CONFIRM = "/account/confirm"
THIEF = {
    "name": "Thief",
    "title": "",
    "email": "thief@practice.test",
    "role": "owner",
    "where": "organisation",
    "password": PASSWORD,
    "request_key": "0197f3c2-0000-7000-8000-000000000001",
}


@endpoint(methods=("GET", "POST"), confirmed=True)
def treasure(request, actor):
    return JsonResponse(dict(request.POST.lists())) if request.method == "POST" else HttpResponse("gold")


urlpatterns = [path("", include("willowbark.config.urls")), path("treasure", treasure)]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


@pytest.fixture
def client(practice):
    return signed_in(practice.owner)


@pytest.fixture
def later():
    with clock.at(clock.now() + LATER):
        yield


def with_password(password=PASSWORD, **more):
    return {"identity:with": "password", "identity:password": password, **more}


def hidden(answer) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', answer.content.decode()):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def logged(practice, action):
    with acting_as(practice.owner):
        return list(
            AccessEntry.objects.filter(action__contains=action).values_list("action", "outcome", "subject")
        )


def everybody():
    """Who works here, under which address, with which roles."""
    return list(
        Staff.objects.order_by("id", "assignments__id").values_list(
            "name", "is_active", "user__email", "assignments__role__code", "assignments__reach"
        )
    )


def with_code(code, **more):
    return {"identity:with": "code", "identity:code": code, **more}


def test_a_code_of_an_app_confirms_once(practice):
    secret = add_app_for(practice.owner)
    client = signed_in(practice.owner)
    with clock.at(clock.now() + LATER):
        code = code_of(secret)
        assert "authenticator app" in client.get(CONFIRM).content.decode()
        refused = client.post(f"{CONFIRM}?next=/treasure", with_code("000000"))
        assert (refused.status_code, "not the code of this moment" in refused.content.decode()) == (422, True)
        assert client.get("/treasure").status_code == 302

        assert client.post(f"{CONFIRM}?next=/treasure", with_code(code))["Location"] == "/treasure"
        assert client.get("/treasure").content == b"gold"
        assert client.post(CONFIRM, with_code(code)).status_code == 422, "a code was taken twice"
    assert ("practice.confirmed", "written", "authenticator app") in logged(practice, "confirmed")


def test_a_recovery_code_is_for_the_door_alone(practice):
    add_app_for(practice.owner)
    with acting_as(practice.owner) as actor:
        [code, *_] = recovery_codes_once(actor)
    client = signed_in(practice.owner)
    with clock.at(clock.now() + LATER):
        assert client.post(CONFIRM, with_code(code)).status_code == 422
    with acting_as(practice.owner) as actor:
        assert code_was_right(actor.user_id, code) == "recovery code"


def test_guesses_at_codes_lock_out_who_makes_them(practice):
    secret = add_app_for(practice.owner)
    client = signed_in(practice.owner)
    with clock.at(clock.now() + LATER):
        for _ in range(FAILURES_ALLOWED):
            client.post(CONFIRM, with_code("000000"))
        locked = client.post(CONFIRM, with_code(code_of(secret)))
    assert (locked.status_code, "Not now" in locked.content.decode()) == (422, True)


def test_whoever_signed_in_a_moment_ago_has_confirmed_it(client):
    client.post("/sign-in", {"email": OWNER_EMAIL, "password": PASSWORD})

    assert client.get("/treasure").content == b"gold"


def test_after_a_quarter_of_an_hour_a_page_asks_and_leads_back(practice, client, later):
    asked = client.get("/treasure?of=kings")
    assert (asked.status_code, asked.headers["Location"]) == (302, f"{CONFIRM}?next=%2Ftreasure%3Fof%3Dkings")
    assert "Confirm who you are" in client.get(asked.headers["Location"]).content.decode()

    led = client.post(asked.headers["Location"], with_password())
    assert (led.status_code, led.headers["Location"]) == (302, "/treasure?of=kings")
    assert client.get("/treasure").content == b"gold"
    assert logged(practice, "GET treasure") == [("GET treasure", "refused", "not_confirmed")]
    assert len(logged(practice, "practice.confirmed")) == 1


def test_a_form_that_was_refused_is_asked_about_and_sent_again_as_it_was(client, later):
    typed = {"words": 'two\r\nlines & a "quote"', "ack": ["a", "b"]}
    refused = client.post("/treasure", typed)
    assert (refused.status_code, refused.headers["Location"]) == (307, f"{CONFIRM}?next=%2Ftreasure")

    asking = client.post(refused.headers["Location"], typed)
    held = hidden(asking)
    wrong = client.post(refused.headers["Location"], held | with_password("wrong"))
    assert (wrong.status_code, hidden(wrong)) == (
        422,
        held | {"csrfmiddlewaretoken": hidden(wrong)["csrfmiddlewaretoken"]},
    )

    right = client.post(refused.headers["Location"], held | with_password())
    assert (right.status_code, right.headers["Location"]) == (307, "/treasure")
    done = client.post("/treasure", held).json()
    assert {name: done[name] for name in typed} == {"words": [typed["words"]], "ack": ["a", "b"]}


def test_htmx_is_led_to_the_question_and_back_to_the_page_it_stood_on(client, later):
    answer = client.post(
        "/treasure", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/practice?a=1#b"}
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, f"{CONFIRM}?next=%2Fpractice%3Fa%3D1")
    elsewhere = client.post(
        "/treasure", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.test/"}
    )
    assert elsewhere.headers["HX-Redirect"] == f"{CONFIRM}?next=%2F"


@pytest.mark.parametrize(
    "said",
    [
        ("new_person", THIEF),
        ("details", {"name": "Fay", "title": "", "email": "thief@practice.test"}),
        ("give_role", {"role": "owner", "where": "organisation"}),
        ("take_role", {}),
        ("active", {"active": "0"}),
    ],
    ids=lambda said: said[0],
)
def test_whoever_finds_an_owner_signed_in_gives_nobody_rights(practice, client, later, said):
    address, typed = said
    of_whom = [] if address == "new_person" else [staff_of(practice.front_desk)]
    url = reverse(f"practice:{address}", args=of_whom)
    before = everybody()

    plain = client.post(url, typed)
    in_place = client.post(url, typed, headers={"HX-Request": "true"})

    assert (plain.status_code, plain.headers["Location"]) == (307, f"{CONFIRM}?{urlencode({'next': url})}")
    assert in_place.status_code == 403
    assert in_place.headers["HX-Redirect"].startswith(CONFIRM)
    assert everybody() == before


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", ""])
def test_nobody_is_led_elsewhere(client, later, wanted):
    answer = client.post(f"{CONFIRM}?next={wanted}", with_password(**{"identity:again": "1"}))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_wrong_password_confirms_nothing_and_is_counted_and_logged(practice, client, later):
    for _ in range(FAILURES_ALLOWED):
        assert client.post(CONFIRM, with_password("wrong")).status_code == 422
    locked = client.post(CONFIRM, with_password())

    assert (locked.status_code, b"quarter of an hour" in locked.content) == (422, True)
    assert client.get("/treasure").status_code == 302
    assert [outcome for _, outcome, _ in logged(practice, "practice.password_check")] == [
        *["refused"] * FAILURES_ALLOWED,
        "locked",
    ]


def test_a_session_gets_a_new_key_when_it_is_confirmed(client):
    before = client.cookies["willowbark_session"].value
    client.post(CONFIRM, with_password())

    assert client.cookies["willowbark_session"].value != before
    assert not Session.objects.filter(session_key=before).exists()
    assert client.get("/").status_code == 200


def test_in_a_demo_one_click_confirms_and_nowhere_else(practice, client, later):
    assert client.post(CONFIRM, {"identity:with": "demo"}).status_code == 404
    assert client.get("/treasure").status_code == 302
    with acting_as(practice.owner):
        Organisation.objects.update(is_demo=True)

    assert "Yes, I am Olive Owner" in client.get(CONFIRM).content.decode()
    assert (
        client.post(f"{CONFIRM}?next=/treasure", {"identity:with": "demo"}).headers["Location"] == "/treasure"
    )
    assert client.get("/treasure").content == b"gold"


def test_an_account_without_a_password_is_confirmed_by_none(practice):
    client = signed_in(practice.front_desk)
    with clock.at(clock.now() + LATER):
        for password in ("", "!", PASSWORD):
            assert client.post(CONFIRM, with_password(password)).status_code == 422
        assert client.get("/treasure").status_code == 302
