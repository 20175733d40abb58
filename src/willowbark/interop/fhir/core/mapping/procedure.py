"""Procedure: http://hl7.org/fhir/R4/procedure.html."""

from __future__ import annotations

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    CodeableConcept,
    Domain,
    Participation,
    Period,
    Reference,
)
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.systems import CPT, SNOMED
from willowbark.record.core.entries import Procedure

STATUSES = frozenset(
    [
        "preparation",
        "in-progress",
        "not-done",
        "on-hold",
        "stopped",
        "completed",
        "entered-in-error",
        "unknown",
    ]
)


class ProcedureResource(Domain):
    """What is read of a Procedure."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None
    recorder: Reference | None = None
    performer: list[Participation] | None = None
    reason_code: list[CodeableConcept] | None = None


def map_procedure(resource: ProcedureResource, reading: Reading) -> Mapped:
    """
    Map something done; `preparation` may lie ahead.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES)
    planned = status == "preparation"
    period = resource.performed_period or Period()
    if resource.performed_date_time is not None:
        began = reading.when(resource.performed_date_time, "performedDateTime", planned=planned)
    else:
        began = reading.when(period.start, "performedPeriod.start", planned=planned)
    ended = reading.when(period.end, "performedPeriod.end", planned=planned)
    entry = Procedure(
        **dated(began),
        **reading.code(resource.code, "code", SNOMED, CPT),
        **sourced(
            reading,
            status=status,
            author=reading.person_or_place(
                *(part.actor for part in resource.performer or ()), resource.recorder
            ),
        ),
        status=status,
        ends_at=ended.at if ended else None,
        reason_text=reading.listed(resource.reason_code, "reason_text"),
    )
    row = Row(entry, encounter_key=reading.encounter(resource.encounter, "encounter"))
    return Mapped(owner, (row,), tuple(reading.warnings))
