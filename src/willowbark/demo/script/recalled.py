"""A recall in progress: a lot that was handed out at the first site; some patients told, some not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from .events import SYSTEM, AskBack, Event, Occasion, RecallLots, ReceiveStock, TellOfRecall
from .histories import PatientHistory
from .ids import IdMaker
from .practice import BY_KEY, DISPENSER, RIVERSIDE, local
from .shelf import stock

PRODUCT = "garlic_aged_600"
TOLD_SHARE = 0.5
SAID = (
    ("contacted", "Has stopped it; two thirds of the bottle are left."),
    ("returned", ""),
    ("contacted", ""),
    ("not_reached", "Voice mail twice."),
)


def recalled(seed: str, today: date, histories: Sequence[PatientHistory]) -> Iterator[Occasion]:
    """On the last day before today that the dispensary works: recalled, asked for, half of them called."""
    weekdays = {shift.weekday for shift in BY_KEY[DISPENSER].shifts}
    days = (today - timedelta(days=number) for number in range(1, 8))
    at = local(next(day for day in days if day.weekday() in weekdays), time(9, 20))
    maker = IdMaker(f"{seed}/recalled")
    size = sum(one.site == RIVERSIDE for one in histories)
    first = next(stock(seed, RIVERSIDE, today, size))
    lots = tuple(
        event.lot_number
        for event in first.events
        if isinstance(event, ReceiveStock) and event.product == PRODUCT
    )
    recall = RecallLots(
        id=maker.next(at),
        at=at,
        product=PRODUCT,
        lots=lots,
        reason="Lead above the limit in a sample that the maker had kept.",
        class_code="fda_2",
        source_text=f"The maker's recall notice of {at - timedelta(days=1):%Y-%m-%d}",
        told_by="The supplier, by telephone",
    )
    yield _occasion(maker, DISPENSER, recall)
    for minutes, by, more in ((1, SYSTEM, None), (95, DISPENSER, SAID), (96, SYSTEM, None)):
        then = at + timedelta(minutes=minutes)
        event: Event = (
            TellOfRecall(id=maker.next(then), at=then, share=TOLD_SHARE, said=more)
            if more
            else AskBack(id=maker.next(then), at=then)
        )
        yield _occasion(maker, by, event)


def _occasion(maker: IdMaker, by: str, event: Event) -> Occasion:
    at: datetime = event.at
    return Occasion(id=maker.next(at), at=at, by=by, patient_id=None, events=(event,))
