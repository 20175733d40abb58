"""Do a task, dismiss it, give it to somebody else, open it again."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients.selectors import (
    possible_reviewers,
    require_reach,
)
from willowbark.worklist.core.filing import (
    CLOSED_BY_SOURCE,
    checked_reason,
)
from willowbark.worklist.events import TaskClosed, TaskHandedOver, TaskReopened
from willowbark.worklist.models import Task
from willowbark.worklist.selectors import may_own
from willowbark.worklist.services.filing import OwnerOutOfReach


class ClosesByItself(Conflict):
    """What made the task necessary closes it, and nobody by hand."""

    code = "closes_by_itself"


@transaction.atomic
def hand_over(*, actor: Actor, patient_id: UUID, task_id: UUID, owner_id: UUID) -> None:
    """
    Give an open task to somebody else. Giving it to whom it belongs changes nothing.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach, or no such task of theirs.
        OwnerOutOfReach: the new owner has left, works with no tasks, or does not reach the patient.
        Conflict: the task is closed.
    """
    task = _locked(actor, patient_id, task_id)
    if task.state != "open":
        raise Conflict("This task is closed. Open it again first.")
    if not may_own(owner_id, patient_id) or not _may_close(actor, task, owner_id):
        raise OwnerOutOfReach
    access.record_write(actor, "worklist.task_handed_over", patient_id=patient_id, subject=str(task_id))
    if task.owner_id == owner_id:
        return
    task.owner_id = owner_id
    task.save(update_fields=["owner"])
    outbox.publish(actor, TaskHandedOver(patient_id=patient_id, task_id=task_id, owner_id=owner_id))


@transaction.atomic
def finish_task(*, actor: Actor, patient_id: UUID, task_id: UUID) -> None:
    """
    Say that a task is done. Saying so again changes nothing.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach, or no such task of theirs.
        Conflict: the task was dismissed.
        ClosesByItself: what made it necessary closes it.
    """
    task = _by_hand(_locked(actor, patient_id, task_id))
    if task.state == "dismissed":
        raise Conflict("This task was dismissed. Open it again first.")
    if task.state == "open":
        close(actor, task, "done", "")


@transaction.atomic
def dismiss_task(*, actor: Actor, patient_id: UUID, task_id: UUID, reason: str) -> None:
    """
    Say why a task need not be done (1 to 300 characters). Saying the same again changes nothing.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach, or no such task of theirs.
        Invalid: no reason, or an endless one.
        Conflict: the task is done, or was dismissed for another reason.
        ClosesByItself: what made it necessary closes it.
    """
    task = _by_hand(_locked(actor, patient_id, task_id))
    why = checked_reason(reason)
    if task.state == "done" or (task.state == "dismissed" and task.close_reason != why):
        raise Conflict("This task is closed already.")
    if task.state == "open":
        close(actor, task, "dismissed", why)


@transaction.atomic
def reopen_task(*, actor: Actor, patient_id: UUID, task_id: UUID) -> None:
    """
    Take back that a task was closed. An open task stays as it is.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach, or no such task of theirs.
    """
    task = _locked(actor, patient_id, task_id)
    if task.state == "open":
        return
    access.record_write(actor, "worklist.task_reopened", patient_id=patient_id, subject=str(task_id))
    task.state, task.closed_at, task.closed_by_id, task.close_reason = "open", None, None, ""
    task.save(update_fields=["state", "closed_at", "closed_by", "close_reason"])
    outbox.publish(actor, TaskReopened(patient_id=patient_id, task_id=task_id))


def _locked(actor: Actor, patient_id: UUID, task_id: UUID) -> Task:
    """The task, held against others until the end of the transaction."""
    require_reach(actor, patient_id, "tasks.write")
    rows = Task.objects.select_for_update(no_key=True)
    task = rows.filter(patient=patient_id, pk=task_id).first()
    if task is None:
        raise NotFound("task")
    return task


def _by_hand(task: Task) -> Task:
    """
    Raises:
        ClosesByItself: what made the task necessary closes it.
    """
    if task.kind in CLOSED_BY_SOURCE:
        raise ClosesByItself("Open what it is about: once that is done, the task closes by itself.")
    return task


def _may_close(actor: Actor, task: Task, owner_id: UUID) -> bool:
    """Whether this user can do what the task asks: nobody reviews what they did themselves."""
    if task.kind != "break_glass_review" or task.source_id is None:
        return True
    return owner_id in possible_reviewers(actor, task.patient_id, task.source_id)


def close(actor: Actor, task: Task, state: str, reason: str) -> None:
    """Close a task that is locked, as 'done' or 'dismissed'."""
    access.record_write(actor, f"worklist.task_{state}", patient_id=task.patient_id, subject=str(task.pk))
    task.state, task.closed_at, task.closed_by_id = state, clock.now(), actor.user_id
    task.close_reason = reason
    task.save(update_fields=["state", "closed_at", "closed_by", "close_reason"])
    outbox.publish(actor, TaskClosed(patient_id=task.patient_id, task_id=task.pk, state=state))
