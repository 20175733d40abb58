"""Write the whole script: the practice first, then everybody who comes to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from hashlib import sha256
from heapq import merge
from itertools import chain

from .booked import with_booked_visits
from .closing import closing
from .diary import Diary
from .events import AddEntry, HandInFile, Occasion, ReceiveEntry
from .histories import AGAIN_AT, AGAIN_EVERY, PatientHistory, write_again, write_history
from .practice import SITE_NAMES, local, opening
from .programmes import programmes
from .shelf import catalog

# A year and a half.
DAYS = 548
FEWEST_PATIENTS = 1
DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Script:
    """
    Everything that happens in a demo up to the morning of `today`.

    `opening` makes the practice, each history is one patient's. `programmes` are, for each site, its shelf
    and the protocols handed out from it: they follow from the histories, and each site's from no other's.
    `closing` follows from all of it: tasks done, a file, plans, a recall, results, matches, figures. The same
    seed, day and number of patients always give the same script.
    """

    seed: int
    today: date
    opening: tuple[Occasion, ...]
    histories: tuple[PatientHistory, ...]
    programmes: tuple[tuple[Occasion, ...], ...]
    closing: tuple[Occasion, ...]

    def occasions(self) -> Iterator[Occasion]:
        """All of it, in time order."""
        parts = [self.opening, *(history.occasions for history in self.histories)]
        parts += [*self.programmes, self.closing]
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
        for occasion in self.closing:
            for event in occasion.events:
                if isinstance(event, HandInFile):
                    found.update(dict(event.brings))
                elif isinstance(event, ReceiveEntry):
                    found.update([event.entry.KIND])
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
    opened_on = today - timedelta(days=DAYS)
    until = local(today, time(0, 0))
    diary = Diary(opened_on, until)
    histories: list[PatientHistory] = []
    for number in range(patients):
        if number % AGAIN_EVERY == AGAIN_AT:
            histories.append(write_again(str(seed), number, diary, histories[number - 6]))
        else:
            histories.append(write_history(str(seed), number, diary))
    histories = with_booked_visits(str(seed), today, histories)
    handed_out = tuple(programmes(str(seed), site, today, histories) for site in SITE_NAMES)
    opened = (*opening(str(seed), opened_on), catalog(str(seed), today))
    return Script(
        seed=seed,
        today=today,
        opening=tuple(sorted(opened, key=lambda one: (one.at, one.id))),
        histories=tuple(histories),
        programmes=handed_out,
        closing=closing(str(seed), today, histories, list(chain(*handed_out))),
    )
