"""Who patients are: one by one, searched for, and by their ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.core.identifiers import for_lists
from willowbark.patients.core.query import parse_query
from willowbark.patients.models import (
    CareRelationship,
    ContactPoint,
    Patient,
    PatientIdentifier,
)
from willowbark.patients.selectors.matches import open_matches
from willowbark.patients.selectors.numbers import Number, indexes_of, numbers_of
from willowbark.patients.selectors.reach import OpenRecord, open_record, reachable


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

    identifiers: Sequence[Number]
    phone: str
    email: str
    linked_to: Patient | None
    linked_from: Sequence[Patient]
    open_matches: int


def identity_of(actor: Actor, record: OpenRecord) -> Identity:
    """
    Identifiers, the sensitive ones masked, contact points and links of an open record; four statements,
    whatever there is.
    """
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
        identifiers=numbers_of(record.patient_ids),
        phone=next((value for system, value in contacts if system == "phone"), ""),
        email=next((value for system, value in contacts if system == "email"), ""),
        linked_to=people.get(record.patient.linked_to) if record.patient.linked_to else None,
        linked_from=[people[other] for other in record.patient_ids[1:] if other in people],
        open_matches=open_matches(actor, record.patient_ids),
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

    A sensitive number is found by the whole of it, with or without hyphens. `after` is the (name_key, id) of
    the last row of the page before. Three statements, whatever the number found, and one more to look for a
    number; who was found is logged, what was typed is not. Of each patient's numbers at most two are given,
    none of them sensitive.

    Raises:
        Forbidden: the actor may read no patients.
    """
    require(actor, "patients.read")
    query = parse_query(text)
    if query.is_empty and text.strip():
        access.record_list(actor, "patients.search")
        return FoundPage((), False)
    after_key, after_id = after or (None, None)
    sealed = indexes_of(query.numbers) if query.numbers else []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.family, p.given, p.birth_date, p.birth_date_precision, p.is_deceased,"
            " p.deceased_at, p.sex, s.name, p.name_key"
            " FROM willow_search_patients(%s, %s::date[], %s, %s::text[], %s::text[], %s, %s, %s, %s) f"
            " JOIN patients_patient p ON p.id = f.found JOIN practice_site s ON s.id = p.home_site_id"
            " ORDER BY p.name_key, p.id",
            [
                list(query.words),
                list(query.birth_dates),
                list(query.numbers),
                [system for system, _ in sealed],
                [index for _, index in sealed],
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
        PatientIdentifier.objects.filter(patient__in=numbers, sealed__isnull=True)
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


def count_active(actor: Actor) -> int:
    """
    How many people within the actor's reach somebody cares for now; merged rows and the deceased left out.

    Raises:
        Forbidden: the actor reads no patients.
    """
    in_care = CareRelationship.objects.filter(patient=OuterRef("pk"), ended_at__isnull=True)
    alive = reachable(actor, "patients.read").filter(linked_to__isnull=True, is_deceased=False)
    return alive.filter(Exists(in_care)).count()


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
