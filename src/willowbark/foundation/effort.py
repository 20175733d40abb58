"""
How much active time people spend, by kind of task and by patient.

Administrative time is the mission's central number, so it is measured from the first page. A page
reports the running total of seconds in which its person was active (pauses of more than 60 seconds
do not count); the report carries the page visit's own id, so repeating it changes nothing.

Whoever makes a figure of such time follows its kind of task: each report of that kind is then a fact, for
the last one often arrives after the work has ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import ProgrammingError, connection, transaction
from django.db.models import Min, Sum
from psycopg.errors import InsufficientPrivilege

from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.models import Effort
from willowbark.kernel.errors import Forbidden, Invalid

IDLE_CUT_OFF_SECONDS = 60
LONGEST_VISIT = timedelta(hours=24)

_followed: set[str] = set()


@dataclass(frozen=True, slots=True)
class EffortReported:
    """Somebody's active time on a patient's page of a followed kind of task has grown, or was said again."""

    visit_id: UUID
    user_id: UUID
    patient_id: UUID
    task_kind: str


@dataclass(frozen=True, slots=True)
class PageVisit:
    """One visit to one page, and the seconds in which its person was active."""

    id: UUID
    task_kind: str
    started_at: datetime
    last_at: datetime
    active_seconds: int

    def seconds_within(self, since: datetime, until: datetime) -> int:
        """
        How many of the active seconds can lie between two moments.

        When within a visit somebody was active is not kept: it is as much as was active in all, but never
        more than the visit shares with the span, begun seconds included.
        """
        shared = min(self.last_at, until) - max(self.started_at, since)
        if shared < timedelta(0):
            return 0
        return min(self.active_seconds, math.ceil(shared.total_seconds()))


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
    if patient_id is not None and task_kind in _followed:
        outbox.publish(actor, EffortReported(visit_id, actor.user_id, patient_id, task_kind))


def store_visits(*, actor: Actor, patient_visits: Iterable[tuple[UUID, PageVisit]]) -> None:
    """
    Keep whole page visits of the actor's, (patient, visit), that ended before; nobody is told.

    Raises:
        Forbidden: the actor's time is not measured.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, "effort.write")
    Effort.objects.bulk_create(
        [
            Effort(
                id=visit.id,
                user_id=actor.user_id,
                patient_id=patient_id,
                task_kind=visit.task_kind,
                started_at=visit.started_at,
                last_at=visit.last_at,
                active_seconds=visit.active_seconds,
            )
            for patient_id, visit in patient_visits
        ],
        batch_size=500,
    )


def follow(task_kind: str) -> None:
    """Have every report about a patient of this kind of task published. Called from an `apps.py`."""
    _followed.add(task_kind)


def visits(
    actor: Actor, *, user_id: UUID, patient_id: UUID, task_kind: str, since: datetime, until: datetime
) -> tuple[PageVisit, ...]:
    """
    Somebody's visits to pages of one kind about one patient that touch a span, in the order of starting.

    Raises:
        Forbidden: it is not the actor's own time, and they may not read that of others.
    """
    if user_id != actor.user_id:
        require(actor, "effort.read")
    rows = Effort.objects.filter(
        user_id=user_id,
        # A visit lasts a day at most; so bounded, the index by person and time finds it.
        started_at__range=(since - LONGEST_VISIT, until),
        last_at__gte=since,
        patient_id=patient_id,
        task_kind=task_kind,
    ).order_by("started_at", "id")
    columns = ("id", "task_kind", "started_at", "last_at", "active_seconds")
    return tuple(PageVisit(*row) for row in rows.values_list(*columns))


def active_seconds(
    actor: Actor, *, user_id: UUID, patient_id: UUID, task_kind: str, since: datetime, until: datetime
) -> int:
    """
    Somebody's active seconds on one kind of task about one patient between two moments; 0 when none were.

    Raises:
        Forbidden: it is not the actor's own time, and they may not read that of others.
    """
    found = visits(
        actor, user_id=user_id, patient_id=patient_id, task_kind=task_kind, since=since, until=until
    )
    return sum(visit.seconds_within(since, until) for visit in found)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everybody's active seconds in a span, and for how many of its days there has been any measuring."""

    active_seconds: int
    days: float


def measured(actor: Actor, *, since: datetime, until: datetime) -> Measured:
    """
    Everybody's active time on pages of every kind between two moments, of visits that began there.

    The days are those from the first such visit to `until`.

    Raises:
        Forbidden: the actor may not read the time of others.
    """
    require(actor, "effort.read")
    found = Effort.objects.filter(started_at__range=(since, until)).aggregate(
        seconds=Sum("active_seconds", default=0), first=Min("started_at")
    )
    days = (until - found["first"]) / timedelta(days=1) if found["first"] else 0.0
    return Measured(found["seconds"], days)


def _reaches(patient_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_reaches(%s, %s)", [patient_id, ["patients.read"]])
        row = cursor.fetchone()
    return bool(row and row[0])
