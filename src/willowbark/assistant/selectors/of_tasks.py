"""What somebody still has to do for a patient, as the facts of a brief."""

from __future__ import annotations

from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import Task
from willowbark.foundation.authorisation import Actor, allows
from willowbark.patients.selectors import OpenRecord
from willowbark.worklist.selectors import tasks_of


def tasks(actor: Actor, record: OpenRecord) -> tuple[Task, ...]:
    """The open tasks of an open record; none for who may read none."""
    if not allows(actor, "tasks.read"):
        return ()
    return tuple(
        Task(
            Source("task", row.patient_id, row.task_id),
            row.title,
            "you" if row.owner_id == actor.user_id else row.owner_name,
            row.due_on,
            row.next_action,
        )
        for row in tasks_of(actor, record)
    )
