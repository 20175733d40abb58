"""Encounter: http://hl7.org/fhir/R4/encounter.html."""

from __future__ import annotations

from typing import Any

import msgspec

from willowbark.interop.fhir.core.mapping.common import dated, sourced
from willowbark.interop.fhir.core.mapping.datatypes import (
    CodeableConcept,
    Coding,
    Domain,
    Element,
    Participation,
    Period,
    Reference,
)
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Row
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, words
from willowbark.interop.fhir.core.mapping.systems import SNOMED
from willowbark.record.core.entries import Encounter

R4_STATUSES = (
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
)
LATER_STATUSES = ("on-hold", "discharged", "completed", "discontinued")
STATUSES = frozenset((*R4_STATUSES, *LATER_STATUSES))


class Place(Element):
    """Where a part of the visit took place."""

    location: Reference | None = None


class EncounterResource(Domain):
    """What is read of an Encounter."""

    status: str | None = None
    class_: Coding | list[CodeableConcept] | None = msgspec.field(default=None, name="class")
    type: list[CodeableConcept] | None = None
    service_type: CodeableConcept | None = None
    subject: Reference | None = None
    participant: list[Participation] | None = None
    period: Period | None = None
    reason_code: list[CodeableConcept] | None = None
    location: list[Place] | None = None
    service_provider: Reference | None = None


def map_encounter(resource: EncounterResource, reading: Reading) -> Mapped:
    """
    Map a visit.

    Raises:
        Refused: a needed value is missing, or one cannot be read.
    """
    owner = reading.owner(resource.subject, "subject")
    if owner is None:
        return Mapped(None)
    status = reading.status(resource.status, STATUSES)
    planned = status == "planned"
    period = resource.period or Period()
    kind = _class(resource.class_)
    ends = reading.when(period.end, "period.end", planned=True)
    who = reading.person_or_place(*(part.individual or part.actor for part in resource.participant or ()))
    entry = Encounter(
        **dated(reading.when(period.start, "period.start", planned=planned)),
        **_what(resource, kind, reading),
        **sourced(reading, status=status, author=who),
        status=status,
        class_code=reading.text(kind.code if kind else None, "class_code", "class.code"),
        ends_at=ends.at if ends else None,
        reason_text=reading.listed(resource.reason_code, "reason_text"),
        practitioner_name=who,
        place_name=reading.person_or_place(
            *(place.location for place in resource.location or ()), resource.service_provider
        ),
    )
    return Mapped(owner, (Row(entry),), tuple(reading.warnings))


def _class(given: Coding | list[CodeableConcept] | None) -> Coding | None:
    if isinstance(given, list):
        return best_coding(given[0], ()) if given else None
    return given


def _what(resource: EncounterResource, kind: Coding | None, reading: Reading) -> dict[str, Any]:
    """A visit that says nothing of its type is at least a visit of its class."""
    for concept, path in (
        (next(iter(resource.type or ()), None), "type[0]"),
        (resource.service_type, "serviceType"),
    ):
        if concept is not None and words(concept, best_coding(concept, (SNOMED,))):
            return reading.code(concept, path, SNOMED)
    text = (kind.display or kind.code) if kind else None
    return {"text": reading.text(text or "Visit", "text", "class.display")}
