"""Dates and ages as people read them, no more exact than they are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def day_text(day: date) -> str:
    """Return `3 May 2014`: no order of numbers that two countries read differently."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def local_moment(at: datetime, zone: tzinfo) -> datetime:
    """Return `at` in `zone`; at the edges of the calendar, where that is impossible, in UTC."""
    try:
        return at.astimezone(zone)
    except (OverflowError, ValueError):  # year 1 and year 9999 have no other time zone
        return at.astimezone(UTC)


def known_date_text(at: date | datetime, precision: str, zone: tzinfo) -> str:
    """
    Return the date of `at` as far as `precision` ('year', 'month', 'day', 'instant') knows it.

    Only an instant has a time zone; the others are calendar dates kept at midnight UTC.
    """
    day = _calendar_day(at, precision, zone)
    if precision == "year":
        return str(day.year)
    if precision == "month":
        return f"{_MONTHS[day.month - 1]} {day.year}"
    return day_text(day)


def known_date_iso(at: date | datetime, precision: str, zone: tzinfo) -> str:
    """Return the machine form for <time datetime>: 2014, 2014-05, 2014-05-03 or a full instant."""
    if precision == "instant" and isinstance(at, datetime):
        return local_moment(at, zone).isoformat(timespec="seconds")
    return _calendar_day(at, precision, zone).isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def time_text(at: datetime, zone: tzinfo) -> str:
    """Return `14:05` in `zone`."""
    return f"{local_moment(at, zone):%H:%M}"


def age_text(birth: date, precision: str, on: date) -> str:
    """
    Return the age on the day `on`: `44 y`; below two years `17 mo`, below one month `12 d`.

    A birth date known to the year or month gives `about`. A birth after `on` has no age: ''.
    """
    if birth > on:
        return ""
    years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    about = "" if precision in ("day", "instant") else "about "
    if years >= 2 or precision == "year":
        return f"{about}{years} y"
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    if months >= 1 or precision == "month":
        return f"{about}{months} mo"
    return f"{(on - birth).days} d"


def _calendar_day(at: date | datetime, precision: str, zone: tzinfo) -> date:
    if not isinstance(at, datetime):
        return at
    return (local_moment(at, zone) if precision == "instant" else at.astimezone(UTC)).date()
