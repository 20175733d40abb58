"""What time it is: asked of one place, so that a demo or a test can say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Callable[[], datetime]] = ContextVar("clock_source", default=_system)


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _source.get()()


@contextlib.contextmanager
def using(source: Callable[[], datetime]) -> Iterator[None]:
    """Tell the time from `source` within the block (this thread's context only)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@contextlib.contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Hold the clock at one aware instant within the block."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset from UTC")
    with using(lambda: instant):
        yield
