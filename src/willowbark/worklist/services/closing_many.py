"""Close or open again every task that something made necessary, or many at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.selectors import require_reach
from willowbark.worklist.core.filing import (
    CLOSED_BY_SOURCE,
    checked_reason,
)
from willowbark.worklist.events import TaskClosed
from willowbark.worklist.models import Task
from willowbark.worklist.services.closing import close, reopen_task


@transaction.atomic
def finish_due(*, actor: Actor, due_by: date) -> int:
    """
    Say that the actor's own open tasks that were due by a day are done; returns how many.

    For many at once: logging access is the caller's, and nobody is told. What its source closes stays open.

    Raises:
        Forbidden: the actor may change no tasks.
    """
    require(actor, "tasks.write")
    now = clock.now()
    rows = Task.objects.filter(owner=actor.user_id, state="open", due_on__lte=due_by, filed_at__lte=now)
    return rows.exclude(kind__in=CLOSED_BY_SOURCE).update(
        state="done", closed_at=now, closed_by=actor.user_id
    )


@transaction.atomic
def dismiss_tasks_of(
    *, actor: Actor, patient_id: UUID, source_kind: str, source_id: UUID, reason: str
) -> tuple[UUID, ...]:
    """
    Dismiss every open task of a patient that this source made necessary, whosever it is; returns them.

    What was done or dismissed already stays as it is.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach.
        Invalid: no reason, or one of more than 300 characters.
    """
    require_reach(actor, patient_id, "tasks.write")
    why = checked_reason(reason)
    rows = Task.objects.select_for_update(no_key=True).filter(patient=patient_id, state="open")
    found = list(rows.filter(source_kind=source_kind, source_id=source_id).order_by("id"))
    for task in found:
        close(actor, task, "dismissed", why)
    return tuple(task.pk for task in found)


@transaction.atomic
def finish_tasks_of(*, actor: Actor, patient_id: UUID, kind: str, source_id: UUID) -> None:
    """
    Say that every open task of this kind that this source made necessary is done.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach.
    """
    require_reach(actor, patient_id, "tasks.write")
    rows = Task.objects.select_for_update(no_key=True).filter(patient=patient_id, state="open", kind=kind)
    for task in rows.filter(source_id=source_id).order_by("id"):
        close(actor, task, "done", "")


@transaction.atomic
def reopen_tasks_of(*, actor: Actor, patient_id: UUID, kind: str, source_id: UUID) -> None:
    """
    Open again every task of this kind that this source made necessary and that was done.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach.
    """
    require_reach(actor, patient_id, "tasks.write")
    rows = Task.objects.filter(patient=patient_id, state="done", kind=kind, source_id=source_id)
    for task_id in rows.order_by("id").values_list("pk", flat=True):
        reopen_task(actor=actor, patient_id=patient_id, task_id=task_id)


@transaction.atomic
def dismiss_open(*, actor: Actor, tasks: Collection[tuple[UUID, UUID]], reason: str) -> None:
    """
    Dismiss those of these tasks, as (patient, task), that are open; a fixed number of statements.

    Raises:
        Forbidden: the actor may change no tasks.
        Invalid: no reason, or one of more than 300 characters.
    """
    require(actor, "tasks.write")
    why = checked_reason(reason)
    rows = Task.objects.filter(
        patient__in={patient_id for patient_id, _ in tasks},
        pk__in=[task_id for _, task_id in tasks],
        state="open",
    ).exclude(kind__in=CLOSED_BY_SOURCE)
    _dismiss(actor, rows, why)


@transaction.atomic
def dismiss_open_of(*, actor: Actor, source_kind: str, source_id: UUID, reason: str) -> None:
    """
    Dismiss every open task within reach that this source made necessary, of whichever patients.

    Raises:
        Forbidden: the actor may change no tasks.
        Invalid: no reason, or one of more than 300 characters.
    """
    require(actor, "tasks.write")
    why = checked_reason(reason)
    _dismiss(actor, Task.objects.filter(state="open", source_kind=source_kind, source_id=source_id), why)


def _dismiss(actor: Actor, rows: QuerySet[Task], why: str) -> None:
    """Dismiss these open tasks."""
    locked = rows.order_by("patient_id", "pk").select_for_update(no_key=True)
    found = list(locked.values_list("patient_id", "pk"))
    if not found:
        return
    patient_ids = [patient_id for patient_id, _ in found]
    access.record_writes(actor, "worklist.task_dismissed", patient_ids=patient_ids)
    rows.update(state="dismissed", closed_at=clock.now(), closed_by=actor.user_id, close_reason=why)
    outbox.publish_all(
        actor,
        [TaskClosed(patient_id=one, task_id=task_id, state="dismissed") for one, task_id in found],
    )


@transaction.atomic
def reopen_dismissed(*, actor: Actor, tasks: Collection[tuple[UUID, UUID]], reason: str) -> None:
    """
    Open those of these tasks, as (patient, task), that were dismissed for this reason; others stay closed.

    Raises:
        Forbidden: the actor may change no tasks.
        NotFound: no such patient within reach, or no such task of theirs.
    """
    require(actor, "tasks.write")
    of_patient = {task_id: patient_id for patient_id, task_id in tasks}
    rows = Task.objects.filter(pk__in=of_patient, patient__in=set(of_patient.values()))
    for task in rows.filter(state="dismissed", close_reason=reason).order_by("pk"):
        reopen_task(actor=actor, patient_id=of_patient[task.pk], task_id=task.pk)
