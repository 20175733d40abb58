"""Dates as people know them: a year, a month, a day, or an instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from willowbark.kernel.errors import Invalid


class Precision(StrEnum):
    """How much of a date is known (FHIR's date and dateTime lengths)."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    INSTANT = "instant"


_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first instant (aware, UTC) that the date covers, and how much of it is known."""

    at: datetime
    precision: Precision

    @property
    def day(self) -> date:
        """The first day that the date covers, on the UTC calendar."""
        return self.at.date()

    def __str__(self) -> str:
        """The date, no more exact than it is known."""
        if self.precision is Precision.INSTANT:
            return self.at.isoformat()
        return self.at.date().isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]


def parse_partial_date(text: str) -> PartialDate:
    """
    Read a FHIR date, dateTime or instant: `1980`, `1980-05`, `1980-05-17`, `1980-05-17T08:00:00+02:00`.

    A time without an offset is refused: nobody can say which instant it is.

    Raises:
        Invalid: not such a date, or an impossible one.
    """
    shape = _SHAPE.match(text)
    if shape is None:
        raise Invalid(
            f"{text[:40]!r} is not a date (YYYY, YYYY-MM, YYYY-MM-DD or a date-time with an offset)"
        )
    year, month, day, time = shape.groups()
    try:
        if time:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                raise Invalid(f"{text[:40]!r} has a time but no offset from UTC")
            return PartialDate(at.astimezone(UTC), Precision.INSTANT)
        at = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{text[:40]!r} is not a possible date: {error}") from error
    return PartialDate(at, Precision.DAY if day else Precision.MONTH if month else Precision.YEAR)
