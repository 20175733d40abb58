"""Facts about dispensing that other businesses may react to; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: the queue is otherwise; something was handed out to this patient, or came back.
TOPIC = "dispensary.changed"
TOPIC_OF_PATIENT = "dispensary.of_patient"
# A recall, or who knows of it, is otherwise.
RECALLS = "dispensary.recalls"


@dataclass(frozen=True, slots=True)
class Dispensed:
    """Something of a signed protocol was handed out."""

    patient_id: UUID
    dispensing_id: UUID


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was handed out on one occasion was taken back: it counts as not handed out."""

    patient_id: UUID
    dispensing_id: UUID


@dataclass(frozen=True, slots=True)
class RecallContactSaid:
    """Somebody said whether a patient knows of a recall, or took that back."""

    patient_id: UUID
    recall_id: UUID
