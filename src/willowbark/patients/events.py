"""Facts about patients that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

MATCHES_TOPIC = "patients.matches"
"""The live topic of who waits for a decision about being one person."""
BREAK_GLASS_TOPIC = "patients.break_glass"
"""The live topic of glass that was broken, closed or reviewed."""


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


@dataclass(frozen=True, slots=True)
class PatientUnlinked:
    """A patient row that another stood for stands for itself again, or for what it was before."""

    patient_id: UUID
    unlinked_from_id: UUID


@dataclass(frozen=True, slots=True)
class MatchDecided:
    """Somebody said whether two patient rows are one person, or took that back."""

    patient_id: UUID
    other_id: UUID
    candidate_id: UUID


@dataclass(frozen=True, slots=True)
class BreakGlassOpened:
    """Somebody who did not reach a patient was let in for some hours."""

    patient_id: UUID
    glass_id: UUID


@dataclass(frozen=True, slots=True)
class BreakGlassEnded:
    """Access by break-glass was ended before its time."""

    patient_id: UUID
    glass_id: UUID


@dataclass(frozen=True, slots=True)
class BreakGlassReviewed:
    """Somebody said whether it was right: `verdict` is justified or not_justified."""

    patient_id: UUID
    glass_id: UUID
    verdict: str
