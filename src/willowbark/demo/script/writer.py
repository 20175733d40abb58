"""Write the whole script: the practice first, then everybody who comes to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from hashlib import sha256
from heapq import merge

from .booked import with_todays_visits
from .diary import Diary
from .events import SYSTEM, AddEntry, MatchPatients, Occasion, ReceiveEntry
from .histories import AGAIN_AT, AGAIN_EVERY, PatientHistory, write_again, write_history
from .ids import IdMaker
from .practice import local, opening

YEARS = 3
FEWEST_PATIENTS = 1
DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Script:
    """
    Everything that happens in a demo up to the morning of `today`.

    `opening` makes the practice, each history is one patient's, `closing` is what the platform does at the
    end. The same seed, day and number of patients always give the same script.
    """

    seed: int
    today: date
    opening: tuple[Occasion, ...]
    histories: tuple[PatientHistory, ...]
    closing: tuple[Occasion, ...]

    def occasions(self) -> Iterator[Occasion]:
        """All of it, in time order."""
        parts = [self.opening, *(history.occasions for history in self.histories), self.closing]
        return merge(*parts, key=lambda one: (one.at, one.id))

    def counts(self) -> dict[str, int]:
        """How many rows of each kind the script makes: patients, and entries by kind."""
        found: Counter[str] = Counter(patient=len(self.histories))
        for history in self.histories:
            for occasion in history.occasions:
                found.update(
                    event.entry.KIND
                    for event in occasion.events
                    if isinstance(event, AddEntry | ReceiveEntry)
                )
        return dict(sorted(found.items()))

    def digest(self) -> str:
        """A short digest of every event, to tell one script from another."""
        whole = sha256()
        for occasion in self.occasions():
            whole.update(repr(occasion).encode())
        return whole.hexdigest()[:16]


def write_script(*, seed: int = DEFAULT_SEED, today: date, patients: int) -> Script:
    """
    Write the script of a practice with so many patients, whose last day is the one before `today`.

    Raises:
        ValueError: fewer than one patient.
    """
    if patients < FEWEST_PATIENTS:
        raise ValueError("a practice has at least one patient")
    opened_on = today - timedelta(days=YEARS * 365)
    until = local(today, time(0, 0))
    diary = Diary(opened_on, until)
    histories: list[PatientHistory] = []
    for number in range(patients):
        if number % AGAIN_EVERY == AGAIN_AT:
            histories.append(write_again(str(seed), number, diary, histories[number - 6]))
        else:
            histories.append(write_history(str(seed), number, diary))
    histories = with_todays_visits(str(seed), today, histories)
    at = until - timedelta(minutes=30)
    maker = IdMaker(f"{seed}/closing")
    match = MatchPatients(
        id=maker.next(at), at=at, patient_ids=tuple(history.patient_id for history in histories)
    )
    closing = Occasion(id=maker.next(at), at=at, by=SYSTEM, patient_id=None, events=(match,))
    return Script(seed, today, tuple(opening(str(seed), opened_on)), tuple(histories), (closing,))
