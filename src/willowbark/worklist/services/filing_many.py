"""File many tasks at once: a fixed number of statements, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Invalid, NotFound, RequestKeyReused
from willowbark.patients.selectors import reachable
from willowbark.worklist.core.filing import (
    NewTask,
    checked,
)
from willowbark.worklist.events import TaskFiled
from willowbark.worklist.models import Task
from willowbark.worklist.selectors import owners_of
from willowbark.worklist.services.filing import OwnerOutOfReach, new_row

# A statement of under 4,096 characters is taken apart by the driver once, and not each time.
_ROWS_A_STATEMENT = 40


@dataclass(frozen=True, slots=True)
class Filing:
    """A task to be filed for a patient by a request."""

    patient_id: UUID
    task: NewTask
    request_key: UUID


@transaction.atomic
def file_tasks(*, actor: Actor, filings: Sequence[Filing]) -> tuple[UUID, ...]:
    """
    Ask for many things at once, as `file_task` does one by one; the tasks' ids, in the order given.

    A fixed number of statements, however many there are. A request that filed its task before files nothing.

    Raises:
        Forbidden: the actor may file no tasks.
        NotFound: a patient is not within reach.
        OwnerOutOfReach: an owner has left, works with no tasks, or does not reach the patient.
        Invalid: something that a task must say is missing, too long or no code.
        RequestKeyReused: a key came before with other content.
        IntegrityError: somebody files with the same key at this moment.
    """
    require(actor, "tasks.write")
    if not filings:
        return ()
    patient_ids = {each.patient_id for each in filings}
    if reachable(actor, "tasks.write").filter(pk__in=patient_ids).count() < len(patient_ids):
        raise NotFound("patient")
    rows = [new_row(actor, each.patient_id, checked(each.task), each.request_key) for each in filings]
    before = {
        (first.patient_id, first.request_key): first
        for first in Task.objects.filter(
            patient__in=patient_ids, request_key__in=[each.request_key for each in filings]
        )
    }
    owning = owners_of(patient_ids)
    fresh = [row for row in rows if (row.patient_id, row.request_key) not in before]
    if any(row.owner_id not in owning[row.patient_id] for row in fresh):
        raise OwnerOutOfReach
    stored = [before.get((row.patient_id, row.request_key), row) for row in rows]
    if any(bytes(one.request_digest) != row.request_digest for one, row in zip(stored, rows, strict=True)):
        raise RequestKeyReused("This request filed another task before; nothing was changed.")
    access.record_writes(actor, "worklist.task_filed", patient_ids=[row.patient_id for row in rows])
    Task.objects.bulk_create(fresh, batch_size=_ROWS_A_STATEMENT)
    outbox.publish_all(
        actor,
        [
            TaskFiled(patient_id=row.patient_id, task_id=row.pk, kind=row.kind, owner_id=row.owner_id)
            for row in fresh
        ],
    )
    return tuple(one.pk for one in stored)


@dataclass(frozen=True, slots=True)
class PreparedTask:
    """A task that is filed among many others, not stored yet."""

    row: Task


def prepare_task(*, actor: Actor, patient_id: UUID, task: NewTask, request_key: UUID) -> PreparedTask:
    """
    A task that the actor files now among many others, for `store_tasks`; nothing is stored or told yet.

    Raises:
        Invalid: something that a task must say is missing, too long or no code.
    """
    row = new_row(actor, patient_id, checked(task), request_key)
    outbox.pass_over()
    return PreparedTask(row)


@transaction.atomic
def store_tasks(*, actor: Actor, tasks: Sequence[PreparedTask]) -> None:
    """
    File prepared tasks of the actor's own at once. Logging access is the caller's, and nobody is told.

    Raises:
        Forbidden: the actor may file no tasks.
        Invalid: a task that another is asked to do, or has prepared.
        IntegrityError: a request has filed a task before.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, "tasks.write")
    if any({one.row.owner_id, one.row.filed_by_id} != {actor.user_id} for one in tasks):
        raise Invalid("Many tasks at once are one's own.", field="owner_id")
    Task.objects.bulk_create([one.row for one in tasks], batch_size=500)
