"""Round places on a time axis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from willowbark.foundation.presentation.dates import day_text, local_moment

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = (
    ("hour", 1), ("hour", 3), ("hour", 6), ("hour", 12), ("day", 1), ("day", 2), ("day", 7), ("day", 14),
    ("month", 1), ("month", 3), ("month", 6), ("year", 1), ("year", 2), ("year", 5), ("year", 10),
    ("year", 20), ("year", 50), ("year", 100), ("year", 200), ("year", 500), ("year", 1000), ("year", 5000),
)  # fmt: skip
_SHORTEST = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=28),
    "year": timedelta(days=365),
}


def time_ticks(first: datetime, last: datetime, *, most: int, zone: tzinfo) -> list[tuple[datetime, str]]:
    """
    Return 1 to `most` round instants from `first` to `last`, in order, with their texts.

    When no round instant lies between them (two results within an hour), `first` alone.
    """
    span = last - first
    for unit, step in _STEPS:
        if span / (_SHORTEST[unit] * step) > most + 1:
            continue
        ticks = list(_ticks(first, last, unit, step, zone))
        if 1 <= len(ticks) <= most:
            return ticks
    return [(first, day_text(local_moment(first, zone).date()))]


def _ticks(
    first: datetime, last: datetime, unit: str, step: int, zone: tzinfo
) -> Iterator[tuple[datetime, str]]:
    place: datetime | None = _floor(local_moment(first, zone), unit, step)
    while place is not None and place <= last:
        if place >= first:
            yield place, _text(place, unit)
        place = _next(place, unit, step)


def _floor(at: datetime, unit: str, step: int) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "hour":
        return day.replace(hour=at.hour // step * step)
    if unit == "day":
        return day
    if unit == "month":
        return day.replace(day=1, month=(at.month - 1) // step * step + 1)
    return day.replace(day=1, month=1, year=max(1, at.year // step * step))


def _next(at: datetime, unit: str, step: int) -> datetime | None:
    try:
        if unit == "hour":
            return at + timedelta(hours=step)
        if unit == "day":
            return at + timedelta(days=step)
        if unit == "month":
            years, month = divmod(at.month - 1 + step, 12)
            return at.replace(year=at.year + years, month=month + 1)
        return at.replace(year=at.year // step * step + step)
    except (OverflowError, ValueError):  # the calendar ends with year 9999
        return None


def _text(at: datetime, unit: str) -> str:
    if unit == "hour":
        return f"{at:%H:%M}"
    if unit == "day":
        return f"{at.day} {_MONTHS[at.month - 1]}"
    if unit == "month":
        return f"{_MONTHS[at.month - 1]} {at.year}"
    return str(at.year)
