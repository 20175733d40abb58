"""The addresses of assistant."""

from __future__ import annotations

from .call import Call

CALLS: tuple[Call, ...] = ()
