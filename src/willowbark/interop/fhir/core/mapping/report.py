"""DiagnosticReport: http://hl7.org/fhir/R4/diagnosticreport.html."""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.identity import part_key
from willowbark.interop.fhir.core.mapping.attachments import NO_CONTENT, Content, read_attachment
from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    Attachment,
    CodeableConcept,
    Domain,
    Period,
    Reference,
)
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.systems import LOINC
from willowbark.record.core.entries import Document

STATUSES = frozenset(
    [
        "registered",
        "partial",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "appended",
        "cancelled",
        "entered-in-error",
        "unknown",
    ]
)


class ReportResource(Domain):
    """What is read of a DiagnosticReport."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    performer: list[Reference] | None = None
    results_interpreter: list[Reference] | None = None
    conclusion: str | None = None
    presented_form: list[Attachment] | None = None


def map_report(resource: ReportResource, reading: Reading) -> Mapped:
    """
    Map a report: one document, and one more for each further form in which it is presented.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    if resource.subject is None:
        return Mapped(None)
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES)
    author = reading.person_or_place(*(resource.performer or ()), *(resource.results_interpreter or ()))
    shared = {
        **dated(
            reading.first_date(
                (resource.effective_date_time, "effectiveDateTime"),
                ((resource.effective_period or Period()).start, "effectivePeriod.start"),
                (resource.issued, "issued"),
            )
        ),
        **reading.code(resource.code, "code", LOINC),
        "kind": "report",
        "status": status,
    }
    forms = [
        read_attachment(form, reading, f"presentedForm[{number}]")
        for number, form in enumerate(resource.presented_form or ())
    ]
    encounter_key = reading.encounter(resource.encounter, "encounter")
    rows = []
    for number, form in enumerate(forms or [NO_CONTENT]):
        key = part_key(reading.key, f"presentedForm[{number}]") if number else None
        entry = Document(
            **shared,
            **sourced(reading, status=status, author=author, key=key),
            **content_columns(form),
            conclusion="" if number else reading.text(resource.conclusion, "conclusion", "conclusion"),
        )
        rows.append(Row(entry, encounter_key))
    return Mapped(owner, tuple(rows), tuple(reading.warnings))


def content_columns(content: Content) -> dict[str, Any]:
    """`content_type`, `content` and `url`."""
    return {"content_type": content.content_type, "content": content.data, "url": content.url}
