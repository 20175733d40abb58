"""Collect what happens to one patient, sitting by sitting."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from willowbark.record.core.entries import Entry

from .events import SYSTEM, AddEntry, Event, Occasion, ReceiveEntry, VoidEntry
from .ids import IdMaker

BY_HAND = timedelta(seconds=7)
BY_MACHINE = timedelta(milliseconds=2)


class Sitting:
    """What one person, or another system, writes in one go; `every` lies between two things."""

    def __init__(self, maker: IdMaker, patient_id: UUID, at: datetime, every: timedelta) -> None:
        self._maker = maker
        self._patient_id = patient_id
        self._at = at
        self._every = every
        self.events: list[Event] = []

    def happens(self, kind: type[Event], /, *, of_patient: bool = True, **what: Any) -> UUID:
        """Something happens now; returns the event's id."""
        at = self._at + len(self.events) * self._every
        if of_patient:
            what["patient_id"] = self._patient_id
        event = kind(id=self._maker.next(at), at=at, **what)
        self.events.append(event)
        return event.id

    def add(self, entry: Entry) -> UUID:
        """Write an entry; returns its id."""
        return self.happens(AddEntry, entry=entry)

    def receive(self, entry: Entry) -> UUID:
        """Take an entry over from another system, under a key and a digest of its own; returns its id."""
        at = self._at + len(self.events) * self._every
        made = self._maker.next(at)
        digest = made.bytes + made.bytes[::-1]
        received = dataclasses.replace(entry, source_kind="import", source_key=made, source_digest=digest)
        self.events.append(ReceiveEntry(id=made, at=at, patient_id=self._patient_id, entry=received))
        return made

    def void(self, kind: str, entry_id: UUID, reason: str) -> None:
        """Take an entry back."""
        self.happens(VoidEntry, kind=kind, entry_id=entry_id, reason=reason)


class Chart:
    """One patient's occasions, as they are written."""

    def __init__(self, scope: str, born_as: datetime) -> None:
        self._maker = IdMaker(scope)
        self.patient_id = self._maker.next(born_as)
        self.occasions: list[Occasion] = []

    @contextmanager
    def sitting(self, by: str, at: datetime) -> Iterator[Sitting]:
        """A sitting of someone that begins at an instant; it is kept when anything happened in it."""
        sitting = Sitting(self._maker, self.patient_id, at, BY_MACHINE if by == SYSTEM else BY_HAND)
        yield sitting
        if sitting.events:
            self.occasions.append(
                Occasion(
                    id=self._maker.next(at),
                    at=at,
                    by=by,
                    patient_id=self.patient_id,
                    events=tuple(sitting.events),
                )
            )

    @contextmanager
    def arrival(self, at: datetime) -> Iterator[Sitting]:
        """A delivery from another system."""
        with self.sitting(SYSTEM, at) as sitting:
            yield sitting

    def first(self, by: str, at: datetime, event: type[Event], **what: Any) -> None:
        """How the patient comes to be here; `at` is the instant that the chart was made with."""
        made = event(id=self.patient_id, at=at, **what)
        self.occasions.append(
            Occasion(id=self._maker.next(at), at=at, by=by, patient_id=self.patient_id, events=(made,))
        )
