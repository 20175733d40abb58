"""Codes as the words people use for them."""

from __future__ import annotations

import re
from typing import Final

CODE_SYSTEMS: Final = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://unitsofmeasure.org": "UCUM",
    "http://fdasis.nlm.nih.gov": "UNII",
}
"""Short names of the code systems a clinician meets; the FHIR terminology service lists the addresses."""

KINDS: Final = {
    "encounter": "Visit",
    "condition": "Problem",
    "observation": "Result",
    "medication": "Medication",
    "supplement": "Supplement",
    "allergy": "Allergy",
    "procedure": "Procedure",
    "immunization": "Immunization",
    "document": "Document",
    "note": "Note",
}
"""Kinds of record entry: what a person calls one of them."""

FLAGS: Final = {
    "normal": ("In range", "good", "check"),
    "low": ("Low", "warn", "arrow-down"),
    "high": ("High", "warn", "arrow-up"),
    "critical_low": ("Critically low", "bad", "double-down"),
    "critical_high": ("Critically high", "bad", "double-up"),
    "abnormal": ("Abnormal", "warn", "warn"),
}
"""Result flags: words, tone, icon. A flag is never a colour alone."""

SEXES: Final = {
    "male": "Male",
    "female": "Female",
    "other": "Other",
    "unknown": "Sex unknown",
    "": "Sex unknown",
}

_TONES: Final = {
    "good": {"completed", "finished", "final", "signed", "resolved", "added", "linked"},
    "info": {"active", "in-progress", "running", "amended", "corrected", "changed", "planned", "arrived"},
    "warn": {
        "preliminary", "unconfirmed", "provisional", "differential", "on-hold", "recurrence", "relapse",
        "draft", "stopped", "queued", "kept_beside",
    },
    "bad": {"failed", "entered-in-error", "refuted", "cancelled", "not-done", "quarantined", "severe"},
}  # fmt: skip
_ORDINARY: Final = {"", "completed", "finished", "final", "confirmed", "current"}
_TONE_OF: Final = {status: tone for tone, statuses in _TONES.items() for status in statuses}
_TONE_ICONS: Final = {"good": "check", "info": "info", "warn": "warn", "bad": "bad", "": "quiet"}


_SEMANTIC_TAG: Final = re.compile(
    r" \((?:disorder|finding|procedure|situation|regime/therapy|event|observable entity"
    r"|morphologic abnormality|qualifier value|substance|product|medicinal product|clinical drug"
    r"|record artifact)\)\Z"
)


def code_system_text(system: str) -> str:
    """Return a code system's short name, or the end of its address when it is not one of the known."""
    return CODE_SYSTEMS.get(system) or system.rstrip("/").rsplit("/", 1)[-1]


def kind_text(kind: str) -> str:
    """Return what a person calls a kind of entry."""
    return KINDS.get(kind) or phrase(kind)


def status_tone(status: str) -> str:
    """Return the tone of a status code: 'good', 'info', 'warn', 'bad' or '' (plain)."""
    return _TONE_OF.get(status.lower(), "")


def is_telling(status: str) -> bool:
    """Return whether a status says more than that a thing was done as such things are."""
    return status.lower() not in _ORDINARY


def tone_icon(tone: str) -> str:
    """Return the icon that goes with a tone, so that colour is never the only signal."""
    return _TONE_ICONS.get(tone, "quiet")


def plain_name(text: str) -> str:
    """Return a coded name without SNOMED CT's semantic tag: `Fatigue (finding)` is `Fatigue`."""
    return _SEMANTIC_TAG.sub("", text)


def phrase(code: str) -> str:
    """Return a code such as `in-progress` as words: `In progress`."""
    words = code.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
