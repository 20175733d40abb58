"""
What comes last: tasks done, a file, plans, a glass broken, the library, a recall, results, who is one person,
figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from .covering import covering
from .events import SYSTEM, CountFigures, Event, FinishTasks, MatchPatients, Occasion
from .histories import PatientHistory
from .ids import IdMaker
from .library import library
from .planning import planning
from .practice import PRACTITIONERS, local
from .recalled import recalled
from .results import results
from .sent_file import sent_file
from .shelf import BEGINS

# Everybody looks through their tasks once a week, last so many days ago: what fell due since is waiting.
WEEKLY = 7
LAST_LOOKED = {"henrik": 2, "amara": 4, "tomasz": 17}


def closing(
    seed: str, today: date, histories: Sequence[PatientHistory], programmes: Sequence[Occasion]
) -> tuple[Occasion, ...]:
    """In time order; it is played when all else has been, as of the times that it says."""
    midnight = local(today, time(0, 0))
    maker = IdMaker(f"{seed}/closing")
    matched, counted = midnight - timedelta(minutes=30), midnight - timedelta(minutes=29)
    match = MatchPatients(
        id=maker.next(matched), at=matched, patient_ids=tuple(one.patient_id for one in histories)
    )
    figures = CountFigures(id=maker.next(counted), at=counted)
    found = [
        *_tasks_done(maker, today),
        *sent_file(seed, today, histories),
        *covering(seed, today, histories),
        *planning(seed, today, len(histories)),
        *library(seed, today),
        *recalled(seed, today, histories),
        *results(seed, today, histories, programmes),
        *(_occasion(maker, SYSTEM, one) for one in (match, figures)),
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.id)))


def _tasks_done(maker: IdMaker, today: date) -> Iterator[Occasion]:
    for person in PRACTITIONERS:
        for days_ago in range(LAST_LOOKED[person.key], BEGINS, WEEKLY):
            day = today - timedelta(days=days_ago)
            at: datetime = local(day, time(16, 50))
            yield _occasion(maker, person.key, FinishTasks(id=maker.next(at), at=at, due_by=day))


def _occasion(maker: IdMaker, by: str, event: Event) -> Occasion:
    return Occasion(id=maker.next(event.at), at=event.at, by=by, patient_id=None, events=(event,))
