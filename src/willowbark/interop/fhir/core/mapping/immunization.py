"""Immunization: http://hl7.org/fhir/R4/immunization.html."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import CodeableConcept, Domain, Participation, Reference
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.systems import CVX
from willowbark.record.core.entries import Immunization

STATUSES = frozenset(("completed", "entered-in-error", "not-done"))


class ImmunizationResource(Domain):
    """What is read of an Immunization."""

    status: str | None = None
    vaccine_code: CodeableConcept | None = None
    patient: Reference | None = None
    encounter: Reference | None = None
    occurrence_date_time: str | None = None
    occurrence_string: str | None = None
    recorded: str | None = None
    lot_number: str | None = None
    performer: list[Participation] | None = None


def map_immunization(resource: ImmunizationResource, reading: Reading) -> Mapped:
    """
    Map a vaccine given, or not given.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.patient, "patient")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES | {"unknown"})
    if resource.occurrence_string:
        reading.warn(
            f"occurrenceString {resource.occurrence_string[:60]!r} is not a date: the entry has none"
        )
    entry = Immunization(
        **dated(reading.when(resource.occurrence_date_time, "occurrenceDateTime")),
        **reading.code(resource.vaccine_code, "vaccineCode", CVX),
        **sourced(
            reading,
            status=status,
            author=reading.person_or_place(*(part.actor for part in resource.performer or ())),
        ),
        status=status,
        lot_number=reading.text(resource.lot_number, "lot_number", "lotNumber"),
    )
    row = Row(entry, encounter_key=reading.encounter(resource.encounter, "encounter"))
    return Mapped(owner, (row,), tuple(reading.warnings))
