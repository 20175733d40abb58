"""Situations for tests: made by hand, and of every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import (
    Allergy,
    Carer,
    Course,
    Done,
    EndedProtocol,
    Handed,
    Medicine,
    Note,
    Problem,
    Protocol,
    Result,
    Situation,
    Taking,
    Task,
    Unrecognised,
    Visit,
)

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2024, 3, 5, 15, tzinfo=UTC)
PATIENT = UUID(int=7)
CHART = Source("chart", PATIENT)
FLAGS = ("", "normal", "low", "high", "critical_low", "critical_high", "abnormal")
PRECISIONS = ("instant", "day", "month", "year")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def of(kind: str, number: int = 1) -> Source:
    return Source(kind, PATIENT, UUID(int=number))


def said_of(kind: str, text: str, days: float, **more: Any) -> dict[str, Any]:
    """What every entry has: dated and written down so many days ago, by Carl."""
    return {
        "source": of(kind),
        "text": text,
        "at": ago(days),
        "precision": "instant",
        "recorded_at": ago(days),
        "recorded_by": "Carl Colleague",
    } | more


def visit(days: float = 30, **more: Any) -> Visit:
    return Visit(**said_of("encounter", "Follow-up visit", days, recorded_by="Pia Practitioner") | more)


def result(value: float | str, days: float, flag: str = "", *, text: str = "Ferritin", **more: Any) -> Result:
    number = Decimal(str(value)) if not isinstance(value, str) else None
    return Result(
        **said_of("observation", text, days)
        | {
            "said": f"{value} ng/mL" if number is not None else value,
            "number": str(value) if number is not None else "",
            "value": number,
            "unit": "ng/mL",
            "flag": flag,
        }
        | more
    )


def course(*results: Result) -> Course:
    return Course(results)


def situation(**more: Any) -> Situation:
    known: dict[str, Any] = {"chart": CHART, "now": NOW, "today": NOW.date(), "none_known": True}
    return Situation(**known | more)


# --- of every kind ---------------------------------------------------------------------------------

texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)
words = st.lists(st.sampled_from(("alpha", "beta", "gamma", "delta")), min_size=1, max_size=30).map(" ".join)
said = (texts | words).filter(str.strip)
times = st.datetimes(datetime(1850, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)) | st.integers(
    -5, 400
).map(ago)
sources = st.builds(
    Source,
    st.sampled_from(("observation", "medication", "condition", "note", "task")),
    st.just(PATIENT),
    st.uuids(),
)


def _entries(kind: type[Any], /, **more: Any) -> st.SearchStrategy[Any]:
    def made(drawn: dict[str, Any]) -> Any:
        return kind(**drawn | ({"precision": ""} if drawn["at"] is None else {}))

    return st.fixed_dictionaries(
        {
            "source": sources,
            "text": said,
            "at": st.none() | times,
            "precision": st.sampled_from(PRECISIONS),
            "recorded_at": times,
            "recorded_by": st.sampled_from(("Pia", "Carl")),
            "is_import": st.booleans(),
            **more,
        }
    ).map(made)


results = _entries(
    Result,
    said=said,
    number=said,
    value=st.none() | st.decimals(-1000, 1000, places=1),
    unit=st.sampled_from(("", "mg")),
    flag=st.sampled_from(FLAGS),
)
visits = _entries(Visit, ends_at=st.none() | times, reason=said, practitioner=st.just("") | said)
protocols = st.builds(
    Protocol,
    source=sources,
    number=st.integers(1, 9),
    days=st.integers(1, 365),
    starts_on=st.dates(date(2023, 1, 1), date(2025, 1, 1)),
    signed_at=times,
    signed_by=said,
    takings=st.lists(
        st.builds(Taking, said, st.lists(words, max_size=6).map(tuple), sources), max_size=5
    ).map(tuple),
    undispensed=st.lists(words, max_size=6).map(tuple),
)
situations = st.builds(
    Situation,
    chart=st.just(CHART),
    now=st.just(NOW),
    today=st.just(NOW.date()),
    visit=st.none() | visits,
    since_then=st.lists(visits, max_size=4).map(tuple),
    courses=st.lists(st.lists(results, min_size=1, max_size=3).map(tuple).map(Course), max_size=12).map(
        tuple
    ),
    medicines=st.lists(
        _entries(
            Medicine,
            dosage=said,
            is_taken=st.booleans(),
            ends_at=st.none() | times,
            is_supplement=st.booleans(),
        ),
        max_size=6,
    ).map(tuple),
    problems=st.lists(
        _entries(Problem, is_active=st.booleans(), abated_at=st.none() | times), max_size=4
    ).map(tuple),
    allergies=st.lists(_entries(Allergy, reaction=said, is_grave=st.booleans()), max_size=4).map(tuple),
    none_known=st.booleans(),
    notes=st.lists(_entries(Note, kind=said, author=said, is_mine=st.booleans()), max_size=4).map(tuple),
    done=st.lists(_entries(Done, status=said, said=said), max_size=4).map(tuple),
    protocol=st.none() | protocols,
    ended=st.lists(st.builds(EndedProtocol, sources, st.integers(1, 9), times, words), max_size=3).map(tuple),
    handed=st.lists(
        st.builds(Handed, sources, times, st.lists(words, min_size=1).map(tuple)), max_size=3
    ).map(tuple),
    team=st.lists(st.builds(Carer, sources, said.filter(str.strip), said, st.booleans()), max_size=3).map(
        tuple
    ),
    tasks=st.lists(
        st.builds(Task, sources, said, said, st.dates(date(2024, 1, 1), date(2024, 6, 1)), said), max_size=5
    ).map(tuple),
    unrecognised=st.lists(st.builds(Unrecognised, sources, said, said), max_size=4).map(tuple),
    sees_protocols=st.booleans(),
    sees_tasks=st.booleans(),
)
