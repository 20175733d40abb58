"""The addresses of worklist."""

from __future__ import annotations

from .call import Call

CALLS: tuple[Call, ...] = ()
