"""One patient of a list, and where the list leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.patients.core.identifiers import Identifier, identifier
from willowbark.patients.selectors import Found
from willowbark.practice.selectors import sites


@dataclass(frozen=True, slots=True)
class PatientRow:
    """
    One patient of a list.

    `chart_url` is the page of the patient that is this person's to open, '' if there is none.
    `carer_name` is who cares for them; None where that is not shown.
    """

    id: UUID
    chart_url: str
    name: str
    birth_date: date | None
    birth_date_precision: str
    is_deceased: bool
    deceased_at: datetime | None
    sex: str
    identifiers: tuple[Identifier, ...]
    site_name: str
    carer_name: str | None = None


def row_of(actor: Actor, found: Found, carer_name: str | None = None) -> PatientRow:
    """A patient who was found, as a list shows them."""
    return PatientRow(
        id=found.patient_id,
        chart_url=url_of(actor, found.patient_id),
        name=f"{found.family}, {found.given}" if found.given else found.family,
        birth_date=found.birth_date,
        birth_date_precision=found.birth_date_precision,
        is_deceased=found.is_deceased,
        deceased_at=found.deceased_at,
        sex=found.sex,
        identifiers=tuple(identifier(*each) for each in found.identifiers),
        site_name=found.site_name,
        carer_name=carer_name,
    )


def url_of(actor: Actor, patient_id: UUID) -> str:
    """
    The page of a patient that somebody of these roles opens: the chart, its medicines, the care team, or who
    sees them.

    The address of a floor above is known by its name alone.
    """
    for permission, page in (
        ("record.read", "record:chart"),
        ("record.medications", "record:medications"),
        ("patients.write", "patients:team"),
        ("audit.read", "patients:access"),
    ):
        if allows(actor, permission):
            return reverse(page, kwargs={"patient_id": patient_id})
    return ""


def site_choices(actor: Actor, chosen: str) -> tuple[Choice, ...]:
    """Every site."""
    return tuple(Choice(str(site.pk), site.name, str(site.pk) == chosen) for site in sites(actor))
