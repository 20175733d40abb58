"""What the doctor says about one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["well", "look", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing looked at.

    Attributes:
        verdict: 'look' is for a person to know; only 'wrong' makes an installation unhealthy.
        message: what was found, and, when it is wrong, what to do about it.
        mend: puts it right, safely and without losing anything; None when only a person can.
    """

    subject: str
    verdict: Verdict
    message: str
    mend: Callable[[], None] | None = None


def well(subject: str, message: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, "well", message)


def look(subject: str, message: str) -> Finding:
    """Nothing is broken; somebody should know."""
    return Finding(subject, "look", message)


def wrong(subject: str, message: str, mend: Callable[[], None] | None = None) -> Finding:
    """Something is broken."""
    return Finding(subject, "wrong", message, mend)
