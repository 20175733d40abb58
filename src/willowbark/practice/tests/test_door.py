"""What the door counts and logs, and when a session ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.foundation.sessions import SessionStore
from willowbark.foundation.testing import at_once
from willowbark.practice.models import SignInFailure
from willowbark.practice.services import guessing
from willowbark.practice.services.guessing import FAILURES_ALLOWED, FAILURES_ALLOWED_TO_A_CLIENT
from willowbark.practice.sign_in import SESSION_USER, entering, guesses
from willowbark.practice.tasks import sweep_the_door
from willowbark.practice.testing import OWNER_EMAIL, PASSWORD, make_practice, quick_passwords

HOME, DOOR, ACCOUNT = "/", "/sign-in", "/account/password"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    with quick_passwords():
        monkeypatch.setattr(entering, "_NO_SUCH_USER", make_password("nobody has this password"))
        yield


def enter(client, email=OWNER_EMAIL, password=PASSWORD, **more):
    return client.post(DOOR, {"email": email, "password": password}, **more)


def logged(practice, *actions):
    """What was logged of these, in order: (action, outcome, actor)."""
    with acting_as(practice.owner):
        rows = AccessEntry.objects.filter(action__in=actions).order_by("at", "id")
        return list(rows.values_list("action", "outcome", "actor_id"))


def test_what_fails_at_the_door_is_logged_though_nobody_acts(practice):
    enter(Client(), password="wrong password")
    enter(Client(), email="nobody@practice.test")

    assert logged(practice, guessing.DOOR) == [(guessing.DOOR, "refused", None)] * 2
    with acting_as(practice.owner):
        entries = list(AccessEntry.objects.filter(action=guessing.DOOR))
    assert len({entry.subject for entry in entries}) == 2
    assert all(entry.request_id and "practice.test" not in entry.subject for entry in entries)


def test_being_locked_out_is_logged_once_however_often_it_is_tried(practice):
    for _ in range(FAILURES_ALLOWED + 5):
        enter(Client(), password="wrong password")

    outcomes = [outcome for _, outcome, _ in logged(practice, guessing.DOOR)]
    assert outcomes == ["refused"] * FAILURES_ALLOWED + ["locked"]


def test_signing_out_is_logged(practice):
    client = Client()
    enter(client)
    client.post(reverse("practice:sign_out"))

    assert logged(practice, "practice.signed_in", "practice.signed_out") == [
        ("practice.signed_in", "written", practice.owner.user_id),
        ("practice.signed_out", "written", practice.owner.user_id),
    ]


def test_the_log_of_the_door_takes_nothing_else(practice):
    for action, outcome in (("record.chart_read", "refused"), (guessing.DOOR, "read")):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT willow_log_door(%s, '', %s, NULL)", [action, outcome])


def test_a_right_password_is_no_failure(practice):
    for _ in range(FAILURES_ALLOWED + 2):
        assert enter(Client()).status_code == 302
    assert not SignInFailure.objects.exists()


def test_one_client_may_not_guess_at_one_address_after_the_other(practice):
    def guess(number, client_address):
        email = f"person{number}@elsewhere.test"
        return enter(Client(), email=email, password="wrong", REMOTE_ADDR=client_address).status_code

    for number in range(FAILURES_ALLOWED_TO_A_CLIENT):
        assert guess(number, "203.0.113.7") == 401

    assert guess(1000, "203.0.113.7") == 429
    assert enter(Client(), REMOTE_ADDR="203.0.113.7").status_code == 429
    assert enter(Client(), REMOTE_ADDR="203.0.113.8").status_code == 302


def test_the_client_is_whom_our_own_proxy_saw(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 203.0.113.7")
    assert guesses.client_of(request) == "10.0.0.1"
    settings.WILLOWBARK = settings.WILLOWBARK.model_copy(update={"https": True})
    assert guesses.client_of(request) == "203.0.113.7"


@pytest.mark.django_db(transaction=True)
def test_of_thirty_wrong_guesses_at_once_ten_are_checked(fresh_database, monkeypatch):
    make_practice()
    checked = []

    def check(password: str, encoded: str) -> bool:
        checked.append(1)
        return check_password(password, encoded)

    monkeypatch.setattr(entering, "check_password", check)

    answers = at_once(30, lambda _: enter(Client(), password="wrong password").status_code)

    assert len(checked) == FAILURES_ALLOWED
    assert sorted(answers) == [401] * FAILURES_ALLOWED + [429] * (30 - FAILURES_ALLOWED)


def test_guessing_ones_own_password_counts_and_is_logged(practice):
    client = Client()
    enter(client)
    said = {"current": "wrong", "new": "another long password", "again": "another long password"}
    for _ in range(FAILURES_ALLOWED):
        assert client.post(ACCOUNT, said).status_code == 422

    assert "quarter of an hour" in client.post(ACCOUNT, said | {"current": PASSWORD}).content.decode()
    assert [outcome for _, outcome, _ in logged(practice, guessing.OWN_PASSWORD)] == [
        *["refused"] * FAILURES_ALLOWED,
        "locked",
    ]


def test_what_no_longer_counts_is_swept_away(practice):
    enter(Client(), password="wrong password")
    client = Client()
    enter(client)
    sweep_the_door(0)
    assert (SignInFailure.objects.count(), Session.objects.count()) == (1, 1)

    with clock.at(clock.now() + timedelta(days=1)):
        sweep_the_door(0)
    assert (SignInFailure.objects.count(), Session.objects.count()) == (0, 0)


def test_a_session_ends_when_nobody_uses_it_for_an_hour(practice):
    client = Client()
    enter(client)
    start = clock.now()
    for minutes in (50, 100, 150):
        with clock.at(start + timedelta(minutes=minutes)):
            assert client.get(HOME).status_code == 200
    with clock.at(start + timedelta(minutes=211)):
        assert client.get(HOME).status_code == 302


def test_however_much_it_is_used_a_session_ends_after_its_hours(practice):
    client = Client()
    enter(client)
    start = clock.now()
    for minutes in range(0, 12 * 60, 45):
        with clock.at(start + timedelta(minutes=minutes)):
            assert client.get(HOME).status_code == 200
    with clock.at(start + timedelta(minutes=12 * 60 + 1)):
        assert client.get(HOME).status_code == 302


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.post("/effort", {}, content_type="application/json"),
        lambda client: client.get("/live?topics=nothing"),
        lambda client: client.get(HOME, headers={"X-Willow-Background": "1"}),
    ],
)
def test_what_a_page_asks_by_itself_does_not_keep_a_session_alive(practice, ask):
    client = Client()
    enter(client)
    start = clock.now()
    with clock.at(start + timedelta(minutes=50)):
        assert ask(client).status_code < 500
    with clock.at(start + timedelta(minutes=61)):
        assert client.get(HOME).status_code == 302


def test_that_somebody_is_at_work_is_written_once_a_minute_at_most(practice):
    client = Client()
    enter(client)

    def writes(seconds: float) -> int:
        with (
            clock.at(clock.now() + timedelta(seconds=seconds)),
            CaptureQueriesContext(connection) as captured,
        ):
            client.get(reverse("practice:account"))
        return sum(query["sql"].startswith('UPDATE "django_session"') for query in captured)

    assert writes(5) == 0
    assert writes(61) == 1
    assert writes(62) == 0


def test_a_session_that_ended_is_not_brought_back_by_a_request_under_way(practice):
    client = Client()
    enter(client)
    key = client.cookies["willowbark_session"].value
    with clock.at(clock.now() + timedelta(minutes=5)):
        store = SessionStore(key)
        assert store.get(SESSION_USER)
        Session.objects.all().delete()
        with pytest.raises(UpdateError):
            store.used()
    assert not Session.objects.filter(session_key=key).exists()
