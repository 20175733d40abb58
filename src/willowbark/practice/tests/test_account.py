from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry, User
from willowbark.practice.services.guessing import FAILURE_WINDOW, FAILURES_ALLOWED
from willowbark.practice.sign_in import SESSION_MARK
from willowbark.practice.testing import OWNER_EMAIL, PASSWORD, make_staff, quick_passwords, signed_in

NEW = "a wholly different sentence"


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


def entered(password=PASSWORD) -> Client:
    client = Client()
    assert client.post("/sign-in", {"email": OWNER_EMAIL, "password": password}).status_code == 302
    return client


def change(client, current=PASSWORD, new=NEW, again=None):
    return client.post("/account/password", {"current": current, "new": new, "again": again or new})


def error_of(answer, field) -> str:
    found = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', answer.content.decode(), re.DOTALL)
    return found.group(1) if found else ""


def test_a_changed_password_ends_every_other_session_and_keeps_this_one(practice):
    here, elsewhere = entered(), entered()
    key = here.cookies["willowbark_session"].value
    answer = change(here)

    assert answer.headers["Location"] == "/account?done=1"
    assert b"Your password is changed" in here.get(answer.headers["Location"]).content
    assert elsewhere.get("/").status_code == 302
    assert elsewhere.get("/api/patients").status_code == 401
    assert here.get("/").status_code == 200
    assert here.cookies["willowbark_session"].value != key
    assert not Session.objects.filter(session_key=key).exists()
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(action="practice.password_changed").count() == 1


def test_the_new_password_opens_the_door_and_the_old_one_does_not(practice):
    change(entered())

    assert Client().post("/sign-in", {"email": OWNER_EMAIL, "password": PASSWORD}).status_code == 401
    entered(NEW)


@pytest.mark.parametrize(
    ("said", "field", "text"),
    [
        ({"current": "wrong wrong wrong"}, "current", "This is not your password."),
        ({"new": "short"}, "new", "This password is too short. It must contain at least 12 characters."),
        ({"new": "passwordpassword", "again": "other"}, "again", "The two are not the same."),
        ({"new": PASSWORD}, "new", "This is the password you have."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(practice, said, field, text):
    before = User.objects.get(pk=practice.owner.user_id).password
    here, elsewhere = entered(), entered()
    answer = change(here, **said)

    assert (answer.status_code, error_of(answer, field)) == (422, text)
    assert User.objects.get(pk=practice.owner.user_id).password == before
    assert {each.get("/").status_code for each in (here, elsewhere)} == {200}


def test_somebody_at_an_open_screen_cannot_guess_for_ever(practice):
    here = entered()
    for _ in range(FAILURES_ALLOWED):
        assert change(here, current="wrong wrong wrong").status_code == 422
    refused = change(here)

    assert (refused.status_code, b"Wait a quarter of an hour" in refused.content) == (422, True)
    assert Client().post("/sign-in", {"email": OWNER_EMAIL, "password": PASSWORD}).status_code == 429
    with clock.at(clock.now() + FAILURE_WINDOW + timedelta(seconds=1)):
        assert change(here).status_code == 302


def test_a_session_that_carries_no_password_or_anothers_is_nobodys(practice):
    client = signed_in(practice.owner)
    assert client.get("/").status_code == 200
    for mark in ("", "0" * 32, None):
        session = client.session
        if mark is None:
            session.pop(SESSION_MARK, None)
        else:
            session[SESSION_MARK] = mark
        session.save()
        client.cookies["willowbark_session"] = str(session.session_key)
        assert client.get("/").status_code == 302


def test_everybody_sees_their_own_account_and_what_their_roles_let_them_do(practice):
    page = signed_in(practice.coach).get("/account").content.decode()

    assert "Health coach" in page
    assert "patients in their care, North" in page
    assert 'href="/account"' in page


def test_whoever_has_no_role_is_led_to_where_that_is_said(practice):
    make_staff(practice.owner, role=None, email="new@practice.test", password=PASSWORD)
    client = Client()
    answer = client.post("/sign-in", {"email": "new@practice.test", "password": PASSWORD})

    assert answer.headers["Location"] == "/account"
    assert b"You have no role yet" in client.get("/account").content


def test_an_account_without_a_password_offers_no_form(practice):
    page = signed_in(practice.front_desk).get("/account").content

    assert b"This account has no password" in page
    assert b'name="current"' not in page
