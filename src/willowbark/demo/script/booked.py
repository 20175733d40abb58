"""Who comes on each practitioner's next working day: visits that are booked, and have not taken place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from . import wording
from .case import BOOKED_MINUTES
from .dice import Dice
from .events import AddEntry, Occasion
from .histories import PatientHistory
from .ids import IdMaker
from .practice import PRACTITIONERS, SITE_NAMES, Person, local
from .stories import STORIES

VISITS_A_DAY = 7
GAP = timedelta(minutes=15)
# Somebody who was not here for longer has not booked either.
SEEN_WITHIN = timedelta(days=240)
BOOKED_AT = time(16, 40)
_TITLES = {story.key: story.title for story in STORIES}


def with_booked_visits(seed: str, today: date, histories: Sequence[PatientHistory]) -> list[PatientHistory]:
    """
    The histories, with visits booked for some of each practitioner's patients.

    They are on the first day from `today` on that the practitioner works, within the hours of that day.
    """
    whole = list(histories)
    for person in PRACTITIONERS:
        dice = Dice(f"{seed}/today/{person.key}")
        mine = [one for one in whole if _may_come(one, person, today)]
        chosen = sorted(dice.some(mine, VISITS_A_DAY), key=lambda one: one.number)
        booked_at = local(_working_day(person, today, -1), BOOKED_AT)
        for history, (at, kind) in zip(chosen, _times(person, today, dice), strict=False):
            whole[history.number] = _booked(seed, history, person, at, kind, booked_at)
    return whole


def _working_day(person: Person, today: date, step: int) -> date:
    """The first day from today on that someone works, or with a `step` of -1 the last before it."""
    weekdays = {shift.weekday for shift in person.shifts}
    days = (today + timedelta(days=number) for number in (range(7) if step > 0 else range(-1, -8, -1)))
    return next(day for day in days if day.weekday() in weekdays)


def _may_come(history: PatientHistory, person: Person, today: date) -> bool:
    if history.practitioner != person.key or history.again_of or history.details.deceased_at:
        return False
    seen = [one.at for one in history.occasions if one.by == person.key]
    midnight = local(today, time(0, 0))
    return bool(seen) and timedelta(days=14) < midnight - max(seen) < SEEN_WITHIN


def _times(person: Person, today: date, dice: Dice) -> Iterator[tuple[datetime, str]]:
    """The starts of the visits of the next working day and their kinds, one after the other."""
    day = _working_day(person, today, 1)
    for shift in (shift for shift in person.shifts if shift.weekday == day.weekday()):
        at, ends = local(day, shift.starts), local(day, shift.ends)
        while True:
            kind = dice.weighted((("follow-up", 3.0), ("video", 1.5)))
            length = timedelta(minutes=BOOKED_MINUTES[kind])
            if at + length > ends:
                break
            yield at, kind
            at += length + GAP


def _booked(
    seed: str, history: PatientHistory, person: Person, at: datetime, kind: str, written_at: datetime
) -> PatientHistory:
    maker = IdMaker(f"{seed}/today/{history.number}")
    entry = wording.booked_visit(
        kind,
        at=at,
        ends_at=at + timedelta(minutes=BOOKED_MINUTES[kind]),
        reason=f"Follow-up: {_TITLES[history.story].lower()}",
        practitioner=person.name,
        place=SITE_NAMES[history.site],
    )
    event = AddEntry(id=maker.next(written_at), at=written_at, patient_id=history.patient_id, entry=entry)
    occasion = Occasion(
        id=maker.next(written_at),
        at=written_at,
        by=person.key,
        patient_id=history.patient_id,
        events=(event,),
    )
    together = sorted((*history.occasions, occasion), key=lambda one: (one.at, one.id))
    return dataclasses.replace(history, occasions=tuple(together))
