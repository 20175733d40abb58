"""The addresses of catalog."""

from __future__ import annotations

from .call import Call

CALLS: tuple[Call, ...] = ()
