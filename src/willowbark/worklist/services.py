"""File tasks, and close them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Conflict, Invalid, NotFound, RequestKeyReused
from willowbark.patients.selectors import (
    concerned,
    possible_reviewers,
    reachable,
    read_glass,
    require_reach,
)
from willowbark.practice.selectors import organisation
from willowbark.worklist.core.filing import (
    CLOSED_BY_SOURCE,
    NewTask,
    checked,
    checked_reason,
    digest_of,
)
from willowbark.worklist.events import TaskClosed, TaskFiled, TaskHandedOver, TaskReopened
from willowbark.worklist.models import PracticeTask, Task
from willowbark.worklist.selectors import may_own, owners_of

# A statement of under 4,096 characters is taken apart by the driver once, and not each time.
_ROWS_A_STATEMENT = 40


class OwnerOutOfReach(Invalid):
    """Who is asked has left, does not work with tasks, or does not reach the patient."""

    def __init__(self) -> None:
        super().__init__(
            "Choose somebody who works here, with tasks, and reaches this patient.", field="owner_id"
        )


class ClosesByItself(Conflict):
    """What made the task necessary closes it, and nobody by hand."""

    code = "closes_by_itself"


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
    row = _row(actor, patient_id, task, request_key)
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
    rows = [_row(actor, each.patient_id, checked(each.task), each.request_key) for each in filings]
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
    row = _row(actor, patient_id, checked(task), request_key)
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


def _row(actor: Actor, patient_id: UUID, task: NewTask, request_key: UUID) -> Task:
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
        _close(actor, task, "done", "")


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
        _close(actor, task, "dismissed", why)


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
        _close(actor, task, "dismissed", why)
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
        _close(actor, task, "done", "")


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
def file_tasks_of_break_glass(*, actor: Actor, patient_id: UUID, glass_id: UUID) -> None:
    """
    Ask somebody else to review that the glass was broken, and tell those who care for the patient.

    The review is due within `REVIEW_WITHIN`, by whom `possible_reviewers` names first of those who work with
    tasks; where nobody can, none is filed, and the list of break-glass says so. Again files nothing more.

    Raises:
        Forbidden: the actor may file no tasks.
        NotFound: no such access to a patient within reach.
    """
    glass = read_glass(actor, patient_id, glass_id)
    practice = organisation()
    due_on = glass.due_at.astimezone(ZoneInfo(practice.time_zone if practice else "UTC")).date()
    said = {"detail": f"{glass.reason_words}: {glass.reason}", "due_on": due_on}
    source = {"patient_id": patient_id, "source_kind": "break_glass", "source_id": glass_id}
    reviewers = possible_reviewers(actor, patient_id, glass_id)
    reviewer = next((user_id for user_id in reviewers if may_own(user_id, patient_id)), None)
    if reviewer is not None:
        file_task(
            actor=actor,
            title=f"Review: {glass.by_name} broke the glass",
            kind="break_glass_review",
            owner_id=reviewer,
            next_action="Look at what was opened, and say whether it was justified",
            request_key=uuid5(glass_id, "review"),
            **source,  # type: ignore[arg-type]
            **said,  # type: ignore[arg-type]
        )
    said["due_on"] = due_on + timedelta(days=4)
    for user_id in concerned(actor, glass):
        if user_id != reviewer and may_own(user_id, patient_id):
            file_task(
                actor=actor,
                title=f"{glass.by_name} opened this record by break-glass",
                kind="break_glass_notice",
                owner_id=user_id,
                next_action="Read why; if it seems wrong, tell who reviews it",
                request_key=uuid5(glass_id, str(user_id)),
                **source,  # type: ignore[arg-type]
                **said,  # type: ignore[arg-type]
            )


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


def _close(actor: Actor, task: Task, state: str, reason: str) -> None:
    access.record_write(actor, f"worklist.task_{state}", patient_id=task.patient_id, subject=str(task.pk))
    task.state, task.closed_at, task.closed_by_id = state, clock.now(), actor.user_id
    task.close_reason = reason
    task.save(update_fields=["state", "closed_at", "closed_by", "close_reason"])
    outbox.publish(actor, TaskClosed(patient_id=task.patient_id, task_id=task.pk, state=state))


def _filed_before(patient_id: UUID, request_key: UUID, task: NewTask) -> UUID | None:
    first = Task.objects.filter(patient=patient_id, request_key=request_key).first()
    if first is None:
        return None
    if bytes(first.request_digest) != digest_of(task):
        raise RequestKeyReused("This request filed another task before; nothing was changed.")
    return first.pk
