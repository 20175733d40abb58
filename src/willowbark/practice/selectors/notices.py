"""What somebody was told of their own sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from willowbark.foundation.authorisation import Actor
from willowbark.practice.core.notices import says
from willowbark.practice.models import Notice

MOST = 20


@dataclass(frozen=True, slots=True)
class Told:
    """One notice, in words."""

    text: str
    at: datetime
    is_new: bool


def notices(actor: Actor, *, only_new: bool = False) -> list[Told]:
    """What one was told, the newest first; at most 20."""
    rows = Notice.objects.filter(user_id=actor.user_id).order_by("-at", "-id")
    if only_new:
        rows = rows.filter(seen_at=None)
    return [Told(says(row.what, row.detail), row.at, row.seen_at is None) for row in rows[:MOST]]
