"""What became of every resource, counted so that it adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

#: The type under which an item is counted that does not say what it is.
UNREADABLE = "(unreadable)"


class Outcome(StrEnum):
    """What became of one resource. `DEFERRED` only while a run is under way."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    KEPT_CHANGED = "kept_changed"
    QUARANTINED = "quarantined"
    DEFERRED = "deferred"


class Tally:
    """Resource type -> outcome -> number."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        for type_, outcomes in (counts or {}).items():
            for outcome, number in outcomes.items():
                self.add(type_, Outcome(outcome), number)

    def add(self, type_: str, outcome: Outcome, number: int = 1) -> None:
        """Count `number` more; negative takes back."""
        self._counts[type_ or UNREADABLE, outcome] += number

    def move(self, type_: str, was: Outcome, now: Outcome) -> None:
        """One resource that counted as `was` counts as `now`."""
        self.add(type_, was, -1)
        self.add(type_, now)

    def number(self, *outcomes: Outcome, type_: str | None = None) -> int:
        """How many had one of the outcomes (any, when none is named), of one type or of all."""
        return sum(
            number
            for (each_type, outcome), number in self._counts.items()
            if type_ in (None, each_type) and (not outcomes or outcome in outcomes)
        )

    def types(self) -> list[str]:
        """The types that were read, by name."""
        return sorted({type_ for (type_, _), number in self._counts.items() if number})

    def as_json(self) -> dict[str, dict[str, int]]:
        """The form in which it is kept."""
        kept: dict[str, dict[str, int]] = {}
        for (type_, outcome), number in sorted(self._counts.items()):
            if number:
                kept.setdefault(type_, {})[outcome.value] = number
        return kept

    def __add__(self, other: Tally) -> Tally:
        made = Tally()
        made._counts = Counter(self._counts)
        made._counts.update(other._counts)
        return made


class Line(NamedTuple):
    """One line of a report: read = added + changed + unchanged + kept beside + quarantined + deferred."""

    resource_type: str
    read: int
    added: int
    changed: int
    unchanged: int
    kept_beside: int
    quarantined: int
    deferred: int

    @property
    def adds_up(self) -> bool:
        """Whether everything that was read is accounted for."""
        return self.read == sum(self[2:])

    @property
    def changes(self) -> int:
        """How much was written: what is equal to what is there is not."""
        return self.added + self.changed + self.kept_beside


def lines(tally: Tally) -> list[Line]:
    """A line for each type."""
    return [_line(tally, type_) for type_ in tally.types()]


def together(tally: Tally) -> Line:
    """The line under all others."""
    return _line(tally, None)


def _line(tally: Tally, type_: str | None) -> Line:
    return Line(
        type_ or "",
        tally.number(type_=type_),
        tally.number(Outcome.ADDED, type_=type_),
        tally.number(Outcome.CHANGED, type_=type_),
        tally.number(Outcome.UNCHANGED, type_=type_),
        tally.number(Outcome.KEPT, Outcome.KEPT_CHANGED, type_=type_),
        tally.number(Outcome.QUARANTINED, type_=type_),
        tally.number(Outcome.DEFERRED, type_=type_),
    )


def summed(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    total = Tally()
    for tally in tallies:
        total += tally
    return total
