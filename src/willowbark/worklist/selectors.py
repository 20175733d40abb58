"""Read tasks as an actor. Absent and out of reach look the same."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import connection

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import OpenRecord, open_record, require_reach
from willowbark.practice.selectors import names_of_users
from willowbark.worklist.models import PracticeTask, Task

Whose = Literal["mine", "everyone"]

COUNTED = 1_000
LONGEST_LIST = 200
_LIST = """
SELECT t.id, t.patient_id, p.family, p.given, t.title, t.kind, t.detail, t.owner_id, t.due_on, t.next_action,
       t.source_kind, t.source_id, f.has_fallen
FROM willow_open_tasks(%s, %s, %s, %s) f
JOIN worklist_task t ON t.patient_id = f.the_patient AND t.id = f.the_task
JOIN patients_patient p ON p.id = t.patient_id
ORDER BY t.due_on, t.id
"""
_OWNERS = """
SELECT wanted.id, array(SELECT user_id FROM willow_task_owners(wanted.id))
FROM unnest(%s::uuid[]) AS wanted (id)
"""
_COUNT = """
SELECT count(*), count(*) FILTER (WHERE the_day < %s), count(*) FILTER (WHERE the_day = %s)
FROM willow_open_tasks(%s, NULL, NULL, %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """
    One open task.

    `has_fallen` says that its owner no longer reaches the patient, so that others answer for it.
    `source_id` is what made it necessary, None where a person thought of it.
    """

    task_id: UUID
    patient_id: UUID
    patient_name: str
    title: str
    kind: str
    detail: str
    owner_id: UUID
    owner_name: str
    due_on: date
    next_action: str
    source_kind: str
    source_id: UUID | None
    has_fallen: bool


@dataclass(frozen=True, slots=True)
class Story:
    """
    Where somebody reads what made a task necessary, and does what it asks.

    `address` makes it of the patient and the source; `permission` is held by those who may go there; `label`
    is what the link to it says.
    """

    source_kind: str
    label: str
    permission: str
    address: Callable[[UUID, UUID], str]


_stories: dict[str, Story] = {}


def offer_story(story: Story) -> None:
    """
    Let the tasks of a source lead to it. Called by the businesses, once each.

    Raises:
        ValueError: another tells of the same sources.
    """
    if _stories.setdefault(story.source_kind, story) is not story:
        raise ValueError(f"tasks of {story.source_kind} lead somewhere already")


def story_of(actor: Actor, row: TaskRow) -> tuple[str, str] | None:
    """The address and the label of what made a task necessary; None where the actor may read of none."""
    story = _stories.get(row.source_kind)
    if story is None or row.source_id is None or not allows(actor, story.permission):
        return None
    return story.address(row.patient_id, row.source_id), story.label


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Open tasks, the one due first first; `more` when others follow."""

    rows: tuple[TaskRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How many tasks are open, and of those how many are overdue and due on the day; each at most 1,000."""

    open: int
    overdue: int
    due: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who may be asked to do something for a patient."""

    user_id: UUID
    name: str


def my_tasks(
    actor: Actor, *, whose: Whose = "mine", after: tuple[date, UUID] | None = None, limit: int = 50
) -> TaskPage:
    """
    Open tasks, those due first first: the actor's own, or everybody's over the patients whom they reach.

    The actor's own are those that they were asked to do, and those that fell to them because whoever was
    asked no longer reaches the patient: as the primary practitioner, or, where a patient has none, as one
    of those who reach the whole site or practice. `after` is (due day, id) of the last row of the page
    before. Two statements and one for the log; whose tasks were shown is logged.

    Raises:
        Forbidden: the actor may read no tasks.
    """
    require(actor, "tasks.read")
    after_due, after_id = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_LIST, [whose, after_due, after_id, limit + 1])
        found = cursor.fetchall()
    page = found[:limit]
    names = names_of_users({row[7] for row in page})
    rows = tuple(
        TaskRow(
            task_id=row[0],
            patient_id=row[1],
            patient_name=f"{row[2]}, {row[3]}" if row[3] else row[2],
            title=row[4],
            kind=row[5],
            detail=row[6],
            owner_id=row[7],
            owner_name=names.get(row[7], ""),
            due_on=row[8],
            next_action=row[9],
            source_kind=row[10],
            source_id=row[11],
            has_fallen=row[12],
        )
        for row in page
    )
    access.record_list(actor, "worklist.listed", patient_ids=list({row.patient_id for row in rows}))
    return TaskPage(rows, len(found) > limit)


def count_tasks(actor: Actor, *, on: date, whose: Whose = "mine") -> TaskCounts:
    """
    How many tasks are open, overdue and due on a day. One statement.

    Raises:
        Forbidden: the actor may read no tasks.
    """
    require(actor, "tasks.read")
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [on, on, whose, COUNTED])
        row = cursor.fetchone()
    return TaskCounts(*row) if row else TaskCounts(0, 0, 0)


def mine_and_counts(actor: Actor, *, on: date, limit: int = 50) -> tuple[TaskPage, TaskCounts]:
    """
    The actor's own open tasks from the first on, and how many there are.

    They are counted by a statement of their own only where they do not fit onto the page.

    Raises:
        Forbidden: the actor may read no tasks.
    """
    page = my_tasks(actor, limit=limit)
    if page.more:
        return page, count_tasks(actor, on=on)
    days = [row.due_on for row in page.rows]
    return page, TaskCounts(len(days), sum(day < on for day in days), days.count(on))


@dataclass(frozen=True, slots=True)
class PracticeTaskRow:
    """An open task for the practice; `path` is the page where it is done."""

    task_id: UUID
    title: str
    kind: str
    owner_id: UUID
    owner_name: str
    due_on: date
    next_action: str
    path: str


def practice_tasks(actor: Actor, *, whose: Whose = "mine") -> list[PracticeTaskRow]:
    """
    Open tasks for the practice, those due first first, at most 200: the actor's own, or everybody's.

    Raises:
        Forbidden: the actor may read no tasks.
    """
    require(actor, "tasks.read")
    rows = PracticeTask.objects.filter(closed_at__isnull=True)
    if whose == "mine":
        rows = rows.filter(owner=actor.user_id)
    found = list(rows.order_by("due_on", "id")[:LONGEST_LIST])
    names = names_of_users({row.owner_id for row in found}) if found else {}
    return [
        PracticeTaskRow(
            task_id=row.pk,
            title=row.title,
            kind=row.kind,
            owner_id=row.owner_id,
            owner_name=names.get(row.owner_id, ""),
            due_on=row.due_on,
            next_action=row.next_action,
            path=row.path,
        )
        for row in found
    ]


def open_tasks(actor: Actor, patient_id: UUID) -> list[TaskRow]:
    """
    The open tasks of a patient, those due first first, at most 200; the reading is logged.

    Raises:
        Forbidden: the actor may read no tasks.
        NotFound: no such patient within reach.
    """
    return tasks_of(actor, open_record(actor, patient_id, "tasks.read", action="worklist.tasks_read"))


def tasks_of(actor: Actor, record: OpenRecord) -> list[TaskRow]:
    """The open tasks of an open record, those due first first, at most 200. Three statements."""
    require(actor, "tasks.read")
    rows = list(
        Task.objects.filter(patient__in=record.patient_ids, state="open").order_by("due_on", "id")[
            :LONGEST_LIST
        ]
    )
    if not rows:
        return []
    owning = {patient_id: _owner_ids(patient_id) for patient_id in {row.patient_id for row in rows}}
    names = names_of_users({row.owner_id for row in rows})
    return [_shown(row, record, names, owning[row.patient_id]) for row in rows]


def possible_owners(actor: Actor, patient_id: UUID) -> list[Owner]:
    """
    Who may be asked to do something for a patient, by name: everybody who works with tasks and reaches them.

    Raises:
        Forbidden: the actor may write no tasks.
        NotFound: no such patient within reach.
    """
    require_reach(actor, patient_id, "tasks.write")
    names = names_of_users(_owner_ids(patient_id))
    return sorted((Owner(*each) for each in names.items()), key=lambda owner: (owner.name, owner.user_id))


def get_task(actor: Actor, patient_id: UUID, task_id: UUID) -> TaskRow:
    """
    One open task; the reading is logged.

    Raises:
        Forbidden: the actor may read no tasks.
        NotFound: no such patient within reach, or no such open task of theirs.
    """
    record = open_record(actor, patient_id, "tasks.read", action="worklist.task_read")
    row = Task.objects.filter(patient=patient_id, pk=task_id, state="open").first()
    if row is None:
        raise NotFound("task")
    return _shown(row, record, names_of_users({row.owner_id}), _owner_ids(patient_id))


def may_own(user_id: UUID, patient_id: UUID) -> bool:
    """Whether this user works with tasks, is active, and reaches the patient (who must be within reach)."""
    return user_id in _owner_ids(patient_id)


def owners_of(patient_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who may be asked to do something for each patient, all of them within reach; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [list(patient_ids)])
        return {patient_id: frozenset(user_ids) for patient_id, user_ids in cursor.fetchall()}


def filed_before(patient_id: UUID, request_key: UUID) -> bool:
    """Whether a request has filed a task of a patient (who must be within reach), whatever became of it."""
    return Task.objects.filter(patient=patient_id, request_key=request_key).exists()


def _owner_ids(patient_id: UUID) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id FROM willow_task_owners(%s)", [patient_id])
        return {user_id for (user_id,) in cursor.fetchall()}


def _shown(row: Task, record: OpenRecord, names: dict[UUID, str], owning: set[UUID]) -> TaskRow:
    patient = record.patient
    return TaskRow(
        task_id=row.pk,
        patient_id=row.patient_id,
        patient_name=f"{patient.family}, {patient.given}" if patient.given else patient.family,
        title=row.title,
        kind=row.kind,
        detail=row.detail,
        owner_id=row.owner_id,
        owner_name=names.get(row.owner_id, ""),
        due_on=row.due_on,
        next_action=row.next_action,
        source_kind=row.source_kind,
        source_id=row.source_id,
        has_fallen=row.owner_id not in owning,
    )
