"""Identifiers: UUID version 7 (RFC 9562), made in Python, in the order of the clock."""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from uuid import UUID

IdSource = Callable[[], UUID]

_VERSION_AND_VARIANT = (0x7 << 76) | (0x2 << 62)
_lock = threading.Lock()
_last_tick = 0


def _next_tick() -> int:
    """A 60-bit tick (milliseconds, then 12 bits of fraction) that never repeats in this process."""
    global _last_tick
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    tick = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        _last_tick = tick = max(tick, _last_tick + 1)
    return tick


def from_parts(*, milliseconds: int, fraction: int, tail: int) -> UUID:
    """Build a version 7 UUID from Unix milliseconds, 12 bits of order within them and 62 more bits."""
    head = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | (fraction & 0xFFF) << 64
    return UUID(int=head | _VERSION_AND_VARIANT | (tail & ((1 << 62) - 1)))


def milliseconds_of(identifier: UUID) -> int:
    """The Unix milliseconds at which a version 7 UUID was made."""
    return identifier.int >> 80


def _from_clock() -> UUID:
    tick = _next_tick()
    return from_parts(
        milliseconds=tick >> 12, fraction=tick & 0xFFF, tail=int.from_bytes(os.urandom(8), "big")
    )


def seeded(seed: int, *, start_milliseconds: int) -> IdSource:
    """An endless, reproducible source: the same seed and start give the same ids in the same order."""
    noise = random.Random(seed)  # noqa: S311 reproducible on purpose, never for secrets
    count = start_milliseconds << 12

    def source() -> UUID:
        nonlocal count
        count += 1
        return from_parts(milliseconds=count >> 12, fraction=count & 0xFFF, tail=noise.getrandbits(62))

    return source


_source: ContextVar[IdSource] = ContextVar("id_source", default=_from_clock)


def uuid7() -> UUID:
    """The next id, from the source in use."""
    return _source.get()()


@contextlib.contextmanager
def using(source: IdSource) -> Iterator[None]:
    """Make ids from `source` within the block (this thread's context only)."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
