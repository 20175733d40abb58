from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, User
from willowbark.practice.models import Organisation, RoleAssignment, Staff
from willowbark.practice.services.guessing import FAILURE_WINDOW, FAILURES_ALLOWED
from willowbark.practice.sign_in import SESSION_USER, entering
from willowbark.practice.testing import (
    OWNER_EMAIL,
    PASSWORD,
    make_staff,
    quick_passwords,
    signed_in,
    staff_of,
)

HOME, DOOR = "/", "/sign-in"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    with quick_passwords():
        monkeypatch.setattr(entering, "_NO_SUCH_USER", make_password("nobody has this password"))
        yield


@pytest.fixture
def client(practice):
    return Client()


def enter(client, email=OWNER_EMAIL, password=PASSWORD, **more):
    return client.post(DOOR, {"email": email, "password": password, **more})


def test_the_right_password_opens_the_door_and_is_remembered(practice, client):
    assert client.get(HOME).status_code == 302
    answer = enter(client, email=f"  {OWNER_EMAIL.upper()} ")

    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    assert client.get(HOME).status_code == 200
    assert User.objects.get(pk=practice.owner.user_id).last_login is not None
    with acting_as(practice.owner):
        assert AccessEntry.objects.filter(
            action="practice.signed_in", actor_id=practice.owner.user_id
        ).exists()


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(practice, client):
    def door(**said):
        answer = enter(Client(), **said)
        page = answer.content.decode().replace(said.get("email", OWNER_EMAIL), "")
        return answer.status_code, re.sub(r'"[A-Za-z0-9]{64}"', "a token", page), [*answer.headers]

    wrong, unknown = door(password="wrong password"), door(email="nobody@practice.test")

    assert wrong[0] == 401
    assert wrong == unknown
    assert client.get(HOME).status_code == 302


def test_a_wrong_address_takes_as_much_work_as_a_wrong_password(practice, monkeypatch):
    checked: list[str] = []

    def check(password: str, encoded: str) -> bool:
        checked.append(encoded)
        return check_password(password, encoded)

    monkeypatch.setattr(entering, "check_password", check)
    enter(Client(), email="nobody@practice.test")
    enter(Client(), password="wrong password")

    assert len(checked) == 2
    assert all(encoded.partition("$")[0] == "md5" for encoded in checked)


@pytest.mark.parametrize("address", [OWNER_EMAIL, "nobody@practice.test"])
def test_after_ten_wrong_passwords_even_the_right_one_waits_a_quarter_of_an_hour(practice, address):
    for _ in range(FAILURES_ALLOWED):
        assert enter(Client(), email=address, password="wrong password").status_code == 401

    answer = enter(Client(), email=f" {address.upper()}")
    assert answer.status_code == 429
    assert "quarter of an hour" in answer.content.decode()
    later = clock.now() + FAILURE_WINDOW + timedelta(seconds=1)
    with clock.at(later):
        assert enter(Client(), email=address).status_code == (302 if address == OWNER_EMAIL else 401)


def test_guessing_under_addresses_that_look_alike_is_counted_as_one(practice):
    """`OLIVE` in capitals is also the capital form of `ol\u0131ve`: the database finds the same person."""
    for number in range(FAILURES_ALLOWED):
        address = OWNER_EMAIL.replace("i", "\u0131") if number % 2 else OWNER_EMAIL
        enter(Client(), email=address, password="wrong password")

    assert enter(Client()).status_code == 429


def test_the_wrong_passwords_of_one_person_do_not_lock_another_out(practice):
    make_staff(practice.owner, role="front_desk", email="fay@practice.test", password=PASSWORD)
    for _ in range(FAILURES_ALLOWED + 1):
        enter(Client(), password="wrong password")

    assert enter(Client(), email="fay@practice.test").status_code == 302


def test_nothing_that_is_typed_at_the_door_breaks_it(practice, client):
    for email in (
        "a\0b@practice.test",
        "'; DROP TABLE foundation_user; --",
        "x" * 100_000,
        "\U0001f600",
        "",
    ):
        assert enter(client, email=email, password="x\0" * 5000).status_code == 401
    assert User.objects.filter(pk=practice.owner.user_id).exists()


def test_what_was_typed_at_the_door_comes_back_as_text_alone(practice, client):
    page = enter(client, email='"><script>alert(1)</script>', password="wrong").content.decode()

    assert "<script>alert" not in page


def test_someone_without_a_password_or_with_an_account_alone_cannot_sign_in(practice):
    make_staff(practice.owner, role="front_desk", email="new@practice.test", password=None)
    with acting_as(practice.owner):
        Staff.objects.filter(user__email="new@practice.test").update(is_active=True)
    for password in ("", "!", PASSWORD):
        assert enter(Client(), email="new@practice.test", password=password).status_code == 401
        assert enter(Client(), email="system@willowbark.invalid", password=password).status_code == 401


def test_someone_who_has_left_loses_access_at_once_and_cannot_come_back(practice, client):
    who = make_staff(practice.owner, role="front_desk", email="fay@practice.test", password=PASSWORD)
    enter(client, email="fay@practice.test")
    assert client.get(HOME).status_code == 200
    with acting_as(practice.owner):
        Staff.objects.filter(pk=staff_of(who)).update(is_active=False)

    assert client.get(HOME).status_code == 302
    assert client.get("/api/patients").status_code == 401
    assert enter(Client(), email="fay@practice.test").status_code == 401


def test_an_account_that_is_switched_off_loses_access_at_once(practice, client):
    enter(client)
    with acting_as(practice.owner):
        User.objects.filter(pk=practice.owner.user_id).update(is_active=False)

    assert client.get(HOME).status_code == 302
    assert enter(Client()).status_code == 401


def test_a_role_that_is_taken_away_closes_its_pages_at_once(practice):
    client = signed_in(practice.front_desk)
    assert client.get(reverse("patients:list")).status_code == 200
    with acting_as(practice.owner):
        RoleAssignment.objects.filter(staff=practice.front_desk.staff_id).delete()

    assert client.get(reverse("patients:list")).status_code == 404


def test_a_session_that_somebody_planted_is_worth_nothing_after_signing_in(practice, client):
    client.get(DOOR)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["willowbark_session"] = planted = session.session_key
    enter(client)

    key = client.cookies["willowbark_session"].value
    assert key != planted
    assert not Session.objects.filter(session_key=planted).exists()
    assert "planted" not in client.session
    assert client.session[SESSION_USER] == str(practice.owner.user_id)


def test_the_token_of_forms_changes_when_somebody_signs_in(practice, client):
    client.get(DOOR)
    before = client.cookies["willowbark_csrf"].value
    enter(client)

    assert client.cookies["willowbark_csrf"].value != before


def test_signing_out_ends_the_session_in_the_database_too(practice, client):
    enter(client)
    key = client.cookies["willowbark_session"].value
    answer = client.post(reverse("practice:sign_out"))

    assert answer.headers["Location"] == DOOR
    assert not Session.objects.filter(session_key=key).exists()
    stolen = Client()
    stolen.cookies["willowbark_session"] = key
    assert stolen.get(HOME).status_code == 302


def test_signing_out_takes_a_post_so_that_a_picture_cannot_do_it(practice, client):
    enter(client)
    assert client.get(reverse("practice:sign_out")).status_code == 405
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/patients?q=a", "/patients?q=a"),
        ("https://evil.test/", HOME),
        ("//evil.test/", HOME),
        ("/\\evil.test", HOME),
        ("javascript:alert(1)", HOME),
        ("", HOME),
    ],
)
def test_the_door_leads_to_our_own_pages_alone(practice, client, wanted, led_to):
    assert enter(client, next=wanted).headers["Location"] == led_to


def test_who_is_not_signed_in_is_led_to_the_door_and_back(practice, client):
    answer = client.get("/patients?q=smith")

    assert answer.headers["Location"] == "/sign-in?next=%2Fpatients%3Fq%3Dsmith"
    assert "/patients?q=smith" in client.get(answer.headers["Location"]).content.decode()
    fragment = client.get("/patients", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/sign-in?next=%2Fpatients")


def test_one_click_signs_in_to_a_demo_as_one_of_its_people(practice, client):
    with acting_as(practice.owner):
        Organisation.objects.update(is_demo=True)
    page = client.get(DOOR).content.decode()
    assert "Cleo Coach" in page
    assert "demo" in page.lower()

    answer = client.post(reverse("practice:demo_sign_in"), {"person_id": str(practice.coach.user_id)})
    assert answer.status_code == 302
    assert client.session[SESSION_USER] == str(practice.coach.user_id)


def test_one_click_signs_nobody_in_to_a_real_practice(practice, client):
    assert "Cleo Coach" not in client.get(DOOR).content.decode()
    for person in (practice.coach.user_id, practice.system.user_id, uuid7(), "", "nonsense", "\0"):
        answer = client.post(reverse("practice:demo_sign_in"), {"person_id": str(person)})
        assert answer.status_code == 404
    assert SESSION_USER not in client.session


def test_a_demo_offers_only_the_people_of_its_door(practice, client):
    with acting_as(practice.owner):
        Organisation.objects.update(is_demo=True)
    hidden = make_staff(practice.owner, role="owner", name="Zoe Second Owner")
    for person in (hidden.user_id, practice.system.user_id, uuid7(), "nonsense"):
        answer = client.post(reverse("practice:demo_sign_in"), {"person_id": str(person)})
        assert answer.status_code == 404
    assert SESSION_USER not in client.session
