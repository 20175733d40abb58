"""The head of every chart page, and its tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from uuid import UUID

from django.urls import reverse

from willowbark.foundation import clock
from willowbark.foundation.presentation.initials import initials_of
from willowbark.patients.core.identifiers import Identifier, identifier
from willowbark.patients.selectors import Number
from willowbark.record.core.allergies import states_none_known
from willowbark.record.selectors.chart import AllergyRow, Chart

TABS = (
    ("timeline", "Timeline"),
    ("problems", "Problems"),
    ("medications", "Medications"),
    ("labs", "Labs"),
    ("notes", "Notes"),
)


@dataclass(frozen=True, slots=True)
class LinkedPerson:
    """Another row of the same person."""

    name: str
    chart_url: str


@dataclass(frozen=True, slots=True)
class ChartHeader:
    """Whose chart this is; until when, and for how many seconds more, it is open by break-glass, if it is."""

    patient_id: UUID
    name: str
    sort_name: str
    initials: str
    birth_date: date | None
    birth_date_precision: str
    sex: str
    is_deceased: bool
    deceased_at: datetime | None
    language: str
    site_name: str
    identifiers: Sequence[Identifier]
    phone: str
    email: str
    allergies: Sequence[AllergyRow]
    none_known: Sequence[str]
    carer_names: Sequence[str]
    linked_to: LinkedPerson | None
    linked_from: Sequence[LinkedPerson]
    open_match_count: int
    matches_url: str
    glass_id: UUID | None = None
    open_until: datetime | None = None
    open_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the chart."""

    key: str
    label: str
    url: str
    is_current: bool
    count: int | None = None


def header_of(chart: Chart) -> ChartHeader:
    """The head of a chart page."""
    patient, identity = chart.record.patient, chart.identity
    name = f"{patient.given} {patient.family}".strip()
    linked_to, open_until = identity.linked_to, chart.record.open_until
    return ChartHeader(
        patient_id=patient.pk,
        name=name,
        sort_name=str(patient),
        initials=initials_of(name),
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        sex=patient.sex,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        language=patient.language,
        site_name=patient.home_site.name,
        identifiers=[_shown(each) for each in identity.identifiers],
        phone=identity.phone,
        email=identity.email,
        allergies=[each for each in chart.allergies if not _states_none(each)],
        none_known=[each.text for each in chart.allergies if _states_none(each)],
        carer_names=[f"{name} (primary)" if kind == "primary" else name for _, name, kind in chart.carers],
        linked_to=LinkedPerson(str(linked_to), chart_url(linked_to.pk)) if linked_to else None,
        linked_from=[LinkedPerson(str(each), chart_url(each.pk)) for each in identity.linked_from],
        open_match_count=identity.open_matches,
        matches_url=f"{reverse('patients:matches')}?patient={patient.pk}" if identity.open_matches else "",
        glass_id=chart.record.glass_id,
        open_until=open_until,
        open_seconds=max(1, ceil((open_until - clock.now()).total_seconds())) if open_until else 0,
    )


def _shown(number: Number) -> Identifier:
    whole = (number.patient_id, number.id)
    url = reverse("patients:number", args=whole) if number.is_masked and not number.is_unreadable else ""
    return identifier(number.type_code, number.value, number.system, url, is_unreadable=number.is_unreadable)


def _states_none(allergy: AllergyRow) -> bool:
    return states_none_known(allergy.source.code_system, allergy.source.code)


def chart_url(patient_id: UUID) -> str:
    """The address of a patient's chart."""
    return reverse("record:chart", kwargs={"patient_id": patient_id})


def tabs_of(patient_id: UUID, current: str, shown: Sequence[str]) -> list[Tab]:
    """The tabs that this person may open."""
    return [
        Tab(key, label, reverse(f"record:{key}", kwargs={"patient_id": patient_id}), key == current)
        for key, label in TABS
        if key in shown
    ]
