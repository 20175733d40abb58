"""What follows from facts about tasks: open pages are told."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.worklist.events import (
    TOPIC,
    TOPIC_OF_PATIENT,
    TaskClosed,
    TaskFiled,
    TaskHandedOver,
    TaskReopened,
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
