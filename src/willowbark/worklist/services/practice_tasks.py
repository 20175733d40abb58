"""Tasks that are no patient's: of the practice itself, at a page of ours."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.worklist.core.filing import (
    NewTask,
    checked,
)
from willowbark.worklist.models import PracticeTask


@transaction.atomic
def file_practice_task(
    *,
    actor: Actor,
    title: str,
    kind: str,
    owner_id: UUID,
    due_on: date,
    next_action: str,
    path: str,
    source_id: UUID,
    request_key: UUID,
) -> UUID | None:
    """
    Ask somebody to do something for the practice by a day, at a page of ours; returns the task's id.

    Repeating `request_key` files nothing and returns None.

    Raises:
        Forbidden: the actor may file no tasks.
        Invalid: something that a task must say is missing, too long or no code.
    """
    require(actor, "tasks.write")
    task = checked(NewTask(title=title, kind=kind, owner_id=owner_id, due_on=due_on, next_action=next_action))
    row = PracticeTask(
        id=uuid7(),
        title=task.title,
        kind=task.kind,
        owner_id=owner_id,
        due_on=due_on,
        next_action=task.next_action,
        path=path,
        source_id=source_id,
        filed_at=clock.now(),
        request_key=request_key,
    )
    if PracticeTask.objects.filter(request_key=request_key).exists():
        return None
    PracticeTask.objects.bulk_create([row], ignore_conflicts=True)
    access.record_change(actor, "worklist.practice_task_filed", subject=str(row.pk))
    return row.pk


@transaction.atomic
def finish_practice_tasks_of(*, actor: Actor, kind: str, source_id: UUID) -> None:
    """
    Say that every open task of this kind that this source made necessary is done.

    Raises:
        Forbidden: the actor may change no tasks.
    """
    require(actor, "tasks.write")
    rows = PracticeTask.objects.filter(kind=kind, source_id=source_id, closed_at__isnull=True)
    if rows.update(closed_at=clock.now(), closed_by=actor.user_id):
        access.record_change(actor, "worklist.practice_tasks_done", subject=str(source_id))
