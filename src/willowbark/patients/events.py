"""Facts about patients that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PatientRegistered:
    """A patient was registered by staff."""

    patient_id: UUID


@dataclass(frozen=True, slots=True)
class CareBegan:
    """Someone began to care for a patient."""

    patient_id: UUID
    staff_id: UUID


@dataclass(frozen=True, slots=True)
class PatientLinked:
    """A patient row was found to be the same person as another, which now stands for both."""

    patient_id: UUID
    linked_to_id: UUID
