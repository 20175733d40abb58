"""Whom an actor reaches, and the one way to open a record. Absent and out of reach look the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Now

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, Reach, allows, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.core.break_glass import NEVER_OPENED
from willowbark.patients.models import BreakGlass, CareRelationship, Patient

# By the database's clock, as the second wall has it.
OPEN_GLASS = Q(ended_at__isnull=True, expires_at__gt=Now())


def reachable(actor: Actor, *permissions: str) -> QuerySet[Patient]:
    """
    The patients over whom the actor holds any of the permissions.

    A row that was merged into another is reached through that one too. Who registered a patient
    reaches them until somebody cares for them; who broke the glass does for some hours, with the permissions
    of that role and without those in `NEVER_OPENED`.

    Raises:
        Forbidden: the actor holds none of them, over anyone.
    """
    return _patients(extent_of(actor, permissions), actor.user_id, actor.staff_id)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far somebody reaches: everywhere, or these sites, those in their care, those by broken glass."""

    everywhere: bool
    sites: tuple[UUID | None, ...]
    care: bool
    glass: bool


EVERYWHERE = Extent(everywhere=True, sites=(), care=False, glass=False)


def extent_of(actor: Actor, permissions: tuple[str, ...]) -> Extent:
    """
    How far somebody reaches with any of the permissions.

    Raises:
        Forbidden: the actor holds none of them, over anyone.
    """
    require(actor, *permissions)
    grants = [grant for permission in permissions for grant in actor.grants_of(permission)]
    return Extent(
        everywhere=any(grant.reach is Reach.ORGANISATION for grant in grants),
        sites=tuple({grant.site_id for grant in grants if grant.reach is Reach.SITE}),
        care=any(grant.reach is Reach.CARE for grant in grants),
        glass=any(_opens_by_glass(grant.permissions, permissions) for grant in grants),
    )


def _patients(extent: Extent, user_id: UUID | None, staff_id: UUID | None) -> QuerySet[Patient]:
    if extent.everywhere:
        return Patient.objects.all()
    within: Any = Q(home_site__in=extent.sites)
    if extent.sites:
        primaries = Patient.objects.filter(id=OuterRef("linked_to"), home_site__in=extent.sites)
        within |= Exists(primaries)
    if extent.care:
        in_care = CareRelationship.objects.filter(staff=staff_id, ended_at__isnull=True)
        within |= Exists(in_care.filter(patient=OuterRef("pk")))
        within |= Exists(in_care.filter(patient=OuterRef("linked_to")))
        nobody_cares = ~Exists(CareRelationship.objects.filter(patient=OuterRef("pk")))
        within |= Q(nobody_cares, recorded_by=user_id, source_kind="staff")
    if extent.glass:
        glass = BreakGlass.objects.filter(OPEN_GLASS, staff=staff_id)
        within |= Exists(glass.filter(patient=OuterRef("pk")))
        within |= Exists(glass.filter(patient=OuterRef("linked_to")))
    return Patient.objects.filter(within)


def _opens_by_glass(held: frozenset[str], wanted: tuple[str, ...]) -> bool:
    return "patients.break_glass" in held and bool(held.intersection(wanted) - NEVER_OPENED)


def require_reach(actor: Actor, patient_id: UUID, *permissions: str) -> None:
    """
    Let the actor pass who holds any of the permissions over this patient.

    Raises:
        Forbidden: the actor holds none of them over anyone.
        NotFound: no such patient, or none within reach.
    """
    extent = extent_of(actor, permissions)
    asked = _one_of(dataclasses.replace(extent, sites=_named(len(extent.sites))))
    if asked is None:
        raise NotFound("patient")
    statement, names = asked
    given = dict(zip(_named(len(extent.sites)), extent.sites, strict=True))
    given |= {_USER: actor.user_id, _STAFF: actor.staff_id, _PATIENT: patient_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, [given.get(name, name) for name in names])
        if cursor.fetchone() is None:
            raise NotFound("patient")


# Stand in a statement for what is asked each time.
_USER, _STAFF, _PATIENT = UUID(int=1), UUID(int=2), UUID(int=3)


def _named(sites: int) -> tuple[UUID, ...]:
    return tuple(UUID(int=10 + number) for number in range(sites))


@cache
def _one_of(extent: Extent) -> tuple[str, tuple[Any, ...]] | None:
    """
    The statement that asks for one patient of an extent, and what is given to it in turn; None: of nobody.

    Every write asks, and to put the statement together takes longer than to answer it: once for each kind of
    extent is enough.
    """
    rows = _patients(extent, _USER, _STAFF).filter(pk=_PATIENT)
    try:
        statement, given = rows.query.exists().get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return statement, tuple(given)


_ROWS_OF_PERSONS = """
WITH standing AS (SELECT DISTINCT coalesce(linked_to, id) AS id FROM patients_patient WHERE id = ANY (%s))
SELECT p.id, p.id FROM patients_patient p JOIN standing s ON s.id = p.id
UNION ALL
SELECT p.id, p.linked_to FROM patients_patient p JOIN standing s ON s.id = p.linked_to
"""


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """
    A patient whose record is open, and the rows linked to them: together they are one person.

    `glass_id` and `open_until` are set while the actor is let in by break-glass.
    """

    patient: Patient
    patient_ids: tuple[UUID, ...]
    glass_id: UUID | None = None
    open_until: datetime | None = None


def open_record(
    actor: Actor, patient_id: UUID, *permissions: str, action: str, subject: str = ""
) -> OpenRecord:
    """
    Open one patient's record for reading: permission, reach, access log, patient in hand.

    The log has an entry for the patient and one for each row that was merged into theirs.

    Raises:
        Forbidden: the actor holds none of the permissions over anyone.
        NotFound: no such patient, or none within reach.
    """
    patient = _with_linked(actor, reachable(actor, *permissions), patient_id)
    access.record_read(actor, action, patient_id=patient_id, linked_ids=patient.linked_ids, subject=subject)
    return _opened(patient)


def open_records(
    actor: Actor, patient_ids: Collection[UUID], *permissions: str, action: str
) -> tuple[OpenRecord, ...]:
    """
    Open the records of many people for reading: permission, reach, access log; two statements.

    A row that was merged into another opens the person whom that one stands for. Whoever is not within
    reach is left out. The log has an entry for each row that is read; nobody is taken in hand.

    Raises:
        Forbidden: the actor holds none of the permissions over anyone.
    """
    merged = Patient.objects.filter(pk__in=patient_ids, linked_to__isnull=False).values("linked_to")
    people = reachable(actor, *permissions).filter(linked_to__isnull=True)
    rows = _annotated(actor, people.filter(Q(pk__in=patient_ids) | Q(pk__in=merged))).order_by("pk")
    records = tuple(map(_opened, rows))
    if records:
        read = [row for each in records for row in each.patient_ids]
        access.record_list(actor, action, patient_ids=read)
    return records


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
    patient = _with_linked(actor, rows, patient_id)
    if patient.in_hand != str(patient_id):
        access.record_read(actor, action, patient_id=patient_id, linked_ids=patient.linked_ids)
    return _opened(patient)


def _opened(patient: Any) -> OpenRecord:
    return OpenRecord(patient, (patient.pk, *patient.linked_ids), patient.glass_id, patient.glass_open_until)


def _with_linked(actor: Actor, rows: QuerySet[Patient], patient_id: UUID) -> Any:
    patient = _annotated(actor, rows.filter(pk=patient_id)).first()
    if patient is None:
        raise NotFound("patient")
    return patient


def _annotated(actor: Actor, rows: QuerySet[Patient]) -> QuerySet[Any]:
    """With the rows linked to each, and the glass through which the actor reads it."""
    linked = Patient.objects.filter(linked_to=OuterRef("pk")).order_by("id").values("pk")
    of_row = Q(patient=OuterRef("pk")) | Q(patient=OuterRef("linked_to"))
    glass = BreakGlass.objects.filter(OPEN_GLASS, of_row, staff=actor.staff_id).order_by("-expires_at", "pk")
    return rows.select_related("home_site").annotate(
        linked_ids=ArraySubquery(linked),
        glass_id=Subquery(glass.values("pk")[:1]),
        glass_open_until=Subquery(glass.values("expires_at")[:1]),
    )


def rows_of_person(patient_id: UUID) -> list[UUID]:
    """A patient row and those merged into it: together they are one person, as far as one reaches them."""
    merged = Patient.objects.filter(linked_to=patient_id).order_by("id").values_list("pk", flat=True)
    return [patient_id, *merged]


def rows_of_persons(patient_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """
    Return every row of the persons that these rows belong to, with the row that stands for each; one
    statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROWS_OF_PERSONS, [list(patient_ids)])
        return dict(cursor.fetchall())


def reaches(actor: Actor, patient_id: UUID, *permissions: str) -> bool:
    """Whether the actor holds any of the permissions over this patient."""
    return allows(actor, *permissions) and reachable(actor, *permissions).filter(pk=patient_id).exists()
