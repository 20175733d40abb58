"""What the owner plans: the same growth with the people there are, and with one more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from .events import Occasion, SaveScenario
from .ids import IdMaker
from .practice import OWNER, PRACTITIONERS, local

DAYS_AGO = 6


def planning(seed: str, today: date, patients: int) -> Iterator[Occasion]:
    """The plans of a practice with so many patients, which expects a quarter more of them."""
    maker = IdMaker(f"{seed}/planning")
    at = local(today - timedelta(days=DAYS_AGO), time(14, 40))
    people = len(PRACTITIONERS)
    for practitioners, name in (
        (people, "A quarter more patients, the same people"),
        (people + 1, "A quarter more patients, one more practitioner"),
    ):
        figures = (
            ("practice.active_patients", str(patients * 5 // 4)),
            ("practice.practitioners", str(practitioners)),
        )
        plan = SaveScenario(id=maker.next(at), at=at, name=name, figures=figures)
        yield Occasion(id=maker.next(at), at=at, by=OWNER, patient_id=None, events=(plan,))
        at += timedelta(minutes=6)
