"""The protocols of the last months: composed after a visit, signed, handed out; some still under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from willowbark.record.core.entries import Encounter

from .decisions import decision
from .dice import Dice
from .events import AddEntry, Event, HandOut, LeaveDraft, Occasion, SignProtocol
from .histories import PatientHistory
from .ids import IdMaker
from .practice import DISPENSER, PRACTITIONERS, ZONE, local
from .shelf import BEGINS, stock

# Which Master Protocols fit a story.
MASTERS = {
    "hashimoto": ("thyroid_support",),
    "insulin_resistance": ("metabolic_health",),
    "cardiometabolic": ("lipid_balance",),
    "anticoagulated": ("metabolic_health",),
    "pcos": ("metabolic_health",),
    "insomnia": ("restorative_sleep",),
    "mood": ("stress_resilience",),
    "migraine": ("migraine_prevention",),
    "perimenopause": ("perimenopause_support",),
    "post_viral": ("energy_mitochondria",),
}
# How many minutes of active work each practitioner needs for one, and how much that varies.
MINUTES = {"henrik": (10.0, 2.5), "amara": (8.0, 2.0), "tomasz": (19.0, 5.0)}
TAKES_PART = 0.5
LEFT_OPEN_WITHIN_DAYS = 14
HANDED_OUT_AFTER_DAYS = (0, 3)
WORDS = "Discussed with the patient; to be looked at again at the next visit."


@dataclass(frozen=True, slots=True)
class _Visit:
    history: PatientHistory
    ends_at: datetime


def programmes(
    seed: str, site: str, today: date, histories: Sequence[PatientHistory]
) -> tuple[Occasion, ...]:
    """What came to the shelf of a site and what was done with protocols there, in time order."""
    size = sum(one.site == site for one in histories)
    together = [*stock(seed, site, today, size), *_of_patients(seed, site, today, histories)]
    return tuple(sorted(together, key=lambda one: (one.at, one.id)))


def _of_patients(
    seed: str, site: str, today: date, histories: Sequence[PatientHistory]
) -> Iterator[Occasion]:
    for history in (one for one in histories if one.site == site):
        masters = MASTERS.get(history.story)
        visit = _last_visit(history, today)
        if masters is None or visit is None:
            continue
        dice = Dice(f"{seed}/programme/{history.number}")
        if dice.chance(TAKES_PART):
            yield from _programme(seed, dice, visit, masters, today)


def _last_visit(history: PatientHistory, today: date) -> _Visit | None:
    """The last visit since there is a shelf, of somebody whom a protocol can be composed for."""
    if history.again_of or history.details.deceased_at:
        return None
    by_hand = {person.key for person in PRACTITIONERS}
    since = local(today - timedelta(days=BEGINS - 2), time(0, 0))
    ends = [
        event.entry.ends_at
        for occasion in history.occasions
        if occasion.by in by_hand
        for event in occasion.events
        if isinstance(event, AddEntry)
        and isinstance(event.entry, Encounter)
        and event.entry.status == "finished"
        and event.entry.ends_at is not None
        and event.entry.ends_at >= since
    ]
    return _Visit(history, max(ends)) if ends else None


def _programme(
    seed: str, dice: Dice, visit: _Visit, masters: tuple[str, ...], today: date
) -> Iterator[Occasion]:
    history = visit.history
    maker = IdMaker(f"{seed}/programme/{history.number}")
    mean, deviation = MINUTES[history.practitioner]
    seconds = max(180, int(60 * dice.spread(mean, deviation)))
    opened = _within_one_day(visit.ends_at + timedelta(minutes=dice.between(13, 25)), seconds)
    midnight = local(today, time(0, 0))
    days_ago = (midnight - opened).days
    if days_ago < LEFT_OPEN_WITHIN_DAYS and dice.chance(0.4):
        event: Event = LeaveDraft(
            id=maker.next(opened),
            at=opened,
            patient_id=history.patient_id,
            masters=masters,
            seconds=seconds // 3,
        )
        yield _occasion(maker, history, history.practitioner, event)
        return
    event = SignProtocol(
        id=maker.next(opened),
        at=opened,
        patient_id=history.patient_id,
        masters=masters,
        seconds=seconds,
        words=WORDS,
        decision=decision(dice, history.practitioner, masters),
    )
    yield _occasion(maker, history, history.practitioner, event)
    handed_out = _handed_out_at(dice, opened + timedelta(seconds=seconds), midnight)
    if handed_out is not None:
        hand_out = HandOut(
            id=maker.next(handed_out), at=handed_out, patient_id=history.patient_id, site=history.site
        )
        yield _occasion(maker, history, DISPENSER, hand_out)


def _within_one_day(opened: datetime, seconds: int) -> datetime:
    """The beginning, put off where the UTC day would end meanwhile: a plan is of the day it was made on."""
    ends = opened + timedelta(seconds=seconds)
    return opened if ends.date() == opened.date() else ends


def _handed_out_at(dice: Dice, signed: datetime, midnight: datetime) -> datetime | None:
    """When it was picked up; None when it has not been yet."""
    if dice.chance(0.06):
        return None
    day = signed.astimezone(ZONE).date() + timedelta(days=dice.between(*HANDED_OUT_AFTER_DAYS))
    at = local(day, time(11, 0)) + timedelta(minutes=dice.between(0, 330))
    at = max(at, signed + timedelta(minutes=20))
    return at if at < midnight - timedelta(hours=1) else None


def _occasion(maker: IdMaker, history: PatientHistory, by: str, event: Event) -> Occasion:
    return Occasion(
        id=maker.next(event.at), at=event.at, by=by, patient_id=history.patient_id, events=(event,)
    )
