"""An ordinary week in words, and as a form's fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import groupby

from willowbark.kernel.errors import Invalid

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPANS = 2
"""Pieces of a day that the form offers at least: before and after noon."""

Span = tuple[int, time, time]
"""(weekday from 0 = Monday, starts, ends)"""


def hours_a_week(week: Iterable[Span]) -> float:
    """The hours of a week, to the minute."""
    return sum(_minutes(ends) - _minutes(starts) for _, starts, ends in week) / 60


def days_text(weekdays: Iterable[int]) -> str:
    """Weekdays in words: `Mon to Thu`, `Tue, Fri`; two that follow each other are named both."""
    runs: list[list[int]] = []
    for day in sorted(set(weekdays)):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    short = [DAYS[day][:3] for day in range(7)]
    parts = [
        f"{short[run[0]]} to {short[run[-1]]}" if len(run) > 2 else ", ".join(short[day] for day in run)
        for run in runs
    ]
    return ", ".join(parts)


def week_lines(week: Iterable[Span]) -> list[str]:
    """A week in words, days of the same hours in one line: `Mon to Thu 08:30 to 12:30, 13:15 to 17:00`."""
    by_day = {
        day: tuple((starts, ends) for _, starts, ends in spans)
        for day, spans in groupby(sorted(week), key=lambda span: span[0])
    }
    days_of: dict[tuple[tuple[time, time], ...], list[int]] = {}
    for day, hours in by_day.items():
        days_of.setdefault(hours, []).append(day)
    return [
        f"{days_text(days)} " + ", ".join(f"{starts:%H:%M} to {ends:%H:%M}" for starts, ends in hours)
        for hours, days in days_of.items()
    ]


@dataclass(frozen=True, slots=True)
class SpanField:
    """Two fields of the form, from and to, as typed."""

    name: str
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class DayFields:
    """One day's row of the form."""

    weekday: int
    name: str
    spans: tuple[SpanField, ...]
    error: str = ""


def week_fields(week: Sequence[Span]) -> tuple[DayFields, ...]:
    """The form's seven rows, filled with a week; as many pieces a day as its fullest day has."""
    per_day = {day: sorted((s, e) for weekday, s, e in week if weekday == day) for day in range(7)}
    typed = {
        f"{_name(day, at)}_{end}": f"{(span[0] if end == 'from' else span[1]):%H:%M}"
        for day, spans in per_day.items()
        for at, span in enumerate(spans)
        for end in ("from", "to")
    }
    return typed_fields(typed, spans=max(SPANS, *(len(spans) for spans in per_day.values())))


def typed_fields(typed: Mapping[str, str], *, spans: int = SPANS) -> tuple[DayFields, ...]:
    """The form's seven rows with what somebody typed."""
    return tuple(
        DayFields(
            day,
            name,
            tuple(
                SpanField(
                    _name(day, at),
                    typed.get(f"{_name(day, at)}_from", ""),
                    typed.get(f"{_name(day, at)}_to", ""),
                )
                for at in range(spans)
            ),
        )
        for day, name in enumerate(DAYS)
    )


def spans_typed(typed: Mapping[str, str]) -> int:
    """How many pieces a day the form that was sent has, at least `SPANS` and at most 8."""
    return next((at for at in range(8, SPANS, -1) if f"{_name(0, at - 1)}_from" in typed), SPANS)


def read_week(typed: Mapping[str, str]) -> list[Span]:
    """
    The week that somebody typed; an empty piece is no piece.

    Raises:
        Invalid: a time is none, or one of a pair is missing; its field is `hours_` and the weekday.
    """
    week: list[Span] = []
    for day in typed_fields(typed, spans=spans_typed(typed)):
        for span in day.spans:
            if not span.starts and not span.ends:
                continue
            if not span.starts or not span.ends:
                raise Invalid(f"{day.name}: a time is missing.", field=f"hours_{day.weekday}")
            week.append((day.weekday, _time(day, span.starts), _time(day, span.ends)))
    return week


def _time(day: DayFields, text: str) -> time:
    try:
        read = time.fromisoformat(text)
    except ValueError as error:
        text = f"{day.name}: {text[:20]} is not a time such as 08:30."
        raise Invalid(text, field=f"hours_{day.weekday}") from error
    return read.replace(second=0, microsecond=0, tzinfo=None)


def _name(weekday: int, at: int) -> str:
    return f"day{weekday}_{at}"


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
