"""One option of a select."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What is sent, what is read, and whether it is the chosen one."""

    value: str
    label: str
    is_selected: bool
