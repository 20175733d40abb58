"""The addresses of worklist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from willowbark.foundation.ids import uuid7

from ..world import CHART_READERS, OWNER, World
from .call import Call, page

TASK_HOLDERS = CHART_READERS | OWNER


def of_task(name: str, method: str, **said: Any) -> Call:
    """An address of one open task: what closes one is given a new one."""

    def path(world: World, patient: UUID) -> str:
        task = world.tasks.get(patient, uuid7()) if method == "GET" else world.new_task(patient)
        return reverse(f"tasks:{name}", args=[patient, task])

    return Call(
        f"tasks:{name}",
        method,
        TASK_HOLDERS,
        path,
        lambda world, patient: {
            key: value(world) if callable(value) else value for key, value in said.items()
        },
        of_patient=True,
    )


def new_task(world: World, patient: UUID) -> dict[str, str]:
    return {
        "title": "Ask how it goes",
        "kind": "call",
        "owner_id": str(world.practice.everywhere.user_id),
        "due_on": "2026-12-01",
        "next_action": "Telephone",
        "detail": "",
        "request_key": str(uuid7()),
    }


CALLS: tuple[Call, ...] = (
    page("tasks:list", TASK_HOLDERS),
    Call(
        "tasks:of_patient",
        "GET",
        TASK_HOLDERS,
        lambda world, patient: reverse("tasks:of_patient", args=[patient]),
        of_patient=True,
    ),
    Call(
        "tasks:file",
        "POST",
        TASK_HOLDERS,
        lambda world, patient: reverse("tasks:file", args=[patient]),
        new_task,
        of_patient=True,
    ),
    of_task("task", "GET"),
    of_task("finish", "POST"),
    of_task("dismiss", "POST", reason="It has settled"),
    of_task("reopen", "POST"),
    of_task("hand_over", "POST", owner_id=lambda world: str(world.practice.everywhere.user_id)),
)
# Who reaches Ben: those who hold the permission everywhere.
REACHES_BEN = dict.fromkeys((call.name for call in CALLS if call.of_patient), OWNER)
