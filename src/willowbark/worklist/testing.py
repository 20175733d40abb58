"""Tasks, for the tests of every business above."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.worklist.services import file_task

DUE = date(2026, 12, 1)


def make_task(actor: Actor, patient_id: UUID, *, owner: Actor | None = None, **said: Any) -> UUID:
    """Have `actor` ask somebody, themselves unless said otherwise, to do something; the task's id."""
    told: dict[str, Any] = {
        "title": "Ask how it goes",
        "kind": "follow_up",
        "due_on": DUE,
        "next_action": "Telephone",
        "request_key": uuid7(),
    }
    with acting_as(actor):
        return file_task(
            actor=actor, patient_id=patient_id, owner_id=(owner or actor).user_id, **(told | said)
        )
