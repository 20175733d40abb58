"""
DocumentReference: http://hl7.org/fhir/R4/documentreference.html.

A clinical note that comes along as plain text becomes a note, to be read with the others; anything else
becomes a document, with its content where that came along.
"""

from __future__ import annotations

from typing import Any

from willowbark.interop.fhir.core.identity import part_key
from willowbark.interop.fhir.core.mapping.attachments import NO_CONTENT, Content, read_attachment
from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    Attachment,
    CodeableConcept,
    Domain,
    Element,
    Period,
    Reference,
)
from willowbark.interop.fhir.core.mapping.limits import CHARACTERS
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, words
from willowbark.interop.fhir.core.mapping.report import content_columns
from willowbark.interop.fhir.core.mapping.systems import LOINC
from willowbark.record.core.entries import Document, Entry, Note

STATUSES = frozenset(["current", "superseded", "entered-in-error", "unknown"])


class ContentElement(Element):
    """One form of the document."""

    attachment: Attachment | None = None


class Context(Element):
    """What the document belongs to."""

    encounter: list[Reference] | Reference | None = None
    period: Period | None = None


class DocumentResource(Domain):
    """What is read of a DocumentReference."""

    status: str | None = None
    type: CodeableConcept | None = None
    category: list[CodeableConcept] | None = None
    subject: Reference | None = None
    date: str | None = None
    author: list[Reference] | None = None
    authenticator: Reference | None = None
    custodian: Reference | None = None
    description: str | None = None
    content: list[ContentElement] | None = None
    context: Context | None = None


def map_document(resource: DocumentResource, reading: Reading) -> Mapped:
    """
    Map a document: one entry for each form of it.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    if resource.subject is None:
        return Mapped(None)
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES)
    author = reading.person_or_place(*(resource.author or ()), resource.authenticator, resource.custodian)
    context = resource.context or Context()
    shared = dated(
        reading.first_date(
            (resource.date, "date"), ((context.period or Period()).start, "context.period.start")
        )
    )
    contents = [
        read_attachment(form.attachment, reading, f"content[{number}].attachment")
        for number, form in enumerate(resource.content or ())
    ]
    visits = context.encounter if isinstance(context.encounter, list) else [context.encounter]
    encounter_key = reading.encounter(next(iter(visits), None), "context.encounter[0]")
    rows = []
    for number, content in enumerate(contents or [NO_CONTENT]):
        key = part_key(reading.key, f"content[{number}]") if number else None
        columns = {
            **shared,
            **_what(resource, content, reading),
            **sourced(reading, status=status, author=author, key=key),
        }
        rows.append(Row(_entry(resource, content, columns, status, reading), encounter_key))
    return Mapped(owner, tuple(rows), tuple(reading.warnings))


def _entry(
    resource: DocumentResource, content: Content, columns: dict[str, Any], status: str, reading: Reading
) -> Entry:
    body = content.plain_text
    if body is not None and _is_clinical_note(resource) and len(body) <= CHARACTERS["body"]:
        return Note(**columns, kind="clinical", body=body)
    description = reading.text(resource.description, "conclusion", "description")
    return Document(
        **columns, **content_columns(content), kind="document", status=status, conclusion=description
    )


def _is_clinical_note(resource: DocumentResource) -> bool:
    return any(
        coding.code == "clinical-note"
        for concept in resource.category or ()
        for coding in concept.coding or ()
    )


def _what(resource: DocumentResource, content: Content, reading: Reading) -> dict[str, Any]:
    """The document's type; without one, its title or its description is what a person reads."""
    if words(resource.type, best_coding(resource.type, (LOINC,))):
        return reading.code(resource.type, "type", LOINC)
    text = content.title or resource.description or "Document"
    return {"text": reading.text(text, "text", "description")}
