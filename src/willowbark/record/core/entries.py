"""
The nine kinds of entry that make up the longitudinal record, as values.

A value says what was found, done or taken, when, coded how, and where it came from. Who recorded it,
when, and on which row it stands is the business of whoever stores it. Field names are the column names.
Text is '' when absent, never None; times are aware, in UTC; numbers are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    What every entry says.

    `effective_at` is the first instant that the date covers and `effective_precision` how much of it is
    known: 'year', 'month', 'day', 'instant', or '' when there is no date. `text` is what a person reads.
    `source_kind` is 'staff', 'import' or 'patient'. `source_key` names the thing at its source for ever,
    `source_digest` is the SHA-256 of what the source said, `source_file` the original it was read from.
    A `void_reason` that is not '' means that the entry does not hold.
    """

    KIND: ClassVar[str] = ""

    effective_at: datetime | None = None
    effective_precision: str = ""
    code_system: str = ""
    code: str = ""
    text: str = ""
    source_kind: str = "staff"
    source_key: UUID | None = None
    source_digest: bytes | None = None
    source_file: UUID | None = None
    author_name: str = ""
    void_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter(Entry):
    """A visit, call or stay. `class_code` is HL7's ActCode (AMB, IMP, EMER, VR ...)."""

    KIND: ClassVar[str] = "encounter"

    status: str = ""
    class_code: str = ""
    ends_at: datetime | None = None
    reason_text: str = ""
    practitioner_name: str = ""
    place_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Entry):
    """A problem or diagnosis; `effective_at` is its onset."""

    KIND: ClassVar[str] = "condition"

    encounter_id: UUID | None = None
    clinical_status: str = ""
    verification_status: str = ""
    category: str = ""
    abated_at: datetime | None = None
    abated_precision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Entry):
    """
    One finding or result: a number with its UCUM `unit`, a coded value, or words in `value_text`.

    `value_comparator` is '', '<', '<=', '>=', '>' or 'ad'. `unit_text` is the unit as it was printed. A part
    of a panel (the systolic of a blood pressure) is an observation of its own whose `parent_id` is the panel.
    """

    KIND: ClassVar[str] = "observation"

    encounter_id: UUID | None = None
    parent_id: UUID | None = None
    status: str = ""
    category: str = ""
    value: Decimal | None = None
    value_comparator: str = ""
    unit: str = ""
    unit_text: str = ""
    value_code_system: str = ""
    value_code: str = ""
    value_text: str = ""
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    reference_text: str = ""
    interpretation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication(Entry):
    """
    A drug or a supplement that was ordered, dispensed, given, or is being taken.

    `dose_value` counts `dose_unit`s a time; `dosage_text` is the whole instruction in words.
    """

    KIND: ClassVar[str] = "medication"

    encounter_id: UUID | None = None
    kind: str = "drug"
    status: str = ""
    intent: str = ""
    dosage_text: str = ""
    dose_value: Decimal | None = None
    dose_unit: str = ""
    as_needed: bool = False
    ends_at: datetime | None = None
    reason_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Entry):
    """An allergy or intolerance, or the statement that there is none known."""

    KIND: ClassVar[str] = "allergy"

    encounter_id: UUID | None = None
    clinical_status: str = ""
    verification_status: str = ""
    category: str = ""
    criticality: str = ""
    reaction_text: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure(Entry):
    """Something done to or for the patient."""

    KIND: ClassVar[str] = "procedure"

    encounter_id: UUID | None = None
    status: str = ""
    ends_at: datetime | None = None
    reason_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Immunization(Entry):
    """A vaccine given, or not given (`status` 'not-done')."""

    KIND: ClassVar[str] = "immunization"

    encounter_id: UUID | None = None
    status: str = ""
    lot_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Entry):
    """A report or a document: its `content` of `content_type`, or the `url` of it; `conclusion` in words."""

    KIND: ClassVar[str] = "document"

    encounter_id: UUID | None = None
    kind: str = "document"
    status: str = ""
    content_type: str = ""
    content: bytes | None = None
    url: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """What somebody wrote about the patient, as plain text in `body`."""

    KIND: ClassVar[str] = "note"

    encounter_id: UUID | None = None
    kind: str = ""
    body: str = ""


#: Every kind by name, visits first: an entry may point at a visit, and a part at its panel.
ENTRY_KINDS: dict[str, type[Entry]] = {
    kind.KIND: kind
    for kind in (
        Encounter,
        Condition,
        Observation,
        Medication,
        Allergy,
        Procedure,
        Immunization,
        Document,
        Note,
    )
}


_COLUMNS = {name: tuple(field.name for field in fields(kind)) for name, kind in ENTRY_KINDS.items()}


def column_names(kind: type[Entry]) -> tuple[str, ...]:
    """The columns that an entry of this kind fills, in their order."""
    return _COLUMNS[kind.KIND]
