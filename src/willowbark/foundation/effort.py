"""
How much active time people spend, by kind of task and by patient.

Administrative time is the mission's central number, so it is measured from the first page. A page
reports the running total of seconds in which its person was active (pauses of more than 60 seconds
do not count); the report carries the page visit's own id, so repeating it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Forbidden, Invalid

IDLE_CUT_OFF_SECONDS = 60
LONGEST_VISIT = timedelta(hours=24)

_REPORT = """
INSERT INTO foundation_effort (id, user_id, patient_id, task_kind, started_at, last_at, active_seconds)
VALUES (%(visit)s, %(user)s, %(patient)s, %(kind)s, %(start)s, %(now)s, %(first)s)
ON CONFLICT (id) DO UPDATE
SET last_at = greatest(foundation_effort.last_at, excluded.last_at),
    active_seconds = greatest(foundation_effort.active_seconds, least(%(seconds)s,
      ceil(extract(epoch FROM excluded.last_at - foundation_effort.started_at))::int + 1))
"""


def report(
    *, actor: Actor, visit_id: UUID, task_kind: str, active_seconds: int, patient_id: UUID | None = None
) -> None:
    """
    Keep the running total of active seconds of one page visit.

    A total can only grow, and never beyond the time that has passed since the visit's first report,
    which itself counts for a minute at most.

    Raises:
        Forbidden: the actor's time is not measured, the visit is somebody else's, or the patient is not
            within reach.
        Invalid: no kind, or a negative or absurd total.
    """
    require(actor, "effort.write")
    if not task_kind or len(task_kind) > 40 or not task_kind.replace("_", "").replace(".", "").isalnum():
        raise Invalid("a task kind is a short code", field="task_kind")
    if not 0 <= active_seconds <= LONGEST_VISIT.total_seconds():
        raise Invalid("active seconds lie between 0 and a day's", field="active_seconds")
    if patient_id is not None and not _reaches(patient_id):
        raise Forbidden("no such patient")
    now = clock.now()
    first = min(active_seconds, IDLE_CUT_OFF_SECONDS)
    values = {
        "visit": visit_id,
        "user": actor.user_id,
        "patient": patient_id,
        "kind": task_kind,
        "start": now - timedelta(seconds=first),
        "now": now,
        "first": first,
        "seconds": active_seconds,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_REPORT, values)
    except ProgrammingError as error:
        # Row-level security shows nobody another's row, and so refuses to update it.
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise Forbidden("another's visit") from error


def _reaches(patient_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_reaches(%s, %s)", [patient_id, ["patients.read"]])
        row = cursor.fetchone()
    return bool(row and row[0])
