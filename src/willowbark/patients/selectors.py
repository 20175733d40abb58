"""Read patients as an actor. Absent and out of reach look the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, Reach, allows, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.core.identifiers import for_lists
from willowbark.patients.core.query import parse_query
from willowbark.patients.models import (
    CareRelationship,
    Consent,
    ContactPoint,
    MatchCandidate,
    Patient,
    PatientIdentifier,
)
from willowbark.practice.selectors import names_of_users


def reachable(actor: Actor, *permissions: str) -> QuerySet[Patient]:
    """
    The patients over whom the actor holds any of the permissions.

    A row that was merged into another is reached through that one too. Who registered a patient
    reaches them until somebody cares for them.

    Raises:
        Forbidden: the actor holds none of them, over anyone.
    """
    require(actor, *permissions)
    grants = [grant for permission in permissions for grant in actor.grants_of(permission)]
    if any(grant.reach is Reach.ORGANISATION for grant in grants):
        return Patient.objects.all()
    sites = {grant.site_id for grant in grants if grant.reach is Reach.SITE}
    within: Any = Q(home_site__in=sites)
    if sites:
        primaries = Patient.objects.filter(id=OuterRef("linked_to"), home_site__in=sites)
        within |= Exists(primaries)
    if any(grant.reach is Reach.CARE for grant in grants):
        in_care = CareRelationship.objects.filter(staff=actor.staff_id, ended_at__isnull=True)
        within |= Exists(in_care.filter(patient=OuterRef("pk")))
        within |= Exists(in_care.filter(patient=OuterRef("linked_to")))
        nobody_cares = ~Exists(CareRelationship.objects.filter(patient=OuterRef("pk")))
        within |= Q(nobody_cares, recorded_by=actor.user_id, source_kind="staff")
    return Patient.objects.filter(within)


def require_reach(actor: Actor, patient_id: UUID, *permissions: str) -> None:
    """
    Let the actor pass who holds any of the permissions over this patient.

    Raises:
        Forbidden: the actor holds none of them over anyone.
        NotFound: no such patient, or none within reach.
    """
    if not reachable(actor, *permissions).filter(pk=patient_id).exists():
        raise NotFound("patient")


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A patient whose record is open, and the rows linked to them: together they are one person."""

    patient: Patient
    patient_ids: tuple[UUID, ...]


def open_record(actor: Actor, patient_id: UUID, *permissions: str, action: str) -> OpenRecord:
    """
    Open one patient's record for reading: permission, reach, access log, patient in hand.

    The log has an entry for the patient and one for each row that was merged into theirs.

    Raises:
        Forbidden: the actor holds none of the permissions over anyone.
        NotFound: no such patient, or none within reach.
    """
    patient = _with_linked(reachable(actor, *permissions), patient_id)
    access.record_read(actor, action, patient_id=patient_id, linked_ids=patient.linked_ids)
    return OpenRecord(patient, (patient.pk, *patient.linked_ids))


def opened_record(actor: Actor, patient_id: UUID, *permissions: str, action: str) -> OpenRecord:
    """
    The record of a patient that this request has open already, for a part of the same page.

    Permission and reach are those of the part. The reading was logged when the record was opened, and is
    not logged again; where the patient is not in hand, this opens the record as `open_record` does.

    Raises:
        Forbidden: the actor holds none of the permissions over anyone.
        NotFound: no such patient, or none within reach.
    """
    in_hand = Func(Value("willow.patient_id"), Value(True), function="current_setting")
    rows = reachable(actor, *permissions).annotate(in_hand=Cast(in_hand, TextField()))
    patient = _with_linked(rows, patient_id)
    if patient.in_hand != str(patient_id):
        access.record_read(actor, action, patient_id=patient_id, linked_ids=patient.linked_ids)
    return OpenRecord(patient, (patient.pk, *patient.linked_ids))


def _with_linked(rows: QuerySet[Patient], patient_id: UUID) -> Any:
    linked = Patient.objects.filter(linked_to=OuterRef("pk")).order_by("id").values("pk")
    found = rows.filter(pk=patient_id).select_related("home_site")
    patient = found.annotate(linked_ids=ArraySubquery(linked)).first()
    if patient is None:
        raise NotFound("patient")
    return patient


def get_patient(actor: Actor, patient_id: UUID) -> Patient:
    """
    One patient's identity; the reading is logged.

    Raises:
        Forbidden: the actor may read no patients.
        NotFound: no such patient, or none within reach.
    """
    return open_record(actor, patient_id, "patients.read", action="patients.read").patient


@dataclass(frozen=True, slots=True)
class Identity:
    """How a patient is known and reached."""

    identifiers: Sequence[PatientIdentifier]
    phone: str
    email: str
    linked_to: Patient | None
    linked_from: Sequence[Patient]
    open_matches: int


def identity_of(actor: Actor, record: OpenRecord) -> Identity:
    """Identifiers, contact points and links of an open record; four statements, whatever there is."""
    require(actor, "patients.read")
    contacts = list(
        ContactPoint.objects.filter(patient__in=record.patient_ids)
        .order_by("rank", "id")
        .values_list("system", "value")
    )
    others = set(record.patient_ids[1:])
    if record.patient.linked_to:
        others.add(record.patient.linked_to)
    people = {person.pk: person for person in Patient.objects.filter(pk__in=others)} if others else {}
    return Identity(
        identifiers=list(
            PatientIdentifier.objects.filter(patient__in=record.patient_ids).order_by("system", "value", "id")
        ),
        phone=next((value for system, value in contacts if system == "phone"), ""),
        email=next((value for system, value in contacts if system == "email"), ""),
        linked_to=people.get(record.patient.linked_to) if record.patient.linked_to else None,
        linked_from=[people[other] for other in record.patient_ids[1:] if other in people],
        open_matches=MatchCandidate.objects.filter(patient__in=record.patient_ids, decision="").count(),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One patient in a list."""

    patient_id: UUID
    family: str
    given: str
    birth_date: date | None
    birth_date_precision: str
    is_deceased: bool
    deceased_at: datetime | None
    sex: str
    site_name: str
    identifiers: tuple[tuple[str, str, str], ...]
    name_key: str


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Patients in the order of their names; `more` when others follow."""

    rows: tuple[Found, ...]
    more: bool


def search(
    actor: Actor,
    text: str,
    *,
    site_id: UUID | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> FoundPage:
    """
    Patients within reach whose name, birth date or number begins as typed; all of them for ''.

    `after` is the (name_key, id) of the last row of the page before. Three statements, whatever the
    number found; who was found is logged, what was typed is not. Of each patient's numbers at most two
    are given, none of them sensitive.

    Raises:
        Forbidden: the actor may read no patients.
    """
    require(actor, "patients.read")
    query = parse_query(text)
    if query.is_empty and text.strip():
        access.record_list(actor, "patients.search")
        return FoundPage((), False)
    after_key, after_id = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.family, p.given, p.birth_date, p.birth_date_precision, p.is_deceased,"
            " p.deceased_at, p.sex, s.name, p.name_key"
            " FROM willow_search_patients(%s, %s::date[], %s, %s, %s, %s, %s) f"
            " JOIN patients_patient p ON p.id = f.found JOIN practice_site s ON s.id = p.home_site_id"
            " ORDER BY p.name_key, p.id",
            [
                list(query.words),
                list(query.birth_dates),
                list(query.numbers),
                site_id,
                after_key,
                after_id,
                limit + 1,
            ],
        )
        rows = cursor.fetchall()
    page = rows[:limit]
    access.record_list(actor, "patients.search", patient_ids=[row[0] for row in page])
    numbers: dict[UUID, list[tuple[str, str, str]]] = {row[0]: [] for row in page}
    for patient_id, *number in (
        PatientIdentifier.objects.filter(patient__in=numbers)
        .order_by("type_code", "system", "value")
        .values_list("patient_id", "type_code", "value", "system")
    ):
        numbers[patient_id].append((number[0], number[1], number[2]))
    found = tuple(Found(*(*row[:9], for_lists(numbers[row[0]]), row[9])) for row in page)
    return FoundPage(found, len(rows) > limit)


@dataclass(frozen=True, slots=True)
class InCare:
    """A patient in somebody's care."""

    patient_id: UUID
    name: str
    kind: str
    since: datetime


def in_care_of(actor: Actor, *, limit: int) -> tuple[list[InCare], int]:
    """The patients in the actor's own care, those taken on last first, and how many there are."""
    require(actor, "patients.read")
    mine = CareRelationship.objects.filter(staff=actor.staff_id, ended_at__isnull=True)
    rows = mine.order_by("-started_at", "-id").values_list(
        "patient_id", "patient__family", "patient__given", "kind", "started_at"
    )[:limit]
    found = [
        InCare(patient_id, f"{family}, {given}" if given else family, kind, since)
        for patient_id, family, given, kind, since in rows
    ]
    access.record_list(actor, "patients.in_care_listed", patient_ids=[each.patient_id for each in found])
    return found, mine.count()


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a patient row is about: the row itself, or the one that it was merged into."""

    patient_id: UUID
    name: str
    birth_date: date | None
    birth_date_precision: str


def persons_of(actor: Actor, patient_ids: Collection[UUID]) -> dict[UUID, Person]:
    """
    Patient row id -> the person, for those within reach; the caller logs the reading.

    One statement, and a second where some of the rows were merged into others that are not among them.
    """
    require(actor, "patients.read")
    found = _persons(patient_ids)
    others = {row[1] for row in found.values() if row[1] is not None} - found.keys()
    known = found | _persons(others) if others else found
    persons: dict[UUID, Person] = {}
    for patient_id in patient_ids:
        if patient_id in found:
            linked_to = found[patient_id][1]
            primary, _, family, given, *birth = known.get(linked_to, found[patient_id])
            persons[patient_id] = Person(primary, f"{family}, {given}" if given else family, *birth)
    return persons


def _persons(patient_ids: Collection[UUID]) -> dict[UUID, Any]:
    """Rows by their ids alone: row-level security tests none but those."""
    rows = Patient.objects.filter(pk__in=patient_ids).values_list(
        "pk", "linked_to", "family", "given", "birth_date", "birth_date_precision"
    )
    return {row[0]: row for row in rows}


def waiting_matches(actor: Actor) -> int:
    """How many pairs of patient rows wait for a person to say whether they are one."""
    require(actor, "patients.match")
    return MatchCandidate.objects.filter(decision="").count()


def rows_of_person(patient_id: UUID) -> list[UUID]:
    """A patient row and those merged into it: together they are one person, as far as one reaches them."""
    merged = Patient.objects.filter(linked_to=patient_id).order_by("id").values_list("pk", flat=True)
    return [patient_id, *merged]


def reaches(actor: Actor, patient_id: UUID, *permissions: str) -> bool:
    """Whether the actor holds any of the permissions over this patient."""
    return allows(actor, *permissions) and reachable(actor, *permissions).filter(pk=patient_id).exists()


def care_team(actor: Actor, record: OpenRecord) -> list[tuple[UUID, str, str]]:
    """Who cares for the patient now: (staff id, name, kind), the primary practitioner first."""
    return [(each.staff_id, each.name, each.kind) for each in care_of(actor, record).now]


@dataclass(frozen=True, slots=True)
class Carer:
    """Someone who cares for a patient, or did; `ended_at` is None while they do. `kind`: primary or team."""

    staff_id: UUID
    name: str
    title: str
    works_here: bool
    kind: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Care:
    """Who cares for a patient now, the primary practitioner first, and who did, the last first."""

    now: tuple[Carer, ...]
    past: tuple[Carer, ...]


def care_of(actor: Actor, record: OpenRecord) -> Care:
    """Who cares for a patient and who did. One statement; who does so in two merged rows is named once."""
    require(actor, "patients.read")
    rows = (
        CareRelationship.objects.filter(patient__in=record.patient_ids)
        .order_by("kind", F("started_at").asc(), "id")
        .values_list(
            "staff_id", "staff__name", "staff__title", "staff__is_active", "kind", "started_at", "ended_at"
        )
    )
    carers = [Carer(*row) for row in rows]
    now: dict[UUID, Carer] = {}
    for each in carers:
        if each.ended_at is None:
            now.setdefault(each.staff_id, each)
    past = ((each.ended_at, each) for each in carers if each.ended_at is not None)
    return Care(tuple(now.values()), tuple(each for _, each in sorted(past, key=_last_first, reverse=True)))


def _last_first(ended: tuple[datetime, Carer]) -> datetime:
    return ended[0]


def primary_of(actor: Actor, patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Patient id -> who cares for them: the primary practitioner, else who began first. One statement."""
    require(actor, "patients.read")
    rows = (
        CareRelationship.objects.filter(patient__in=patient_ids, ended_at__isnull=True)
        .order_by("patient_id", "kind", "started_at", "id")
        .distinct("patient_id")
        .values_list("patient_id", "staff__name")
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What a patient agreed to; `withdrawn_at` is None while it is in force."""

    scope: str
    wording: str
    given_at: datetime
    withdrawn_at: datetime | None
    recorded_by_name: str


def consents_of(actor: Actor, record: OpenRecord) -> list[ConsentRow]:
    """Everything that a patient agreed to or withdrew, the last first."""
    require(actor, "patients.read")
    rows = list(Consent.objects.filter(patient__in=record.patient_ids).order_by("-given_at", "-id"))
    names = names_of_users({row.recorded_by_id for row in rows})
    return [
        ConsentRow(row.scope, row.wording, row.given_at, row.withdrawn_at, names.get(row.recorded_by_id, ""))
        for row in rows
    ]
