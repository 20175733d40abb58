"""The only way into the database for a request, a job or a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from willowbark.foundation.authorisation import Actor

_SETTINGS = ("willow.user_id", "willow.request_id", "willow.channel", "willow.patient_id")
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """
    Open the one durable transaction in which `actor` reads and writes.

    The actor's identity is set for this transaction alone: row-level security decides by it, and
    row history and the access log write it down. Services are plain `atomic` inside.

    Raises:
        RuntimeError: a transaction is open already; what needs several is a job of steps.
    """
    with transaction.atomic(durable=True):
        _announce(str(actor.user_id), str(actor.request_id), actor.channel)
        yield actor
        # Only a test's wrapper keeps the transaction open beyond this block; never leave it acting.
        # After an error, rolling back takes the settings back by itself.
        if connection.savepoint_ids:
            _announce("", "", "")


def _announce(user_id: str, request_id: str, channel: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET, [user_id, request_id, channel, ""])
