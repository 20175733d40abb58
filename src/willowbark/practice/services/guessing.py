"""
How often somebody may guess a password or a code: counted by whose it is and by where from.

A guess is counted before it is checked and taken back when it was right, so that guesses made at the same
moment count each other. Addresses and clients are kept as digests: they need not be anyone's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from willowbark.foundation import clock
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import DomainError
from willowbark.practice.models import Device, SignInFailure

FAILURES_ALLOWED = 10
FAILURES_ALLOWED_TO_A_CLIENT = 50
FAILURE_WINDOW = timedelta(minutes=15)

DOOR = "practice.sign_in"
OWN_PASSWORD = "practice.password_check"  # noqa: S105 - the name of an action, no password
SECOND_FACTOR = "practice.second_factor"

_OF_ADDRESS = {
    DOOR: "Too many wrong passwords for this address.",
    OWN_PASSWORD: "Too many wrong passwords.",
    SECOND_FACTOR: "Too many wrong codes.",
}

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 4210))"


class SignInLocked(DomainError):
    """Too many wrong guesses lately, for this address or from this client; even the right one waits."""

    code = "sign_in_locked"


@dataclass(frozen=True, slots=True)
class Guess:
    """One guess that is counted. `action` is where it was made: `DOOR`, `OWN_PASSWORD` or `SECOND_FACTOR`."""

    id: UUID
    address_key: str
    action: str
    request_id: UUID | None


def begin(*, action: str, address: str, client: str, request_id: UUID | None) -> Guess:
    """
    Count a guess that is about to be checked; `client` is the network address it came from.

    Raises:
        SignInLocked: ten wrong guesses for this address within a quarter of an hour, or fifty from this
            client. The first time it happens within that time is logged.
    """
    guess = Guess(uuid7(), _digest(address), action, request_id)
    client_key = salted_hmac("willowbark.client", client, algorithm="sha256").hexdigest()
    with transaction.atomic():
        locked = _count(guess, client_key)
    if locked:
        raise SignInLocked(locked)
    return guess


def was_right(guess: Guess) -> None:
    """Take a guess back."""
    SignInFailure.objects.filter(pk=guess.id).delete()


def was_wrong(guess: Guess) -> None:
    """Leave a guess counted, and log it."""
    _log(guess, "refused")


def sweep() -> int:
    """Delete failures that no longer count, and sessions that have ended; how many rows that was."""
    failures, _ = SignInFailure.objects.filter(at__lt=clock.now() - FAILURE_WINDOW).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    devices, _ = Device.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return failures + sessions + devices


def _count(guess: Guess, client_key: str) -> str:
    """Why a guess is not allowed; '' when it is, and counted. Holds both keys until the transaction ends."""
    with connection.cursor() as cursor:
        # Always in this order, so that two never wait for each other.
        cursor.execute(_LOCK, [f"address {guess.address_key}"])
        cursor.execute(_LOCK, [f"client {client_key}"])
    now = clock.now()
    lately = SignInFailure.objects.filter(at__gt=now - FAILURE_WINDOW)
    of_address = lately.filter(address_key=guess.address_key)
    of_client = lately.filter(client_key=client_key)
    row = SignInFailure(
        id=guess.id, address_key=guess.address_key, client_key=client_key, at=now, kind="guess"
    )
    if of_address.filter(kind="guess").count() >= FAILURES_ALLOWED:
        reason, known = _OF_ADDRESS[guess.action], of_address
        row.client_key = ""
    elif of_client.filter(kind="guess").count() >= FAILURES_ALLOWED_TO_A_CLIENT:
        reason, known = "Too many wrong guesses from where you are.", of_client
        row.address_key = ""
    else:
        row.save(force_insert=True)
        return ""
    # Said once in its time: who is outside cannot fill the log.
    if not known.filter(kind="locked").exists():
        row.kind = "locked"
        row.save(force_insert=True)
        _log(guess, "locked")
    return f"{reason} Wait a quarter of an hour."


def _log(guess: Guess, outcome: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT willow_log_door(%s, %s, %s, %s)",
            [guess.action, guess.address_key, outcome, guess.request_id],
        )


def _digest(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
