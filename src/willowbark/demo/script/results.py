"""Results that came in last, and speak against what was signed before: one asks to stop, one to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

from . import wording
from .events import SYSTEM, LookAgain, Occasion, ReceiveEntry, SignProtocol
from .histories import PatientHistory
from .ids import IdMaker
from .practice import local

# Whose results they are where there is somebody: who signs in as the practitioner of a demo.
PRACTITIONER = "amara"
# A Master Protocol whose plans hold what the result speaks against, the measure, and its value.
RESULTS = (
    # Calcium from 10.5 mg/dL on counts as hypercalcaemia, and the plans hold calcium.
    ("perimenopause_support", "calcium", Decimal("11.2")),
    # ALT from 165 U/L on counts as liver disease, and the plans hold chromium.
    ("metabolic_health", "alt", Decimal("182")),
)
SIGNED_BEFORE_DAYS = 10
SATURDAY = 5


def results(
    seed: str, today: date, histories: Sequence[PatientHistory], programmes: Sequence[Occasion]
) -> Iterator[Occasion]:
    """The laboratory sends each on the evening before today; the worker looks at the protocol again."""
    since = local(today - timedelta(days=SIGNED_BEFORE_DAYS), time(0, 0))
    by_id = {one.patient_id: one for one in histories}
    for number, (master, measure, value) in enumerate(RESULTS):
        signed = [
            by_id[event.patient_id]
            for occasion in programmes
            for event in occasion.events
            if isinstance(event, SignProtocol) and master in event.masters and event.at < since
        ]
        if not signed:
            continue
        about = min(signed, key=lambda one: (one.practitioner != PRACTITIONER, one.number))
        yield from _result(seed, today, about, number, measure, value)


def _result(
    seed: str, today: date, about: PatientHistory, number: int, measure: str, value: Decimal
) -> Iterator[Occasion]:
    maker = IdMaker(f"{seed}/results/{measure}")
    at = local(today - timedelta(days=1), time(17, 20)) + timedelta(minutes=4 * number)
    weekdays = (today - timedelta(days=days_ago) for days_ago in range(1, 4))
    taken_at = local(next(day for day in weekdays if day.weekday() < SATURDAY), time(8, 10))
    made = maker.next(at)
    entry = replace(
        wording.result(measure, value, at=taken_at, sex=about.details.sex),
        source_kind="import",
        source_key=made,
        source_digest=made.bytes + made.bytes[::-1],
        author_name="Meridian Laboratories",
    )
    sent = ReceiveEntry(id=made, at=at, patient_id=about.patient_id, entry=entry)
    looked = at + timedelta(minutes=1)
    again = LookAgain(id=maker.next(looked), at=looked, patient_id=about.patient_id, result_id=made)
    for event in (sent, again):
        yield Occasion(
            id=maker.next(event.at), at=event.at, by=SYSTEM, patient_id=about.patient_id, events=(event,)
        )
