"""What the pages and panels of the work list show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.patients.selectors import opened_record
from willowbark.practice.pages import today_here
from willowbark.worklist import selectors
from willowbark.worklist.core.filing import CLOSED_BY_SOURCE, SAFETY_KINDS
from willowbark.worklist.events import TOPIC, TOPIC_OF_PATIENT
from willowbark.worklist.selectors import PracticeTaskRow, TaskCounts, TaskRow

ON_THE_DAY = 6
USUAL_DAYS = 7
KINDS = {
    "follow_up": "Follow-up",
    "call": "Call",
    "monitoring": "Monitoring",
    "review": "Review",
    "other": "Other",
}
# Filed by themselves, so that nobody is offered them.
OWN_KINDS = {"break_glass_review": "Review", "break_glass_notice": "To know", "recheck": "Looked at again"}


@dataclass(frozen=True, slots=True)
class TaskShown:
    """A task as a list shows it; `story_url` is where one reads what made it necessary, '' for nowhere."""

    row: TaskRow
    kind_text: str
    is_overdue: bool
    is_mine: bool
    closes_by_itself: bool
    story_url: str
    story_label: str


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks under one heading."""

    title: str
    tasks: tuple[TaskShown, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of whose tasks to see."""

    url: str
    label: str
    count: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class TaskList:
    """The page of tasks; `counts` are of one's own, None where others' are shown."""

    groups: tuple[Group, ...]
    of_practice: tuple[PracticeTaskRow, ...]
    filters: tuple[Filter, ...]
    is_everyones: bool
    counts: TaskCounts | None
    here_url: str
    first_url: str
    further_url: str
    may_change: bool


def shown(rows: Iterable[TaskRow], actor: Actor, today: date) -> tuple[TaskShown, ...]:
    """Rows as a list shows them on this day, to this person."""
    return tuple(_shown(row, actor, today) for row in rows)


def _shown(row: TaskRow, actor: Actor, today: date) -> TaskShown:
    url, label = selectors.story_of(actor, row) or ("", "")
    return TaskShown(
        row=row,
        kind_text=kind_text(row.kind),
        is_overdue=row.due_on < today,
        is_mine=row.owner_id == actor.user_id,
        closes_by_itself=row.kind in CLOSED_BY_SOURCE,
        story_url=url,
        story_label=label,
    )


def kind_text(kind: str) -> str:
    """What a person calls a kind of task."""
    return (KINDS | OWN_KINDS).get(kind, kind.replace("_", " ").capitalize())


def grouped(tasks: Iterable[TaskShown], today: date) -> tuple[Group, ...]:
    """Tasks by when they are due: overdue, today, within a week, later; without empty groups."""
    kept: dict[str, list[TaskShown]] = {"Overdue": [], "Today": [], "Within a week": [], "Later": []}
    for task in tasks:
        kept[_when(task.row.due_on, today)].append(task)
    return tuple(Group(title, tuple(found)) for title, found in kept.items() if found)


def _when(due_on: date, today: date) -> str:
    if due_on <= today:
        return "Today" if due_on == today else "Overdue"
    return "Within a week" if due_on <= today + timedelta(days=USUAL_DAYS) else "Later"


def owner_choices(actor: Actor, patient_id: UUID, chosen: str) -> tuple[Choice, ...]:
    """Whom one may ask, with the one who is chosen."""
    return tuple(
        Choice(str(owner.user_id), owner.name, str(owner.user_id) == chosen)
        for owner in selectors.possible_owners(actor, patient_id)
    )


def kind_choices(chosen: str) -> tuple[Choice, ...]:
    """The kinds of task that a person may file."""
    return tuple(Choice(code, label, code == chosen) for code, label in KINDS.items())


def your_tasks(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The person's own tasks on the day sheet: those due first, and of them those about safety."""
    today = today_here()
    page, counts = selectors.mine_and_counts(actor, on=today)
    first = sorted(page.rows, key=lambda row: _rank(row, today))[:ON_THE_DAY]
    context = {
        "tasks": shown(first, actor, today),
        "counts": counts,
        "more": counts.open - len(first),
        "topics": TOPIC,
        "may_change": allows(actor, "tasks.write"),
    }
    return render_to_string("worklist/panels/your_tasks.html", context, request)


def _rank(row: TaskRow, today: date) -> tuple[bool, bool, date]:
    """What is due comes first, and of that what somebody may be harmed by."""
    return row.due_on > today, row.kind not in SAFETY_KINDS, row.due_on


def of_patient(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """A patient's open tasks, in the chart."""
    if patient_id is None:
        raise ValueError("the chart is of a patient")
    record = opened_record(actor, patient_id, "tasks.read", action="worklist.tasks_read")
    context = {
        "tasks": shown(selectors.tasks_of(actor, record), actor, today_here()),
        "patient_id": patient_id,
        "topics": f"{TOPIC_OF_PATIENT}:{patient_id}",
        "may_change": allows(actor, "tasks.write"),
    }
    return render_to_string("worklist/panels/of_patient.html", context, request)
