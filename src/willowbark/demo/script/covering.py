"""Somebody stands in for a colleague at the other site, and has to open a chart that is not theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from .events import BeginCare, BreakGlass, Occasion
from .histories import PatientHistory
from .ids import IdMaker
from .practice import RIVERSIDE, local

DAYS_AGO = 1
STANDS_IN, AWAY = "tomasz", "amara"
REASON = "Amara is away: the patient called about palpitations since last night and asked what to stop."


def covering(seed: str, today: date, histories: Sequence[PatientHistory]) -> Iterator[Occasion]:
    """Breaking the glass once, where the colleague has a patient to call."""
    at = local(today - timedelta(days=DAYS_AGO), time(17, 10))
    again = {one.again_of for one in histories}
    for history in histories:
        born_on = history.details.birth_date
        if born_on is None or history.patient_id in again or not _may_call(history, at):
            continue
        maker = IdMaker(f"{seed}/covering")
        event = BreakGlass(
            id=maker.next(at),
            at=at,
            patient_id=history.patient_id,
            family=history.details.family,
            given=history.details.given,
            birth_date=born_on,
            reason_code="covering",
            reason=REASON,
        )
        yield Occasion(id=maker.next(at), at=at, by=STANDS_IN, patient_id=history.patient_id, events=(event,))
        return


def _may_call(history: PatientHistory, at: datetime) -> bool:
    """Whether they are a living patient of the colleague's, known by their whole name and birth date."""
    details = history.details
    return bool(
        history.practitioner == AWAY
        and history.site == RIVERSIDE
        and history.again_of is None
        and history.occasions[0].at < at
        and details.given
        and details.birth_date_precision == "day"
        and not details.deceased_at
        and not _is_in_care_of(history, STANDS_IN)
    )


def _is_in_care_of(history: PatientHistory, staff: str) -> bool:
    events = (event for occasion in history.occasions for event in occasion.events)
    return any(isinstance(event, BeginCare) and event.staff == staff for event in events)
