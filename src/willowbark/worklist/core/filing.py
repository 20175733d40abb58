"""What a task says when it is filed, and whether it may."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willowbark.kernel.errors import Invalid

LONGEST = {"title": 200, "detail": 2000, "next_action": 200}
LONGEST_REASON = 300
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 12, 31)
# Tasks that only what made them necessary closes; nobody says by hand that they are done.
CLOSED_BY_SOURCE = frozenset({"break_glass_review", "recall"})
# Somebody may take, at this moment, what they should not.
SAFETY_KINDS = frozenset({"recheck", "recall"})
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """
    A task as it is filed.

    `kind` and `source_kind` are short codes such as `monitoring` and `protocol`; `source_id` is what made
    the task necessary, None (with '') when a person thought of it. `next_action` is the first thing to do.
    """

    title: str
    kind: str
    owner_id: UUID
    due_on: date
    next_action: str
    detail: str = ""
    source_kind: str = ""
    source_id: UUID | None = None


def checked(task: NewTask) -> NewTask:
    """
    The task with its texts trimmed, when it may be filed.

    Raises:
        Invalid: naming the field that is empty, too long, no code, or a day before 2000 or after 2200.
    """
    texts = {name: getattr(task, name).strip() for name in LONGEST}
    for name, words in texts.items():
        if not words and name != "detail":
            asked = "what is to be done" if name == "title" else "the first thing to do"
            raise Invalid(f"Say {asked}.", field=name)
        if len(words) > LONGEST[name] or "\0" in words:
            raise Invalid(f"At most {LONGEST[name]:,} characters, none of them NUL.", field=name)
    if not _CODE.fullmatch(task.kind):
        raise Invalid("A kind is a short code such as monitoring.", field="kind")
    if bool(task.source_kind) != (task.source_id is not None) or (
        task.source_kind and not _CODE.fullmatch(task.source_kind)
    ):
        raise Invalid("A source is a short code and an id, or neither.", field="source_kind")
    if task.kind in CLOSED_BY_SOURCE and task.source_id is None:
        raise Invalid("Such a task is filed by itself.", field="kind")
    if not EARLIEST <= task.due_on <= LATEST:
        raise Invalid("That day is out of reach.", field="due_on")
    return dataclasses.replace(task, **texts)


def checked_reason(reason: str) -> str:
    """
    Why a task is dismissed, trimmed.

    Raises:
        Invalid: none given, or more than 300 characters.
    """
    words = reason.strip()
    if not words:
        raise Invalid("Say why it need not be done.", field="reason")
    if len(words) > LONGEST_REASON or "\0" in words:
        raise Invalid(f"At most {LONGEST_REASON} characters, none of them NUL.", field="reason")
    return words


def digest_of(task: NewTask) -> bytes:
    """A SHA-256 over everything that a task says: tells a repeated request from another one."""
    return hashlib.sha256(repr(sorted(dataclasses.asdict(task).items())).encode()).digest()
