"""
Resources that the record has no table for: kept whole beside it, with their patient if they have one.

Which field names the patient differs by resource; the ones below cover the patient compartment of R4
(http://hl7.org/fhir/R4/compartmentdefinition-patient.html).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from willowbark.interop.fhir.core.identity import source_key
from willowbark.interop.fhir.core.mapping.datatypes import Element, Participation, Reference
from willowbark.interop.fhir.core.mapping.outcome import Mapped, Owner
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.references import ByIdentifier, Target

References = Reference | list[Reference] | None


class KeptResource(Element):
    """The fields in which a resource may name its patient, the most telling first."""

    patient: References = None
    subject: References = None
    beneficiary: References = None
    for_: References = msgspec.field(default=None, name="for")
    individual: References = None
    candidate: References = None


class ProvenanceResource(Element):
    """A Provenance, which belongs to whomever its target does."""

    patient: Reference | None = None
    target: list[Reference] | None = None


class AppointmentResource(Element):
    """An Appointment, whose patient is one of those who take part."""

    participant: list[Participation] | None = None


def map_appointment(resource: AppointmentResource, reading: Reading) -> Mapped:
    """
    Say whose appointment this is; nobody's when no patient takes part.

    Raises:
        Refused: a reference of the wrong type.
    """
    for part in resource.participant or ():
        if part.actor is not None and (owner := _patient(part.actor, reading, "")) is not None:
            return Mapped(owner)
    return Mapped(None)


def map_kept(resource: KeptResource, reading: Reading) -> Mapped:
    """
    Say whose resource this is; nobody's when no field names a patient.

    Raises:
        Refused: a reference of the wrong type.
    """
    for reference in _references(resource):
        if (owner := _patient(reference, reading)) is not None:
            return Mapped(owner)
    return Mapped(None)


def map_provenance(resource: ProvenanceResource, reading: Reading) -> Mapped:
    """
    Say whose resource this is: its patient's, else its target's.

    Raises:
        Refused: a reference of the wrong type.
    """
    for reference in filter(None, [resource.patient, *(resource.target or ())]):
        if (owner := _patient(reference, reading, "")) is not None:
            return Mapped(owner)
        goal = reading.links.resolve(reference.reference or "", "")
        if isinstance(goal, Target) and (known := reading.directory.owner(goal)) is not None:
            return Mapped(known)
    return Mapped(None)


def _references(resource: KeptResource) -> Iterator[Reference]:
    for given in (
        resource.patient,
        resource.subject,
        resource.beneficiary,
        resource.for_,
        resource.individual,
        resource.candidate,
    ):
        if isinstance(given, list):
            yield from given
        elif given is not None:
            yield given


def _patient(reference: Reference, reading: Reading, expected_type: str = "Patient") -> Owner | None:
    """The patient that a reference means; what a bare UUID means is said by `expected_type`."""
    if reference.reference:
        goal = reading.links.resolve(reference.reference, reference.type or expected_type)
    elif reference.identifier and reference.identifier.value and reference.type == "Patient":
        goal = ByIdentifier("Patient", reference.identifier.system or "", reference.identifier.value)
    else:
        return None
    match goal:
        case Target(type="Patient", id=id_):
            return source_key(reading.source, "Patient", id_)
        case ByIdentifier(type="Patient"):
            return reading.directory.owner(goal) or goal
        case _:
            return None
