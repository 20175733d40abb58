"""Turn what happens into entries of the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from willowbark.record.core.entries import (
    Condition,
    Document,
    Encounter,
    Immunization,
    Medication,
    Note,
    Observation,
    Procedure,
)

from .catalogue.findings import CVX, SNOMED, Finding
from .catalogue.measures import BLOOD_PRESSURE_CODE, LOINC, MEASURES, Measure
from .catalogue.products import RXNORM, Product

VISITS = {
    "initial": Finding("Initial consultation", "185349003"),
    "follow-up": Finding("Follow-up visit", "390906007"),
    "video": Finding("Video follow-up", "448337001"),
    "phone": Finding("Telephone call", "185317003"),
    "nutrition": Finding("Nutrition consultation"),
}
IN_PERSON = frozenset(("initial", "follow-up", "nutrition"))


def midnight(day: date) -> datetime:
    """A day as the record keeps it: its first instant in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def partly(day: date, precision: str) -> datetime:
    """A day of which only the year or the month is known, as its first instant in UTC."""
    return datetime(
        day.year,
        1 if precision == "year" else day.month,
        day.day if precision == "day" else 1,
        tzinfo=UTC,
    )


def visit(
    kind: str, *, at: datetime, ends_at: datetime, reason: str, practitioner: str, place: str
) -> Encounter:
    """A visit or a call that has taken place."""
    finding = VISITS[kind]
    return Encounter(
        effective_at=at,
        effective_precision="instant",
        code_system=SNOMED if finding.code else "",
        code=finding.code,
        text=finding.text,
        status="finished",
        class_code="AMB" if kind in IN_PERSON else "VR",
        ends_at=ends_at,
        reason_text=reason,
        practitioner_name=practitioner,
        place_name=place if kind in IN_PERSON else "",
    )


def booked_visit(
    kind: str, *, at: datetime, ends_at: datetime, reason: str, practitioner: str, place: str
) -> Encounter:
    """A visit that is yet to come."""
    planned = visit(kind, at=at, ends_at=ends_at, reason=reason, practitioner=practitioner, place=place)
    return replace(planned, status="planned")


def result(
    name: str,
    value: Decimal,
    *,
    at: datetime,
    sex: str,
    encounter_id: UUID | None = None,
    parent_id: UUID | None = None,
    comparator: str = "",
) -> Observation:
    """A measured number with its unit and its usual range."""
    measure = MEASURES[name]
    low, high = measure.range_for(sex)
    return Observation(
        effective_at=at,
        effective_precision="instant",
        code_system=LOINC if measure.code else "",
        code=measure.code,
        text=measure.text,
        encounter_id=encounter_id,
        parent_id=parent_id,
        status="final",
        category=measure.category,
        value=value,
        value_comparator=comparator,
        unit=measure.unit,
        unit_text=measure.unit_text,
        reference_low=_bound(measure, low),
        reference_high=_bound(measure, high),
        reference_text="therapeutic range on warfarin" if name == "inr" else "",
    )


def _bound(measure: Measure, bound: float | None) -> Decimal | None:
    return None if bound is None else Decimal(f"{bound:.{measure.places}f}")


def blood_pressure(*, at: datetime, encounter_id: UUID) -> Observation:
    """The whole of a blood pressure; its two numbers are parts of it."""
    return Observation(
        effective_at=at,
        effective_precision="instant",
        code_system=LOINC,
        code=BLOOD_PRESSURE_CODE,
        text="Blood pressure",
        encounter_id=encounter_id,
        status="final",
        category="vital-signs",
    )


def problem(
    finding: Finding, *, since: datetime, precision: str, encounter_id: UUID | None = None
) -> Condition:
    """A problem that is there."""
    return Condition(
        effective_at=since,
        effective_precision=precision,
        code_system=SNOMED if finding.code else "",
        code=finding.code,
        text=finding.text,
        encounter_id=encounter_id,
        clinical_status="active",
        verification_status="confirmed",
        category="problem-list-item",
    )


def taken(
    product: Product,
    *,
    since: datetime,
    precision: str,
    until: datetime | None,
    reason: str,
    by_order: bool,
    encounter_id: UUID | None = None,
) -> Medication:
    """A medicine or a supplement: prescribed or recommended here, or taken before."""
    return Medication(
        effective_at=since,
        effective_precision=precision,
        code_system=RXNORM if product.code else "",
        code=product.code,
        text=product.text,
        encounter_id=encounter_id,
        kind=product.kind,
        status="active",
        intent="order" if by_order and product.kind == "drug" else "plan" if by_order else "",
        dosage_text=product.dosage,
        dose_value=product.dose_value,
        dose_unit=product.dose_unit,
        as_needed=product.as_needed,
        ends_at=until,
        reason_text=reason,
    )


def procedure(
    finding: Finding,
    *,
    at: datetime | None,
    precision: str,
    encounter_id: UUID | None = None,
    reason: str = "",
    ends_at: datetime | None = None,
) -> Procedure:
    """Something that was done."""
    return Procedure(
        effective_at=at,
        effective_precision=precision,
        code_system=SNOMED if finding.code else "",
        code=finding.code,
        text=finding.text,
        encounter_id=encounter_id,
        status="completed",
        reason_text=reason,
        ends_at=ends_at,
    )


def vaccine(finding: Finding, *, on: date, lot: str, encounter_id: UUID | None = None) -> Immunization:
    """A vaccine given on a day."""
    return Immunization(
        effective_at=midnight(on),
        effective_precision="day",
        code_system=CVX,
        code=finding.code,
        text=finding.text,
        encounter_id=encounter_id,
        status="completed",
        lot_number=lot,
    )


def report(title: str, conclusion: str, *, at: datetime, encounter_id: UUID | None = None) -> Document:
    """A report with its conclusion."""
    return Document(
        effective_at=at,
        effective_precision="instant",
        text=title,
        encounter_id=encounter_id,
        kind="report",
        status="final",
        conclusion=conclusion,
    )


def letter(title: str, body: str, *, at: datetime, conclusion: str) -> Document:
    """A letter, as plain text."""
    return Document(
        effective_at=at,
        effective_precision="instant",
        text=title,
        kind="document",
        status="current",
        content_type="text/plain",
        content=body.encode(),
        conclusion=conclusion,
    )


def note(kind: str, title: str, paragraphs: list[str], *, at: datetime, encounter_id: UUID | None) -> Note:
    """A note whose first line is its title."""
    return Note(
        effective_at=at,
        effective_precision="instant",
        text=title[:120],
        encounter_id=encounter_id,
        kind=kind,
        body="\n\n".join([title, *paragraphs]),
    )
