"""Facts about tasks that other businesses may react to; ids and codes only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: some task of the practice changed; some task of this patient changed.
TOPIC = "tasks.changed"
TOPIC_OF_PATIENT = "tasks.of_patient"


@dataclass(frozen=True, slots=True)
class TaskFiled:
    """A task was filed. `kind` is its code; `owner_id` the user who was asked."""

    patient_id: UUID
    task_id: UUID
    kind: str
    owner_id: UUID


@dataclass(frozen=True, slots=True)
class TaskHandedOver:
    """An open task has another owner now."""

    patient_id: UUID
    task_id: UUID
    owner_id: UUID


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """A task was closed: `state` is done or dismissed."""

    patient_id: UUID
    task_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class TaskReopened:
    """A task that was closed is open again."""

    patient_id: UUID
    task_id: UUID
