"""The access log: every reading, writing and refusal of a record, written in the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor

_LOG = "SELECT willow_log_access(%s, %s, %s, %s, %s)"
_LOG_MANY = "willow_log_access_of_many(%s, %s, %s, 'read')"
_WRITE_MANY = "SELECT willow_log_access_of_many(%s, '', %s, 'written')"


def record_read(
    actor: Actor, action: str, *, patient_id: UUID, linked_ids: Sequence[UUID] = (), subject: str = ""
) -> None:
    """
    Log that the actor reads a patient's record, and take that patient in hand.

    `linked_ids` are the patient rows merged into this one, which are read with it: each has an entry, all
    in one statement. The patient in hand is what row-level security tests first, and it verifies it;
    taking one in hand opens nothing that the actor's roles do not.
    """
    if not linked_ids:
        _log(action, subject, patient_id, "read", True)
        return
    with connection.cursor() as cursor:
        said = [action[:60], subject[:200]]
        cursor.execute(f"{_LOG}, {_LOG_MANY}", [*said, patient_id, "read", True, *said, list(linked_ids)])


def record_write(actor: Actor, action: str, *, patient_id: UUID, subject: str = "") -> None:
    """Log that the actor writes to a patient's record, and take that patient in hand."""
    _log(action, subject, patient_id, "written", True)


def record_writes(actor: Actor, action: str, *, patient_ids: Sequence[UUID]) -> None:
    """Log that the actor writes to many patients' records: one entry for each; nobody is taken in hand."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_MANY, [action[:60], list(patient_ids)])


def record_list(actor: Actor, action: str, *, patient_ids: Sequence[UUID] = (), subject: str = "") -> None:
    """Log that the actor read a list: one entry for each patient on it, or one when it names nobody."""
    if not patient_ids:
        _log(action, subject, None, "read", False)
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_LOG_MANY}", [action[:60], subject[:200], list(patient_ids)])


def record_change(actor: Actor, action: str, *, subject: str = "") -> None:
    """Log a change that belongs to no single patient: staff, roles, sites, imports."""
    _log(action, subject, None, "written", False)


def record_refusal(actor: Actor, action: str, *, patient_id: UUID | None = None, reason: str = "") -> None:
    """Log a refusal, in a transaction of its own: the refused one is rolled back."""
    with acting_as(actor):
        _log(action, reason, patient_id, "refused", False)


def _log(action: str, subject: str, patient_id: UUID | None, outcome: str, take_in_hand: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOG, [action[:60], subject[:200], patient_id, outcome, take_in_hand])
