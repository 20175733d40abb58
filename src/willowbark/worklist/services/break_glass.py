"""What is asked and told when somebody broke the glass."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction

from willowbark.foundation.authorisation import Actor
from willowbark.patients.selectors import (
    concerned,
    possible_reviewers,
    read_glass,
)
from willowbark.practice.selectors import organisation
from willowbark.worklist.selectors import may_own
from willowbark.worklist.services.filing import file_task


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
    ask = partial(
        file_task,
        actor=actor,
        patient_id=patient_id,
        source_kind="break_glass",
        source_id=glass_id,
        detail=f"{glass.reason_words}: {glass.reason}",
    )
    reviewers = possible_reviewers(actor, patient_id, glass_id)
    reviewer = next((user_id for user_id in reviewers if may_own(user_id, patient_id)), None)
    if reviewer is not None:
        ask(
            title=f"Review: {glass.by_name} broke the glass",
            kind="break_glass_review",
            owner_id=reviewer,
            next_action="Look at what was opened, and say whether it was justified",
            due_on=due_on,
            request_key=uuid5(glass_id, "review"),
        )
    for user_id in concerned(actor, glass):
        if user_id != reviewer and may_own(user_id, patient_id):
            ask(
                title=f"{glass.by_name} opened this record by break-glass",
                kind="break_glass_notice",
                owner_id=user_id,
                next_action="Read why; if it seems wrong, tell who reviews it",
                due_on=due_on + timedelta(days=4),
                request_key=uuid5(glass_id, str(user_id)),
            )
