"""Visits by the day, for everybody who sees patients, and around the present, for one patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from django.db.models import Count, Q

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor
from willowbark.patients.selectors import Person, open_record, persons_of, reachable, reaches
from willowbark.record.models import Encounter
from willowbark.record.selectors.shown import Shown, common, names_for

MOST_A_DAY = 100
PAST_READ = 50

# FHIR R4 EncounterStatus. What was cancelled or entered in error takes place on no day.
TO_COME = ("planned", "arrived", "triaged", "in-progress", "onleave")
TOOK_PLACE = ("finished", "unknown", "")


@dataclass(frozen=True, slots=True)
class DayVisit:
    """
    One visit of a day. `patient_id` and `name` are the person's, whichever row of theirs holds the visit.

    `at` has a time only when `precision` is 'instant'; `is_mine` says that the actor is the practitioner
    it names.
    """

    id: UUID
    patient_id: UUID
    name: str
    birth_date: date | None
    birth_date_precision: str
    at: datetime
    precision: str
    ends_at: datetime | None
    status: str
    text: str
    reason: str
    practitioner_name: str
    place_name: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class DayVisits:
    """The visits of one day in the order of their times; `more` when there are others after these."""

    rows: tuple[DayVisit, ...]
    more: bool


def visits_on(actor: Actor, day: date, zone: tzinfo) -> DayVisits:
    """
    The visits of the actor's patients on a day of the calendar of `zone`, at most a hundred.

    Three statements; whose visits were listed is logged.

    Raises:
        Forbidden: the actor may read no records.
    """
    begins = datetime.combine(day, time(0), zone)
    ends = datetime.combine(day + timedelta(days=1), time(0), zone)
    # What has no time of day is a calendar date, kept at midnight in UTC.
    undated = datetime.combine(day, time(0), UTC)
    of_day = Q(effective_precision="instant", effective_at__gte=begins, effective_at__lt=ends) | Q(
        effective_precision="day", effective_at=undated
    )
    found = list(
        Encounter.objects.filter(
            of_day,
            # The same again without a case, so that the index is read for this day alone.
            effective_at__gte=min(begins, undated),
            effective_at__lt=ends,
            voided_at__isnull=True,
            status__in=TO_COME + TOOK_PLACE,
            patient__in=reachable(actor, "record.read"),
        ).order_by("effective_at", "id")[: MOST_A_DAY + 1]
    )
    shown = found[:MOST_A_DAY]
    persons = persons_of(actor, {row.patient_id for row in shown})
    access.record_list(
        actor, "record.visits_listed", patient_ids=sorted({row.patient_id for row in shown}, key=str)
    )
    rows = [_of_day(row, persons[row.patient_id], actor) for row in shown if row.patient_id in persons]
    return DayVisits(tuple(rows), len(found) > MOST_A_DAY)


def next_visits_on(actor: Actor, after: date, zone: tzinfo) -> date | None:
    """
    The first day after this one, of the calendar of `zone`, on which one of the actor's patients has a visit.

    None where none is known. One statement, which says whose it is of nobody.

    Raises:
        Forbidden: the actor may read no records.
    """
    begins = datetime.combine(after + timedelta(days=1), time(0), zone)
    undated = datetime.combine(after + timedelta(days=1), time(0), UTC)
    row = (
        Encounter.objects.filter(
            Q(effective_precision="instant", effective_at__gte=begins)
            | Q(effective_precision="day", effective_at__gte=undated),
            effective_at__gte=min(begins, undated),
            voided_at__isnull=True,
            status__in=TO_COME,
            patient__in=reachable(actor, "record.read"),
        )
        .order_by("effective_at", "id")
        .values_list("effective_at", "effective_precision")
        .first()
    )
    at, precision = row or (None, "")
    if at is None:
        return None
    return at.date() if precision == "day" else at.astimezone(zone).date()


def _of_day(row: Encounter, person: Person, actor: Actor) -> DayVisit:
    if row.effective_at is None:
        raise ValueError("a visit without a date is on no day")
    return DayVisit(
        id=row.pk,
        patient_id=person.patient_id,
        name=person.name,
        birth_date=person.birth_date,
        birth_date_precision=person.birth_date_precision,
        at=row.effective_at,
        precision=row.effective_precision,
        ends_at=row.ends_at,
        status=row.status,
        text=row.text,
        reason=row.reason_text,
        practitioner_name=row.practitioner_name,
        place_name=row.place_name,
        is_mine=bool(row.practitioner_name) and row.practitioner_name == actor.name,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow(Shown):
    """One visit of a chart. `recorded_by_id` is whose entry it is: a user."""

    status: str
    class_code: str
    ends_at: datetime | None
    reason: str
    practitioner_name: str
    place_name: str
    recorded_by_id: UUID


@dataclass(frozen=True, slots=True)
class VisitsAround:
    """What took place before now, newest first, and the visit that is on or comes next (None: none known)."""

    past: Sequence[VisitRow]
    coming: VisitRow | None


def visits_around(patient_ids: tuple[UUID, ...], *, now: datetime, today: datetime) -> VisitsAround:
    """
    The last fifty visits of an open chart that began before `now`, and the first to come from `today` on.

    `today` is the instant at which the practice's day began. Three statements.
    """
    theirs = Encounter.objects.filter(patient__in=patient_ids, voided_at__isnull=True)
    past = list(
        theirs.filter(status__in=TOOK_PLACE, effective_at__lt=now).order_by("-effective_at", "-id")[
            :PAST_READ
        ]
    )
    coming = list(
        theirs.filter(status__in=TO_COME, effective_at__gte=today).order_by("effective_at", "id")[:1]
    )
    names = names_for([*past, *coming])
    return VisitsAround(
        [_visit(row, names) for row in past], next((_visit(row, names) for row in coming), None)
    )


@dataclass(frozen=True, slots=True)
class VisitsCounted:
    """How often somebody came: in the last twelve months, at all, and when last (None: never)."""

    lately: int
    in_all: int
    last_at: datetime | None
    last_precision: str


def visits_counted(actor: Actor, patient_id: UUID, *, now: datetime) -> VisitsCounted | None:
    """
    How often a person came until now, under any of their rows; None where the record is not the actor's to
    read. The reading is logged.
    """
    if not reaches(actor, patient_id, "record.read"):
        return None
    record = open_record(actor, patient_id, "record.read", action="record.visits_counted")
    took_place = Encounter.objects.filter(
        patient__in=record.patient_ids,
        voided_at__isnull=True,
        status__in=TOOK_PLACE,
        effective_at__lt=now,
    )
    counted = took_place.aggregate(
        in_all=Count("pk"), lately=Count("pk", filter=Q(effective_at__gte=now - timedelta(days=365)))
    )
    dates = took_place.order_by("-effective_at", "-id").values_list("effective_at", "effective_precision")
    last_at, precision = dates.first() or (None, "")
    return VisitsCounted(counted["lately"], counted["in_all"], last_at, precision)


def _visit(row: Encounter, names: dict[UUID, str]) -> VisitRow:
    return VisitRow(
        **common(row, "encounter", names),  # type: ignore[arg-type]
        status=row.status,
        class_code=row.class_code,
        ends_at=row.ends_at,
        reason=row.reason_text,
        practitioner_name=row.practitioner_name,
        place_name=row.place_name,
        recorded_by_id=row.recorded_by_id,
    )
