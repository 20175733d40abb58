"""The numbers by which systems know a patient, with the labels that people know them by."""

from __future__ import annotations

from dataclasses import dataclass

# HL7 v2 table 0203, as FHIR Identifier.type uses it.
LABELS = {"MR": "MRN", "SS": "SSN", "DL": "Driving licence", "PPN": "Passport", "": "Id"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of the patient's, as shown."""

    label: str
    value: str
    system: str


def identifier(type_code: str, value: str, system: str) -> Identifier:
    """A number with its label; a type that has none keeps its code."""
    return Identifier(LABELS.get(type_code, type_code), value, system)
