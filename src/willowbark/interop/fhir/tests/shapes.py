"""FHIR resources for tests, small and whole, and short ways to map them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from willowbark.interop.fhir.core.bounds import DEFAULT_BOUNDS, Bounds
from willowbark.interop.fhir.core.mapping.directory import Directory
from willowbark.interop.fhir.core.mapping.outcome import Mapped
from willowbark.interop.fhir.core.mapping.patient import MappedPatient
from willowbark.interop.fhir.core.mapping.reading import Reading
from willowbark.interop.fhir.core.mapping.registry import read_entries, read_patient
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.documents import Item, read_documents
from willowbark.interop.fhir.core.reading.originals import take_in, text_of
from willowbark.interop.fhir.core.reading.resource import Resource, read_resource
from willowbark.interop.fhir.core.references import Links
from willowbark.interop.fhir.core.taking_in import named

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOINC = "http://loinc.org"


def concept(code: str = "8302-2", text: str = "Body height", system: str = LOINC) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def patient(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Shaw", "given": ["Amy", "V."]}],
        "gender": "female",
        "birthDate": "1987-02-20",
    } | fields


def resource(type_: str, **fields: Any) -> dict[str, Any]:
    """The least that each type needs, and `fields` over it; a field given as None is left out."""
    subject = {"reference": "Patient/p1"}
    least: dict[str, dict[str, Any]] = {
        "Encounter": {"status": "finished", "class": {"code": "AMB"}, "subject": subject},
        "Condition": {"code": concept("44054006", "Diabetes", "http://snomed.info/sct"), "subject": subject},
        "Observation": {"status": "final", "code": concept(), "subject": subject},
        "MedicationRequest": {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "Naproxen 220 mg"},
            "subject": subject,
        },
        "MedicationStatement": {
            "status": "active",
            "medicationCodeableConcept": {"text": "Fish oil"},
            "subject": subject,
        },
        "MedicationDispense": {
            "status": "completed",
            "medicationCodeableConcept": {"text": "Naproxen 220 mg"},
            "subject": subject,
        },
        "MedicationAdministration": {
            "status": "completed",
            "medicationCodeableConcept": {"text": "Iron"},
            "subject": subject,
        },
        "AllergyIntolerance": {"code": {"text": "Peanut"}, "patient": subject},
        "Procedure": {"status": "completed", "code": {"text": "Colonoscopy"}, "subject": subject},
        "Immunization": {"status": "completed", "vaccineCode": {"text": "Influenza"}, "patient": subject},
        "DiagnosticReport": {"status": "final", "code": {"text": "Lipids"}, "subject": subject},
        "DocumentReference": {"status": "current", "type": {"text": "Letter"}, "subject": subject},
    }
    made = {"resourceType": type_, "id": "r1"} | least.get(type_, {}) | fields
    return {key: value for key, value in made.items() if value is not None}


def bundle(*resources: dict[str, Any], type_: str = "transaction", urls: bool = False) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [{"resource": one} for one in resources]
    if urls:
        for entry, one in zip(entries, resources, strict=True):
            entry["fullUrl"] = f"http://a.example/fhir/{one['resourceType']}/{one['id']}"
    return {"resourceType": "Bundle", "type": type_, "entry": entries}


def refusal_of(act: Callable[[], Any]) -> Refused | None:
    """Why `act` was refused; None when it was not. Any other exception is the test's to see."""
    try:
        act()
    except Refused as refusal:
        if not str(refusal):
            raise AssertionError("a refusal says nothing") from refusal
        return refusal
    return None


def encoded(value: Any, *, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


def items_of(text: bytes, bounds: Bounds = DEFAULT_BOUNDS) -> list[Item]:
    """Every item of a file with this content."""
    original = take_in("file.json", [text], bounds)
    return [item for document in read_documents(text_of(original, bounds), bounds) for item in document.items]


def read(value: dict[str, Any] | bytes, bounds: Bounds = DEFAULT_BOUNDS) -> Resource:
    raw = value if isinstance(value, bytes) else encoded(value)
    return named(read_resource(Item("", raw), bounds))


def reading_of(
    value: dict[str, Any] | bytes,
    *,
    links: Links | None = None,
    directory: Directory | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> Reading:
    return Reading(
        read(value, bounds),
        source="fhir",
        now=NOW,
        links=links or Links(),
        directory=directory or Directory(),
        bounds=bounds,
    )


def mapped(value: dict[str, Any] | bytes, **options: Any) -> Mapped:
    return read_entries(reading_of(value, **options))


def mapped_patient(value: dict[str, Any] | bytes, **options: Any) -> MappedPatient:
    return read_patient(reading_of(value, **options))


def entry_of(value: dict[str, Any] | bytes, **options: Any) -> Any:
    """The first entry that a resource becomes."""
    return mapped(value, **options).rows[0].entry


def gzipped(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)
