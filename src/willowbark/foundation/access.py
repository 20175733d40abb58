"""The access log: every reading, writing and refusal of a record, written in the database itself."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor

_LOG = "SELECT willow_log_access(%s, %s, %s, %s, %s)"


def record_read(actor: Actor, action: str, *, patient_id: UUID, subject: str = "") -> None:
    """
    Log that the actor reads a patient's record, and take that patient in hand.

    The patient in hand is what row-level security tests first, and it verifies it; taking one in
    hand opens nothing that the actor's roles do not.
    """
    _log(action, subject, patient_id, "read", True)


def record_write(actor: Actor, action: str, *, patient_id: UUID, subject: str = "") -> None:
    """Log that the actor writes to a patient's record, and take that patient in hand."""
    _log(action, subject, patient_id, "written", True)


def record_list(actor: Actor, action: str, *, subject: str = "") -> None:
    """Log that the actor read a list that names patients (a search and its words' length, a queue)."""
    _log(action, subject, None, "read", False)


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
