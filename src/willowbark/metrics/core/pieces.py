"""What a figure is made of: one piece for each counted fact, and the days that they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Piece:
    """
    One counted fact.

    Attributes:
        source_id: the signed protocol or the dispensing, of this patient.
        began_at: where the measured span begins; None where nothing is measured over a span.
        at: when the fact happened.
        day: that moment's date by the calendar of the site.
        amount: in the metric's unit, 0 or more.
    """

    metric: str
    site_id: UUID
    practitioner_id: UUID
    patient_id: UUID
    source_id: UUID
    began_at: datetime | None
    at: datetime
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a metric at a site: of one practitioner, or for None of all together."""

    metric: str
    site_id: UUID
    practitioner_id: UUID | None
    day: date


@dataclass(frozen=True, slots=True)
class Sum:
    """How many facts, and what they add up to."""

    count: int
    total: int

    def __add__(self, other: Sum) -> Sum:
        """Both together."""
        return Sum(self.count + other.count, self.total + other.total)

    @property
    def mean(self) -> float | None:
        """The amount of one fact; None without facts."""
        return self.total / self.count if self.count else None

    @property
    def per_cent(self) -> int:
        """The share of facts that count as one, in whole per cent, halves to even; 0 without facts."""
        return round(100 * self.total / self.count) if self.count else 0


NOTHING = Sum(0, 0)


def day_at(at: datetime, time_zone: str) -> date:
    """The date of a moment by the calendar of a place."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def cells_of(piece: Piece) -> tuple[Cell, Cell]:
    """The two days that a piece counts in: the practitioner's own, and everybody's."""
    return (
        Cell(piece.metric, piece.site_id, piece.practitioner_id, piece.day),
        Cell(piece.metric, piece.site_id, None, piece.day),
    )


def differences(before: Piece | None, after: Piece | None) -> dict[Cell, Sum]:
    """What changes in which days when a piece is otherwise; days that stay as they are, left out."""
    changes: dict[Cell, Sum] = {}
    for piece, sign in ((before, -1), (after, 1)):
        if piece is None:
            continue
        for cell in cells_of(piece):
            changes[cell] = changes.get(cell, NOTHING) + Sum(sign, sign * piece.amount)
    return {cell: change for cell, change in changes.items() if change != NOTHING}


def days_of(pieces: Iterable[Piece]) -> dict[Cell, Sum]:
    """The days that pieces add up to, counted from nothing."""
    days: dict[Cell, Sum] = {}
    for piece in pieces:
        for cell in cells_of(piece):
            days[cell] = days.get(cell, NOTHING) + Sum(1, piece.amount)
    return days
