"""
Read the access log: who read, changed or was refused what, newest first.

Entries are in the order of their ids, which the database makes from its clock: so a place in the log is one
id, and a day is a span of ids.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q

from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.foundation.ids import from_parts
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Forbidden

READ = "audit.read"
OUTCOMES = ("read", "written", "refused")
# An entry's id and its time are made one after the other.
_BETWEEN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Which entries: of any of these patient rows, by this user, from `since` until before `until`, of this
    outcome, without these actions. What is None, '' or empty asks for no less.
    """

    patient_ids: Sequence[UUID] | None = None
    user_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    without: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log."""

    id: UUID
    at: datetime
    transaction: int
    request_id: UUID | None
    actor_id: UUID | None
    channel: str
    action: str
    subject: str
    patient_id: UUID | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Acts:
    """How often somebody read, changed or was refused something of a patient, and when last."""

    user_id: UUID | None
    read: int
    written: int
    refused: int
    last_at: datetime


def require_audit(actor: Actor) -> None:
    """
    Let the actor pass who may read the log: it names everybody, so only who may do so everywhere.

    Raises:
        Forbidden: the actor may not.
    """
    require(actor, READ)
    if not any(grant.reach is Reach.ORGANISATION for grant in actor.grants_of(READ)):
        raise Forbidden("the access log is read by who may do so everywhere")


def entries(actor: Actor, wanted: Wanted, *, before: UUID | None = None, limit: int) -> list[Entry]:
    """
    At most `limit` entries, newest first, older than the one with the id `before`. One statement.

    Who shows them to somebody logs that.

    Raises:
        Forbidden: the actor may not read the log.
    """
    require_audit(actor)
    rows = AccessEntry.objects.all()
    if wanted.patient_ids is not None:
        rows = rows.filter(patient_id__in=wanted.patient_ids)
    if wanted.user_id is not None:
        rows = rows.filter(actor_id=wanted.user_id)
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    if wanted.without:
        rows = rows.exclude(action__in=wanted.without)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since, id__gte=_id_at(wanted.since - _BETWEEN))
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until, id__lt=_id_at(wanted.until + _BETWEEN))
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = rows.order_by("-id").values_list(
        "id",
        "at",
        "transaction",
        "request_id",
        "actor_id",
        "channel",
        "action",
        "subject",
        "patient_id",
        "outcome",
    )
    return [Entry(*row) for row in found[:limit]]


def acts_on(actor: Actor, patient_ids: Sequence[UUID], *, since: datetime) -> list[Acts]:
    """
    Who did what with these patient rows since then, whoever did so last first. One statement.

    Raises:
        Forbidden: the actor may not read the log.
    """
    require_audit(actor)
    rows = (
        AccessEntry.objects.filter(patient_id__in=patient_ids, at__gte=since)
        .values_list("actor_id")
        .annotate(
            **{outcome: Count("id", filter=Q(outcome=outcome)) for outcome in OUTCOMES},
            last_at=Max("at"),
        )
        .order_by("-last_at")
    )
    return [Acts(*row) for row in rows]


def _id_at(at: datetime) -> UUID:
    """The smallest id of this instant."""
    return from_parts(milliseconds=int(at.timestamp() * 1000), fraction=0, tail=0)
