"""What becomes of the library: a text approved, a newer version, one that waits, one being written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from .events import SYSTEM, AdoptMaster, ApproveMaster, AskForReviews, Event, Occasion, WriteMaster
from .ids import IdMaker
from .practice import SENIOR, local

# Approved as shipped so long ago that it is due for review; the others lately.
ADOPTED_DAYS_AGO = 120
PUBLISHED_DAYS_AGO = 1
WRITER = "amara"
ADOPTED, PUBLISHED, WRITTEN = "bone_health", "restorative_sleep", "stress_resilience"


def library(seed: str, today: date) -> Iterator[Occasion]:
    """The senior practitioner's and a practitioner's work on the library."""
    maker = IdMaker(f"{seed}/library")
    long_ago = local(today - timedelta(days=ADOPTED_DAYS_AGO), time(12, 40))
    yield _occasion(maker, SENIOR, AdoptMaster(id=maker.next(long_ago), at=long_ago, key=ADOPTED))
    at = local(today - timedelta(days=PUBLISHED_DAYS_AGO), time(17, 40))
    steps = (
        (WRITER, _write(PUBLISHED, {"aim": "250"}, "250 mg of magnesium is what we give by now.")),
        (SENIOR, {"key": PUBLISHED}),
        (
            WRITER,
            _write(PUBLISHED, {"least": "150"}, "Less than 150 mg has helped nobody in our diaries."),
        ),
        (WRITER, _write(WRITTEN, {"aim": "300"}, "")),
    )
    for by, said in steps:
        kind = WriteMaster if "note" in said else ApproveMaster
        yield _occasion(maker, by, kind(id=maker.next(at), at=at, **said))
        at += timedelta(minutes=7)
    yield _occasion(maker, SYSTEM, AskForReviews(id=maker.next(at), at=at))


def _write(key: str, said: dict[str, str], note: str) -> dict[str, object]:
    return {"key": key, "said": tuple(said.items()), "note": note}


def _occasion(maker: IdMaker, by: str, event: Event) -> Occasion:
    return Occasion(id=maker.next(event.at), at=event.at, by=by, patient_id=None, events=(event,))
