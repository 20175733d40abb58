"""
MedicationRequest, MedicationStatement, MedicationDispense and MedicationAdministration.

http://hl7.org/fhir/R4/medicationrequest.html and its neighbours. `intent` tells them apart in the record:
a request's own intent, else 'statement', 'dispense' or 'administration'.
"""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    CodeableConcept,
    Domain,
    Element,
    Participation,
    Period,
    Reference,
)
from willowbark.interop.fhir.core.mapping.dosage import AdministeredDosage, Dosage, administered, dosage
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, words
from willowbark.interop.fhir.core.mapping.systems import DSLD, NDC, RXNORM
from willowbark.interop.fhir.core.problems import Refused
from willowbark.kernel.partial_date import PartialDate
from willowbark.record.core.entries import Medication

REQUEST_STATUSES = frozenset(
    [
        "active",
        "on-hold",
        "cancelled",
        "completed",
        "entered-in-error",
        "stopped",
        "draft",
        "unknown",
        "ended",
    ]
)
STATEMENT_STATUSES = frozenset(
    [
        "active",
        "completed",
        "entered-in-error",
        "intended",
        "stopped",
        "on-hold",
        "unknown",
        "not-taken",
        "recorded",
        "draft",
    ]
)
DISPENSE_STATUSES = frozenset(
    [
        "preparation",
        "in-progress",
        "cancelled",
        "on-hold",
        "completed",
        "entered-in-error",
        "stopped",
        "declined",
        "unknown",
    ]
)
ADMINISTRATION_STATUSES = frozenset(
    ["in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"]
)
NOT_TO_BE_TAKEN = "do-not-perform"


class MedicationUse(Domain):
    """What the four resources have in common."""

    status: str | None = None
    category: list[CodeableConcept] | CodeableConcept | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    reason_code: list[CodeableConcept] | None = None


class Supply(Element):
    """How long a prescription may be filled."""

    validity_period: Period | None = None


class MedicationRequestResource(MedicationUse):
    """What is read of a MedicationRequest."""

    intent: str | None = None
    do_not_perform: bool | None = None
    encounter: Reference | None = None
    authored_on: str | None = None
    requester: Reference | None = None
    dosage_instruction: list[Dosage] | None = None
    dispense_request: Supply | None = None


class MedicationStatementResource(MedicationUse):
    """What is read of a MedicationStatement."""

    context: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    date_asserted: str | None = None
    information_source: Reference | None = None
    dosage: list[Dosage] | None = None


class MedicationDispenseResource(MedicationUse):
    """What is read of a MedicationDispense."""

    context: Reference | None = None
    performer: list[Participation] | None = None
    when_prepared: str | None = None
    when_handed_over: str | None = None
    dosage_instruction: list[Dosage] | None = None


class MedicationAdministrationResource(MedicationUse):
    """What is read of a MedicationAdministration."""

    context: Reference | None = None
    performer: list[Participation] | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    dosage: AdministeredDosage | None = None


def map_request(resource: MedicationRequestResource, reading: Reading) -> Mapped:
    """
    Map a prescription or a proposal of one. An order not to take something never reads as active.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    supply = (resource.dispense_request and resource.dispense_request.validity_period) or Period()
    columns = dosage(resource.dosage_instruction or [], reading, "dosageInstruction")
    columns["intent"] = reading.text(resource.intent, "intent", "intent")
    if resource.do_not_perform:
        columns["status"] = NOT_TO_BE_TAKEN
    return _mapped(
        resource,
        reading,
        statuses=REQUEST_STATUSES,
        when=reading.first_date(
            (resource.authored_on, "authoredOn"), (supply.start, "dispenseRequest.validityPeriod.start")
        ),
        ends=_end(supply, reading, "dispenseRequest.validityPeriod.end"),
        context=(resource.encounter, "encounter"),
        author=reading.person_or_place(resource.requester),
        columns=columns,
    )


def map_statement(resource: MedicationStatementResource, reading: Reading) -> Mapped:
    """
    Map what somebody says is taken.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    period = resource.effective_period or Period()
    return _mapped(
        resource,
        reading,
        statuses=STATEMENT_STATUSES,
        when=reading.first_date(
            (resource.effective_date_time, "effectiveDateTime"),
            (period.start, "effectivePeriod.start"),
            (resource.date_asserted, "dateAsserted"),
        ),
        ends=_end(period, reading, "effectivePeriod.end"),
        context=(resource.context, "context"),
        author=reading.person_or_place(resource.information_source),
        columns=dosage(resource.dosage or [], reading, "dosage") | {"intent": "statement"},
    )


def map_dispense(resource: MedicationDispenseResource, reading: Reading) -> Mapped:
    """
    Map what was handed over.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    return _mapped(
        resource,
        reading,
        statuses=DISPENSE_STATUSES,
        when=reading.first_date(
            (resource.when_handed_over, "whenHandedOver"), (resource.when_prepared, "whenPrepared")
        ),
        ends=None,
        context=(resource.context, "context"),
        author=reading.person_or_place(*(part.actor for part in resource.performer or ())),
        columns=dosage(resource.dosage_instruction or [], reading, "dosageInstruction")
        | {"intent": "dispense"},
    )


def map_administration(resource: MedicationAdministrationResource, reading: Reading) -> Mapped:
    """
    Map what was given.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    period = resource.effective_period or Period()
    columns = administered(resource.dosage, reading) if resource.dosage else {}
    return _mapped(
        resource,
        reading,
        statuses=ADMINISTRATION_STATUSES,
        when=reading.first_date(
            (resource.effective_date_time, "effectiveDateTime"), (period.start, "effectivePeriod.start")
        ),
        ends=_end(period, reading, "effectivePeriod.end"),
        context=(resource.context, "context"),
        author=reading.person_or_place(*(part.actor for part in resource.performer or ())),
        columns=columns | {"intent": "administration"},
    )


def _mapped(
    resource: MedicationUse,
    reading: Reading,
    *,
    statuses: frozenset[str],
    when: PartialDate | None,
    ends: PartialDate | None,
    context: tuple[Reference | None, str],
    author: str,
    columns: dict[str, Any],
) -> Mapped:
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    what, path = _medication(resource, reading)
    status = reading.status(resource.status, statuses)
    entry = Medication(
        **dated(when),
        **reading.code(what, path, RXNORM, NDC),
        **sourced(reading, status=status, author=author),
        **{
            "kind": _kind(resource, what),
            "status": status,
            "ends_at": ends.at if ends else None,
            "reason_text": reading.listed(resource.reason_code, "reason_text"),
        }
        | columns,
    )
    row = Row(entry, encounter_key=reading.encounter(*context))
    return Mapped(owner, (row,), tuple(reading.warnings))


def _medication(resource: MedicationUse, reading: Reading) -> tuple[CodeableConcept, str]:
    if resource.medication_codeable_concept is not None:
        return resource.medication_codeable_concept, "medicationCodeableConcept"
    if resource.medication_reference is not None:
        return reading.medication(resource.medication_reference, "medicationReference"), "medicationReference"
    raise Refused("missing", "medication[x] is missing: nobody can tell what this is about")


def _end(period: Period, reading: Reading, path: str) -> PartialDate | None:
    """When it ends. A year like 9999 is how some systems write that it does not."""
    if period.end is not None and period.end[:4] >= "2900":
        reading.warn(f'{path} "{period.end[:20]}" is taken as no end')
        return None
    return reading.when(period.end, path, planned=True)


def _kind(resource: MedicationUse, what: CodeableConcept) -> str:
    """A supplement only when its source says so: by category, or by a supplement label's code."""
    categories = resource.category if isinstance(resource.category, list) else [resource.category]
    said = " ".join(words(concept, best_coding(concept, ())) for concept in categories).lower()
    from_labels = any(coding.system == DSLD for coding in what.coding or ())
    return "supplement" if from_labels or "supplement" in said else "drug"
