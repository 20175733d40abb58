"""The addresses of command center."""

from __future__ import annotations

from .call import Call

CALLS: tuple[Call, ...] = ()
