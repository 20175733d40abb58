"""Ask in the work list for what the library needs: a version approved, a protocol looked at again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.urls import reverse

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.practice.selectors import granted
from willowbark.protocols.selectors.library import today
from willowbark.protocols.selectors.versions import every_master
from willowbark.worklist.services import file_practice_task, finish_practice_tasks_of

REVIEW, APPROVAL = "library_review", "library_approval"
APPROVED_WITHIN = timedelta(days=7)
# A task has a key made of what it asks for, so none is filed twice.
_TASKS = UUID("f1b0f1f0-0d5a-4f0e-8a7f-6f0a5f0f6a77")


@transaction.atomic
def ask_for_due_reviews(*, actor: Actor) -> int:
    """
    File a task for each Master Protocol that is due for review; returns how many were not filed before.

    It is asked of who looked at it last, as long as they approve, else of the first who does. Where nobody
    approves, none is filed, and the library says what is due.

    Raises:
        Forbidden: the actor reads no library, or files no tasks.
    """
    filed = 0
    for view in every_master(actor):
        if not view.is_review_due or view.review_due_on is None:
            continue
        owner = _owner(actor, first=view.reviewed_by)
        if owner is None:
            continue
        task = file_practice_task(
            actor=actor,
            title=f"Review: {view.title}"[:200],
            kind=REVIEW,
            owner_id=owner,
            due_on=view.review_due_on,
            next_action="Read it again: is it still right? Say so, or write the next version.",
            path=reverse("protocols:master", args=[view.key]),
            source_id=source_of(view.key),
            request_key=uuid5(_TASKS, f"{REVIEW}/{view.key}/{view.review_due_on}"),
        )
        filed += task is not None
    return filed


def ask_for_approval(
    *, actor: Actor, key: str, title: str, number: int, version_id: UUID, wrote: Collection[UUID]
) -> None:
    """File a task for a version that waits: for the first who approves and did not write, within 7 days."""
    owner = _owner(actor, but=wrote)
    if owner is None:
        return
    file_practice_task(
        actor=actor,
        title=f"Approve: {title}, version {number}"[:200],
        kind=APPROVAL,
        owner_id=owner,
        due_on=today() + APPROVED_WITHIN,
        next_action="Look at what is new, then approve it or say what is missing.",
        path=reverse("protocols:master_version", args=[key, number]),
        source_id=version_id,
        request_key=uuid7(),
    )


def review_is_made(*, actor: Actor, key: str) -> None:
    """A Master Protocol was looked at, or is composed no more: nobody is asked any longer."""
    finish_practice_tasks_of(actor=actor, kind=REVIEW, source_id=source_of(key))


def approval_is_decided(*, actor: Actor, version_id: UUID) -> None:
    """A version was approved, taken back or dropped: nobody is asked any longer."""
    finish_practice_tasks_of(actor=actor, kind=APPROVAL, source_id=version_id)


def source_of(key: str) -> UUID:
    """What a task about a Master Protocol comes from: an id that follows from its key."""
    return uuid5(_TASKS, key)


def _owner(actor: Actor, *, first: UUID | None = None, but: Collection[UUID] = ()) -> UUID | None:
    """Whom to ask: `first` when they approve, else the first by name who does and is none of `but`."""
    able = [each.user_id for each in granted(actor, "protocols.approve") if each.user_id not in but]
    return first if first in able else next(iter(able), None)
