"""File a task for a patient."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Invalid, RequestKeyReused
from willowbark.patients.selectors import require_reach
from willowbark.worklist.core.filing import (
    NewTask,
    checked,
    digest_of,
)
from willowbark.worklist.events import TaskFiled
from willowbark.worklist.models import Task
from willowbark.worklist.selectors import may_own


class OwnerOutOfReach(Invalid):
    """Who is asked has left, does not work with tasks, or does not reach the patient."""

    def __init__(self) -> None:
        super().__init__(
            "Choose somebody who works here, with tasks, and reaches this patient.", field="owner_id"
        )


@transaction.atomic
def file_task(
    *,
    actor: Actor,
    patient_id: UUID,
    title: str,
    kind: str,
    owner_id: UUID,
    due_on: date,
    next_action: str,
    request_key: UUID,
    detail: str = "",
    source_kind: str = "",
    source_id: UUID | None = None,
) -> UUID:
    """
    Ask somebody to do something for a patient by a day; returns the task's id.

    `owner_id` is the user who is asked, `kind` a short code (`monitoring`, `follow_up`), `next_action` the
    first thing to do; `source_kind` and `source_id` say what made it necessary. Repeating `request_key`
    returns the first task and files nothing, whatever became of the task or its owner meanwhile.

    Raises:
        Forbidden: the actor may file no tasks.
        NotFound: no such patient within reach.
        OwnerOutOfReach: the owner has left, works with no tasks, or does not reach the patient.
        Invalid: something that a task must say is missing, too long or no code.
        RequestKeyReused: the key came before with other content.
    """
    require_reach(actor, patient_id, "tasks.write")
    task = checked(
        NewTask(
            title=title,
            kind=kind,
            owner_id=owner_id,
            due_on=due_on,
            next_action=next_action,
            detail=detail,
            source_kind=source_kind,
            source_id=source_id,
        )
    )
    access.record_write(actor, "worklist.task_filed", patient_id=patient_id)
    first = _filed_before(patient_id, request_key, task)
    if first is not None:
        return first
    if not may_own(owner_id, patient_id):
        raise OwnerOutOfReach
    row = new_row(actor, patient_id, task, request_key)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # Somebody with the same key was faster.
        first = _filed_before(patient_id, request_key, task)
        if first is None:
            raise
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "task_request_once":
            raise
        return first
    outbox.publish(
        actor, TaskFiled(patient_id=patient_id, task_id=row.pk, kind=row.kind, owner_id=row.owner_id)
    )
    return row.pk


def new_row(actor: Actor, patient_id: UUID, task: NewTask, request_key: UUID) -> Task:
    """The row of a task that the actor files now; not stored yet."""
    return Task(
        id=uuid7(),
        patient_id=patient_id,
        title=task.title,
        kind=task.kind,
        detail=task.detail,
        owner_id=task.owner_id,
        due_on=task.due_on,
        next_action=task.next_action,
        source_kind=task.source_kind,
        source_id=task.source_id,
        filed_by_id=actor.user_id,
        filed_at=clock.now(),
        request_key=request_key,
        request_digest=digest_of(task),
    )


def _filed_before(patient_id: UUID, request_key: UUID, task: NewTask) -> UUID | None:
    first = Task.objects.filter(patient=patient_id, request_key=request_key).first()
    if first is None:
        return None
    if bytes(first.request_digest) != digest_of(task):
        raise RequestKeyReused("This request filed another task before; nothing was changed.")
    return first.pk
