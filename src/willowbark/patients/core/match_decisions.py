"""Which row stands for two people who are one, and what linking them moves: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DECISIONS = {"link": "linked", "apart": "apart"}
MOST_REASON = 300


@dataclass(frozen=True, slots=True)
class Move:
    """A row whose link changes: from the row that stood for it (None: itself) to the one that does now."""

    row: UUID
    before: UUID | None


def standing_of(recorded_at: Mapping[UUID, datetime]) -> UUID:
    """Return which of the rows stands for all: the one recorded first, of two at once the smaller id."""
    return min(recorded_at, key=lambda row: (recorded_at[row], row))


def moves_of(stands: Mapping[UUID, UUID], *, to: UUID) -> tuple[Move, ...]:
    """
    Return the rows that must be linked anew so that `to` stands for everybody, in the order of their ids.

    `stands` maps each row to the row that stands for it, itself for one that nobody stands for. Every row is
    linked to `to` itself: no link ever leads to a row that is linked.
    """
    return tuple(
        Move(row, None if stands[row] == row else stands[row])
        for row in sorted(stands)
        if row != to and stands[row] != to
    )


def as_json(moves: Iterable[Move]) -> list[list[str | None]]:
    """Return moves as plain values for JSON: [row, what stood for it before or null]."""
    return [[str(move.row), str(move.before) if move.before else None] for move in moves]


def from_json(kept: Iterable[Iterable[str | None]]) -> tuple[Move, ...]:
    """Return the moves that `as_json` wrote."""
    return tuple(
        Move(UUID(str(row)), UUID(before) if before else None) for row, before in (tuple(one) for one in kept)
    )
