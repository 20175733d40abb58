"""Versions of a Master Protocol: which is in force, and what a new one begins with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from willowbark.kernel.errors import Invalid
from willowbark.protocols.core.master_sections import SECTIONS

OWN = "the practice's own"
LONGEST_NOTE = 500
LATEST_START = timedelta(days=365)
_NOT_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a version stands: its number, how it is kept, and from when on it counts."""

    number: int
    state: str
    effective_on: date | None


def standing_of(one: Stage, others: Iterable[Stage], *, on: date) -> str:
    """
    'draft', 'waiting', 'discarded', 'coming' (approved for a later day), 'in_force' or 'superseded'.

    In force is, of those approved whose day has come, the one with the latest day, then the highest number.
    """
    if one.state != "approved" or one.effective_on is None:
        return one.state
    if one.effective_on > on:
        return "coming"
    counting = [
        (each.effective_on, each.number)
        for each in others
        if each.state == "approved" and each.effective_on is not None and each.effective_on <= on
    ]
    return "in_force" if (one.effective_on, one.number) >= max(counting) else "superseded"


def key_of_title(title: str) -> str:
    """
    A key made of a title: small letters, digits and _.

    Raises:
        Invalid: nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    key = _NOT_KEY.sub("_", plain).strip("_")[:60].rstrip("_")
    if len(key) < 3:
        raise Invalid("A title of at least three letters.", field="title")
    return key


def blank(key: str, title: str) -> dict[str, Any]:
    """The document of a protocol that says nothing yet."""
    return {
        "key": key,
        "version": 1,
        "title": title,
        "summary": "",
        "status": OWN,
        "reviewed_on": "2000-01-01",
        "from_age_years": 18,
        **{section: [] for section in SECTIONS},
    }


def approved_document(document: Mapping[str, Any], *, number: int, on: date) -> dict[str, Any]:
    """The document as it is approved: with its number and the day."""
    return {**document, "version": number, "status": OWN, "reviewed_on": on.isoformat()}


def checked_note(note: str) -> str:
    """
    What is new in a version and why, trimmed.

    Raises:
        Invalid: nothing, or more than 500 characters.
    """
    words = note.strip()
    if not words or len(words) > LONGEST_NOTE:
        raise Invalid(f"Say what is new and why, in at most {LONGEST_NOTE} characters.", field="note")
    return words


def checked_day(asked: date | None, *, today: date, not_before: date | None) -> date:
    """
    From when on a version counts: today when nothing is asked.

    Raises:
        Invalid: before today, more than a year ahead, or before the version that was approved last.
    """
    day = asked or max(today, not_before or today)
    if not today <= day <= today + LATEST_START:
        raise Invalid("It counts from today on, or from a day within a year.", field="effective_on")
    if not_before is not None and day < not_before:
        raise Invalid(f"The version before counts from {not_before:%Y-%m-%d} on.", field="effective_on")
    return day
