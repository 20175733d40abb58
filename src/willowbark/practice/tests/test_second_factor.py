"""The second factor at the door: codes and passkeys, each once; and how often one may guess."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, transaction
from django.test import Client

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.doctor.database import look_at_field_keys
from willowbark.foundation.encryption import columns, keeping, rotating
from willowbark.foundation.encryption.errors import UnknownKey
from willowbark.foundation.encryption.keyring import Keyring
from willowbark.foundation.models import AccessEntry, User
from willowbark.foundation.testing import at_once
from willowbark.practice.services import guessing, set_password
from willowbark.practice.services.factors import (
    add_app,
    code_was_right,
    make_recovery_codes,
    recovery_codes_once,
)
from willowbark.practice.services.guessing import FAILURE_WINDOW, FAILURES_ALLOWED
from willowbark.practice.testing import (
    OWNER_EMAIL,
    PASSWORD,
    add_app_for,
    code_of,
    make_practice,
    quick_passwords,
    staff_of,
)

HOME, DOOR, SECOND, PASSKEY = "/", "/sign-in", "/sign-in/second-step", "/sign-in/passkey"


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


@pytest.fixture
def secret(practice):
    return add_app_for(practice.owner)


def halfway(**more) -> Client:
    """A browser in which the owner has said the right password."""
    client = Client()
    answer = client.post(DOOR, {"email": OWNER_EMAIL, "password": PASSWORD, **more})
    assert answer.headers["Location"].startswith(SECOND), "nothing was asked after the password"
    return client


def say(client, code, **more):
    return client.post(SECOND, {"code": code, **more})


def logged(practice, action):
    with acting_as(practice.owner):
        return list(AccessEntry.objects.filter(action=action).order_by("at", "id"))


def test_after_the_password_nothing_opens_until_the_code_is_said(practice, secret):
    client = halfway(next="/practice")
    assert client.get(HOME).status_code == 302
    assert client.get("/api/patients").status_code == 401
    assert logged(practice, "practice.signed_in") == []

    answer = say(client, code_of(secret), next="/practice")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/practice")
    assert client.get(HOME).status_code == 200
    (entry,) = logged(practice, "practice.signed_in")
    assert entry.subject == "password, authenticator app"


def test_a_code_is_accepted_once(practice, secret):
    now = clock.now()
    with clock.at(now):
        assert say(halfway(), code_of(secret)).status_code == 302
        again = say(halfway(), code_of(secret))
        assert again.status_code == 401
        assert "it was used before" in again.content.decode()
    with clock.at(now + timedelta(seconds=30)):
        with clock.at(now):
            before = code_of(secret)
        assert say(halfway(), before).status_code == 401
        assert say(halfway(), code_of(secret)).status_code == 302


@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 302), (0, 302), (30, 302), (60, 401)])
def test_a_clock_may_be_half_a_minute_off(secret, seconds, status):
    now = clock.now()
    with clock.at(now + timedelta(seconds=seconds)):
        code = code_of(secret)
    with clock.at(now):
        assert say(halfway(), code).status_code == status


def test_the_code_that_added_the_app_opens_nothing(practice):
    now = clock.now()
    secret = add_app_for(practice.owner)
    with clock.at(now - timedelta(hours=1)):
        assert say(halfway(), code_of(secret)).status_code == 401


def test_a_recovery_code_lets_in_once(practice, secret):
    with acting_as(practice.owner):
        codes = recovery_codes_once(practice.owner)
        assert (len(codes), len(set(codes))) == (10, 10)
        assert recovery_codes_once(practice.owner) == []

    spaced = f"{codes[0][:4]} {codes[0][4:]}"
    assert say(halfway(), spaced).status_code == 302
    assert say(halfway(), codes[0]).status_code == 401
    assert say(halfway(), codes[1]).status_code == 302
    assert logged(practice, "practice.signed_in")[0].subject == "password, recovery code"


def test_new_recovery_codes_make_the_old_ones_worthless(practice, secret):
    with acting_as(practice.owner):
        old = recovery_codes_once(practice.owner)
        make_recovery_codes(actor=practice.owner)
        new = recovery_codes_once(practice.owner)

    assert not set(old) & set(new)
    assert say(halfway(), old[0]).status_code == 401
    assert say(halfway(), new[0]).status_code == 302


def test_after_ten_wrong_codes_even_the_right_one_waits_a_quarter_of_an_hour(practice, secret):
    client = halfway()
    for _ in range(FAILURES_ALLOWED):
        assert say(client, "000000").status_code == 401

    locked = say(client, code_of(secret))
    assert (locked.status_code, b"Too many wrong codes." in locked.content) == (429, True)
    assert [entry.outcome for entry in logged(practice, guessing.SECOND_FACTOR)] == [
        *["refused"] * FAILURES_ALLOWED,
        "locked",
    ]
    with clock.at(clock.now() + FAILURE_WINDOW + timedelta(seconds=1)):
        assert say(halfway(), code_of(secret)).status_code == 302


def test_a_right_password_does_not_give_back_the_guesses_at_codes(practice, secret):
    for _ in range(FAILURES_ALLOWED):
        assert say(halfway(), "000000").status_code == 401

    assert say(halfway(), code_of(secret)).status_code == 429


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "'; --", "\0" * 6, "٣" * 6, "9" * 40])
def test_whatever_is_typed_as_a_code_is_refused_and_breaks_nothing(secret, code):
    assert say(halfway(), code).status_code == 401


def test_who_has_not_said_a_password_is_not_asked_for_a_code(secret):
    client = Client()
    assert client.get(SECOND).headers["Location"] == DOOR
    assert say(client, code_of(secret)).headers["Location"] == DOOR


def test_halfway_in_ends_after_ten_minutes_and_when_the_password_changes(practice, secret):
    client, other = halfway(), halfway()
    with clock.at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert say(client, code_of(secret)).headers["Location"] == DOOR
    with acting_as(practice.owner):
        set_password(actor=practice.owner, staff_id=staff_of(practice.owner), password=f"{PASSWORD} 2")
    assert say(other, code_of(secret)).headers["Location"] == DOOR


def test_asking_for_a_passkey_does_not_put_off_the_end_of_being_halfway_in(practice, secret):
    client, start = halfway(), clock.now()
    for minutes in (4, 8, 9):
        with clock.at(start + timedelta(minutes=minutes)):
            assert client.get(PASSKEY).status_code == 200

    with clock.at(start + timedelta(minutes=10, seconds=1)):
        assert client.get(PASSKEY).status_code == 401
        assert client.get(SECOND).headers["Location"] == DOOR
        assert say(client, code_of(secret)).headers["Location"] == DOOR
    assert logged(practice, "practice.signed_in") == []


def test_the_session_gets_a_new_key_with_the_second_factor(secret):
    client = halfway()
    before = client.cookies["willowbark_session"].value
    say(client, code_of(secret))

    assert client.cookies["willowbark_session"].value != before
    stolen = Client()
    stolen.cookies["willowbark_session"] = before
    assert stolen.get(SECOND).headers["Location"] == DOOR


def test_a_secret_cannot_be_read_in_the_database(practice, secret):
    with acting_as(practice.owner):
        rows = list(Authenticator.objects.filter(user_id=practice.owner.user_id))
        codes = recovery_codes_once(practice.owner)

    kept = json.dumps([row.data for row in rows])
    assert secret not in kept
    assert not [code for code in codes if code in kept]


def test_the_database_shows_nobody_anothers_factors_and_lets_nobody_change_them(practice, secret):
    with acting_as(practice.practitioner):
        assert not Authenticator.objects.exists()
        assert Authenticator.objects.update(data={}) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Authenticator.objects.create(user_id=practice.owner.user_id, type="webauthn", data={})
    assert not Authenticator.objects.exists()
    assert say(halfway(), code_of(secret)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_the_same_code_said_ten_times_at_once_one_is_accepted(fresh_database):
    practice = make_practice()
    secret = add_app_for(practice.owner)
    code, clients = code_of(secret), [halfway() for _ in range(10)]

    answers = at_once(10, lambda number: say(clients[number], code).status_code)

    assert sorted(answers) == [302] + [401] * 9


def handle(user: User) -> str:
    """A user as a passkey names its owner."""
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(user.pk.hex.encode()).decode().rstrip("=")


def unproven(user_handle: str) -> dict[str, object]:
    """What a browser could answer that has no key."""
    return {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "response": {
            "clientDataJSON": "e30",
            "authenticatorData": "AAAA",
            "signature": "AAAA",
            "userHandle": user_handle,
        },
    }


@pytest.mark.parametrize("asked", [True, False])
def test_a_passkey_that_proves_nothing_gets_one_answer_whoever_it_names(practice, asked):
    pages = set()
    for named in (handle(User.objects.get(pk=practice.owner.user_id)), handle(User()), "", "!!", "AAAA"):
        client = Client()
        if asked:
            assert "challenge" in client.get(PASSKEY).json()["publicKey"]
        answer = client.post(PASSKEY, {"passkey": json.dumps(unproven(named))})
        assert client.get(HOME).status_code == 302
        text = answer.content.decode()
        pages.add((answer.status_code, "That passkey was not accepted." in text))

    assert pages == {(401, True)}
    assert {entry.outcome for entry in logged(practice, guessing.SECOND_FACTOR)} == {"refused"}


@pytest.mark.parametrize(
    "answered",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '"x"',
        "[" * 5000,
        '{"response": 5}',
        '{"response": {"userHandle": 5}}',
        "9" * 30_000,
    ],
    ids=range(10),
)
def test_nothing_that_is_answered_for_a_passkey_breaks_the_door(practice, answered):
    client = Client()
    client.get(PASSKEY)

    assert client.post(PASSKEY, {"passkey": answered}).status_code == 401


def test_guesses_at_passkeys_lock_out_who_makes_them_and_nobody_else(practice, secret):
    named = json.dumps(unproven(handle(User.objects.get(pk=practice.owner.user_id))))
    for _ in range(FAILURES_ALLOWED):
        assert Client().post(PASSKEY, {"passkey": named}).status_code == 401

    assert Client().post(PASSKEY, {"passkey": named}).status_code == 429
    assert Client().post(PASSKEY, {"passkey": named}, REMOTE_ADDR="203.0.113.9").status_code == 401
    assert say(halfway(), code_of(secret)).status_code == 302


def test_one_app_at_a_time(practice, secret):
    from willowbark.kernel.errors import Conflict

    with acting_as(practice.owner), pytest.raises(Conflict):
        add_app(actor=practice.owner, secret=secret, code=code_of(secret), name="Another")


def test_who_checks_the_keys_sees_the_secrets_of_factors(
    fresh_database, owner_connection, monkeypatch, tmp_path
):
    add_app_for(make_practice().owner)
    ring = keeping.keyring()
    app_and_recovery_codes = 2

    assert columns.is_anything_sealed(owner_connection)
    assert columns.keys_in_use(owner_connection) == {ring.current.id: app_and_recovery_codes}
    columns.open_one_of_each_key(owner_connection, ring)
    with pytest.raises(UnknownKey):
        columns.open_one_of_each_key(owner_connection, Keyring.made(ring.current.made_at))
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.setenv(keeping.FILE, str(tmp_path / "lost"))
    found = look_at_field_keys(owner_connection)
    assert "Nothing is sealed yet" not in found.message
    assert found.mend is None


def test_a_new_key_seals_the_secrets_of_factors_anew_and_goes_on_where_it_was_killed(
    fresh_database, owner_connection, monkeypatch
):
    practice = make_practice()
    secret = add_app_for(practice.owner)
    ring = keeping.keyring()
    later = ring.with_new_key(ring.current.made_at)
    monkeypatch.setattr(rotating, "BATCH_ROWS", 1)
    assert rotating.waiting(owner_connection, later) == 2

    def killed(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(owner_connection, later, done=killed)
    monkeypatch.setenv(keeping.TEXT, later.to_text())
    assert rotating.waiting(owner_connection, later) == 1

    assert rotating.rotate(owner_connection, later).values == 1
    assert columns.keys_in_use(owner_connection) == {later.current.id: 2}
    monkeypatch.setenv(keeping.TEXT, replace(later, keys=later.keys[1:]).to_text())
    with acting_as(practice.owner) as actor:
        assert code_was_right(actor.user_id, code_of(secret)) == "authenticator app"
        recovery = recovery_codes_once(actor)[0]
        assert code_was_right(actor.user_id, recovery) == "recovery code"


def test_codes_that_cannot_be_checked_are_said_to_be_so(practice, secret, monkeypatch, tmp_path):
    client = halfway()
    monkeypatch.delenv(keeping.TEXT, raising=False)
    monkeypatch.setenv(keeping.FILE, str(tmp_path / "lost"))

    answer = say(client, code_of(secret))

    assert answer.status_code == 503
    assert "Codes cannot be checked now; use a passkey or ask the owner." in answer.content.decode()
    assert str(tmp_path) not in answer.content.decode()
