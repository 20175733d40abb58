"""What follows, for tasks, from facts that happened: open pages are told, break-glass is reviewed."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.patients.events import BreakGlassOpened, BreakGlassReviewed
from willowbark.worklist.events import (
    TOPIC,
    TOPIC_OF_PATIENT,
    TaskClosed,
    TaskFiled,
    TaskHandedOver,
    TaskReopened,
)
from willowbark.worklist.services import file_tasks_of_break_glass, finish_tasks_of


def ask_for_review(actor: Actor, event: BreakGlassOpened) -> None:
    """Somebody broke the glass: another is to review it, and those who care for the patient are told."""
    file_tasks_of_break_glass(actor=actor, patient_id=event.patient_id, glass_id=event.glass_id)


def close_review(actor: Actor, event: BreakGlassReviewed) -> None:
    """It was reviewed."""
    finish_tasks_of(
        actor=actor, patient_id=event.patient_id, kind="break_glass_review", source_id=event.glass_id
    )


def tell_of_filing(actor: Actor, event: TaskFiled) -> None:
    """A task was filed."""
    _tell(event)


def tell_of_handing_over(actor: Actor, event: TaskHandedOver) -> None:
    """A task has another owner."""
    _tell(event)


def tell_of_closing(actor: Actor, event: TaskClosed) -> None:
    """A task was closed."""
    _tell(event)


def tell_of_reopening(actor: Actor, event: TaskReopened) -> None:
    """A task is open again."""
    _tell(event)


def _tell(event: TaskFiled | TaskHandedOver | TaskClosed | TaskReopened) -> None:
    live.publish(TOPIC, {})
    live.publish(TOPIC_OF_PATIENT, {}, patient_id=event.patient_id)
