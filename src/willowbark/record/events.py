"""Facts about the record that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: something was written to this patient's record.
TOPIC = "record.changed"


@dataclass(frozen=True, slots=True)
class EntryAdded:
    """Staff added an entry of this kind to a patient's record."""

    patient_id: UUID
    entry_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class EntryVoided:
    """An entry of this kind was voided: it no longer holds."""

    patient_id: UUID
    entry_id: UUID
    kind: str
