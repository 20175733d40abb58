"""Patients as JSON."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from willowbark.foundation import cursors
from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import uuid_of
from willowbark.patients import selectors

router = Router(tags=["patients"])


class PatientOut(Schema):
    """
    Who a patient is. A birth date known in part is its first day, with its precision.

    Who `is_deceased` without a `deceased_at` has died, it is not known when.
    """

    id: UUID
    family: str
    given: str
    birth_date: date | None
    birth_date_precision: str
    is_deceased: bool
    deceased_at: datetime | None
    sex: str
    site: str


class PatientPageOut(Schema):
    """A page of patients; `next` is the cursor of the page after, '' at the end."""

    patients: list[PatientOut]
    next: str


@router.get("", response={200: PatientPageOut, **REFUSALS}, url_name="patients_list")
@operation("patients.read")
def list_patients(
    request: HttpRequest, actor: Actor, q: str = "", site: str = "", after: str = "", limit: int = 50
) -> PatientPageOut:
    """Patients by name, or those whose name, birth date or number begins as `q`."""
    page = selectors.search(
        actor,
        q[:200],
        site_id=uuid_of(site) if site else None,
        after=cursors.read_text(after),
        limit=max(1, min(limit, 200)),
    )
    last = page.rows[-1] if page.rows else None
    return PatientPageOut(
        patients=[
            PatientOut(
                id=row.patient_id,
                family=row.family,
                given=row.given,
                birth_date=row.birth_date,
                birth_date_precision=row.birth_date_precision,
                is_deceased=row.is_deceased,
                deceased_at=row.deceased_at,
                sex=row.sex,
                site=row.site_name,
            )
            for row in page.rows
        ],
        next=cursors.write(last.name_key, last.patient_id) if last and page.more else "",
    )


@router.get("/{uuid:patient_id}", response={200: PatientOut, **REFUSALS}, url_name="patient")
@operation("patients.read")
def read_patient(request: HttpRequest, actor: Actor, patient_id: UUID) -> PatientOut:
    """One patient; the reading is logged."""
    patient = selectors.get_patient(actor, patient_id)
    return PatientOut(
        id=patient.pk,
        family=patient.family,
        given=patient.given,
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        sex=patient.sex,
        site=patient.home_site.name,
    )
