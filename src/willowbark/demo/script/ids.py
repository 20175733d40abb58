"""
Ids that follow from the script alone.

Every event has an id, made of the seed, of what it belongs to and of a count. The row that it makes has
that id; what else its row's writing needs takes the ids that follow from it. So both players, and every
build of the same script, give a row the same id.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from willowbark.foundation.ids import from_parts, milliseconds_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _tail(*parts: object) -> int:
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


class IdMaker:
    """The ids of one part of a script, such as one patient's history."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._count = 0

    def next(self, at: datetime) -> UUID:
        """The next id, of version 7, in the order of `at` (aware)."""
        self._count += 1
        milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
        return from_parts(
            milliseconds=milliseconds, fraction=0, tail=_tail(self._scope, self._count, milliseconds)
        )


def nth(first: UUID, count: int) -> UUID:
    """The id that is `count` after an event's own; `nth(x, 0)` is `x`. `count` is below 4096."""
    if count == 0:
        return first
    return from_parts(milliseconds=milliseconds_of(first), fraction=count, tail=_tail(first, count))


def source(first: UUID) -> Callable[[], UUID]:
    """A source of ids for what one event does: its own first, then those that follow from it."""
    count = -1

    def following() -> UUID:
        nonlocal count
        count += 1
        return nth(first, count)

    return following
