"""Pages of the work list: tasks of one's own, of everybody, of a patient; one task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.patients.selectors import open_record
from willowbark.practice.pages import today_here
from willowbark.worklist import pages, selectors
from willowbark.worklist.events import TOPIC, TOPIC_OF_PATIENT
from willowbark.worklist.pages import TaskShown
from willowbark.worklist.selectors import Whose
from willowbark.worklist.services import (
    dismiss_task,
    file_task,
    finish_task,
    hand_over,
    reopen_task,
)

PAGE = 50
_DONE = {"filed": "The task is filed.", "given": "The task was handed over.", "finish": "Done."}


@endpoint("tasks.read")
def task_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Tasks of one's own, or of everybody within reach, overdue first."""
    target = request.headers.get("HX-Target")
    if target == "your-tasks":
        return _varied(HttpResponse(pages.your_tasks(request, actor, None)))
    whose: Whose = "everyone" if request.GET.get("whose") == "everyone" else "mine"
    after = request.GET.get("after", "")
    today = today_here()
    counts = None
    if whose == "everyone":
        found = selectors.my_tasks(actor, whose=whose, after=_place(after), limit=PAGE)
    elif after:
        found = selectors.my_tasks(actor, after=_place(after), limit=PAGE)
        counts = selectors.count_tasks(actor, on=today)
    else:
        found, counts = selectors.mine_and_counts(actor, on=today, limit=PAGE)
    url = reverse("tasks:list")
    asked = {"whose": whose} if whose == "everyone" else {}
    further = ""
    if found.more:
        last = found.rows[-1]
        place = cursors.write(last.due_on.isoformat(), last.task_id)
        further = f"{url}?{urlencode({**asked, 'after': place})}"
    first = f"{url}?{urlencode(asked)}" if asked else url
    page = pages.TaskList(
        groups=pages.grouped(pages.shown(found.rows, actor, today), today),
        of_practice=() if after else tuple(selectors.practice_tasks(actor, whose=whose)),
        filters=(
            pages.Filter(url, "Mine", (counts.open or None) if counts else None, whose == "mine"),
            pages.Filter(f"{url}?whose=everyone", "Everybody's", None, whose == "everyone"),
        ),
        is_everyones=whose == "everyone",
        counts=counts,
        here_url=f"{url}?{urlencode({**asked, 'after': after})}" if after else first,
        first_url=first if after else "",
        further_url=further,
        may_change=allows(actor, "tasks.write"),
    )
    context = {
        "page": page,
        "page_task_kind": "tasks",
        "page_live_topics": TOPIC,
        "messages": _said(request),
    }
    fragment = "#tasks" if target == "tasks" else ""
    return _varied(render(request, f"worklist/list.html{fragment}", context))


@dataclass(frozen=True, slots=True)
class PatientTasks:
    """The page of a patient's tasks, with the form to file one."""

    patient_id: UUID
    name: str
    tasks: tuple[TaskShown, ...]
    owners: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    may_change: bool


@endpoint("tasks.read")
def of_patient(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """A patient's open tasks, and a form to file one."""
    if request.headers.get("HX-Target") == "patient-tasks":
        return _varied(HttpResponse(pages.of_patient(request, actor, patient_id)))
    return _of_patient(request, actor, patient_id)


@endpoint("tasks.write", methods=("POST",))
def file(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """File a task."""
    names = ("title", "kind", "owner_id", "due_on", "next_action", "detail", "request_key")
    values = {name: request.POST.get(name, "") for name in names}
    request_key = uuid_of(values["request_key"])
    try:
        file_task(
            actor=actor,
            patient_id=patient_id,
            title=values["title"],
            kind=values["kind"],
            owner_id=_chosen(values["owner_id"]),
            due_on=_day(values["due_on"]),
            next_action=values["next_action"],
            detail=values["detail"],
            request_key=request_key,
        )
    except Invalid as error:
        return _of_patient(request, actor, patient_id, values=values, errors={error.field: str(error)})
    return redirect(f"{reverse('tasks:of_patient', args=[patient_id])}?done=filed")


@dataclass(frozen=True, slots=True)
class TaskPage:
    """The page of one open task."""

    task: TaskShown
    owners: tuple[Choice, ...]
    reason: str
    errors: Mapping[str, str]
    may_change: bool


@endpoint("tasks.read")
def task(request: HttpRequest, actor: Actor, patient_id: UUID, task_id: UUID) -> HttpResponse:
    """One open task: whole, to be done, handed over or dismissed."""
    return _task(request, actor, patient_id, task_id)


@endpoint("tasks.write", methods=("POST",))
def finish(request: HttpRequest, actor: Actor, patient_id: UUID, task_id: UUID) -> HttpResponse:
    """Say that a task is done; that can be taken back."""
    finish_task(actor=actor, patient_id=patient_id, task_id=task_id)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('tasks:list')}?done=finish")
    undo = reverse("tasks:reopen", args=[patient_id, task_id])
    said = {"willow:toast": {"text": "Done.", "undo_url": undo}, "willow:tasks-changed": {}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(said)})


@endpoint("tasks.write", methods=("POST",))
def dismiss(request: HttpRequest, actor: Actor, patient_id: UUID, task_id: UUID) -> HttpResponse:
    """Say why a task need not be done."""
    reason = request.POST.get("reason", "")
    try:
        dismiss_task(actor=actor, patient_id=patient_id, task_id=task_id, reason=reason)
    except Invalid as error:
        return _task(request, actor, patient_id, task_id, reason=reason, errors={"reason": str(error)})
    return redirect(reverse("tasks:list"))


@endpoint("tasks.write", methods=("POST",))
def reopen(request: HttpRequest, actor: Actor, patient_id: UUID, task_id: UUID) -> HttpResponse:
    """Take back that a task was closed."""
    reopen_task(actor=actor, patient_id=patient_id, task_id=task_id)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@endpoint("tasks.write", methods=("POST",))
def give(request: HttpRequest, actor: Actor, patient_id: UUID, task_id: UUID) -> HttpResponse:
    """Give a task to somebody else."""
    try:
        owner_id = _chosen(request.POST.get("owner_id", ""))
        hand_over(actor=actor, patient_id=patient_id, task_id=task_id, owner_id=owner_id)
    except Conflict:
        # Somebody closed it meanwhile: the list shows it.
        return redirect("tasks:list")
    except Invalid as error:
        return _task(request, actor, patient_id, task_id, errors={"owner_id": str(error)})
    return redirect(f"{reverse('tasks:list')}?done=given")


def _of_patient(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    record = open_record(actor, patient_id, "tasks.read", action="worklist.tasks_read")
    may_change = allows(actor, "tasks.write")
    today = today_here()
    usual = {
        "owner_id": str(actor.user_id),
        "due_on": (today + timedelta(days=pages.USUAL_DAYS)).isoformat(),
        "kind": "follow_up",
        "request_key": str(uuid7()),
    }
    typed = {**usual, **(values or {})}
    page = PatientTasks(
        patient_id=patient_id,
        name=f"{record.patient.given} {record.patient.family}".strip(),
        tasks=pages.shown(selectors.tasks_of(actor, record), actor, today),
        owners=pages.owner_choices(actor, patient_id, typed["owner_id"]) if may_change else (),
        kinds=pages.kind_choices(typed["kind"]),
        values=typed,
        errors=errors or {},
        may_change=may_change,
    )
    context = {
        "page": page,
        "page_task_kind": "tasks",
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{TOPIC_OF_PATIENT}:{patient_id}",
        "messages": [] if errors else _said(request),
    }
    return _varied(render(request, "worklist/of_patient.html", context, status=422 if errors else 200))


def _task(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    task_id: UUID,
    *,
    reason: str = "",
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    row = selectors.get_task(actor, patient_id, task_id)
    (one,) = pages.shown([row], actor, today_here())
    may_change = allows(actor, "tasks.write")
    page = TaskPage(
        task=one,
        owners=pages.owner_choices(actor, patient_id, str(row.owner_id)) if may_change else (),
        reason=reason,
        errors=errors or {},
        may_change=may_change,
    )
    context: dict[str, Any] = {"page": page, "page_task_kind": "tasks", "page_patient_id": str(patient_id)}
    return render(request, "worklist/task.html", context, status=422 if errors else 200)


def _place(cursor: str) -> tuple[date, UUID] | None:
    found = cursors.read_text(cursor)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[0]), found[1]
    except ValueError as error:
        raise Invalid("That place in the list does not exist.") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Say by which day.", field="due_on") from error


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("Choose who is to do it.", field="owner_id") from error


def _said(request: HttpRequest) -> list[str]:
    done = _DONE.get(request.GET.get("done", ""), "")
    return [done] if done else []


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response
