"""What other resources may want to know of a resource: names, medications, and whose an identifier is."""

from __future__ import annotations

import msgspec

from willowbark.interop.fhir.core.identity import source_key
from willowbark.interop.fhir.core.mapping.datatypes import (
    NOTHING,
    CodeableConcept,
    Domain,
    Identifier,
    Reference,
)
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.mapping.reading import concept_in, name_in
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.resource import Resource
from willowbark.interop.fhir.core.references import ByIdentifier, Target

NAMED = frozenset(
    ("Practitioner", "Organization", "Location", "PractitionerRole", "RelatedPerson", "HealthcareService")
)
LEARNT = NAMED | {"Medication", "Patient"}


class _PointedAt(Domain):
    """The few fields that others look for."""

    identifier: list[Identifier] | None = None
    name: msgspec.Raw = NOTHING
    code: msgspec.Raw = NOTHING
    practitioner: Reference | None = None


_decode = msgspec.json.Decoder(_PointedAt).decode


def learn(resource: Resource, directory: Directory, source: str) -> None:
    """Note what `resource` says of itself; one that cannot be read is told about when its own turn comes."""
    if resource.type not in LEARNT:
        return
    try:
        said = _decode(resource.canonical)
    except msgspec.ValidationError:
        return
    medication = medication_in(resource.canonical) if resource.type == "Medication" else None
    aliases: list[Target | ByIdentifier] = [
        ByIdentifier(resource.type, one.system or "", one.value) for one in said.identifier or () if one.value
    ]
    if resource.type == "Patient":
        for alias in aliases:
            directory.owners.put(alias, source_key(source, "Patient", resource.id))
        return
    name = _name(said)
    for one in (Target(resource.type, resource.id), *aliases):
        if medication is not None:
            directory.medications.put(one, medication)
        elif name:
            directory.names.put(one, name)


def name_of(canonical: bytes) -> str:
    """The name of a practitioner, an organisation or a place; '' for none."""
    try:
        return _name(_decode(canonical))
    except msgspec.ValidationError:
        return ""


def medication_in(canonical: bytes) -> CodeableConcept | None:
    """What a Medication is; None when it does not say."""
    try:
        return concept_in(_decode(canonical).code, "code")
    except (msgspec.ValidationError, Refused):
        return None


def _name(said: _PointedAt) -> str:
    return name_in(said.name) or (said.practitioner.display if said.practitioner else "") or ""
