"""What is new since a visit: what happened after it, and what was heard of only afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from willowbark.assistant.core.situation import Entry, Visit

A_SITTING = timedelta(hours=1)
"""What its author writes down this long before or after a visit's own entry belongs to the visit."""

AN_IMPORT = timedelta(days=1)
"""An import brings a visit and what was found at it within so long."""

_A_DAY = timedelta(days=1, microseconds=-1)


@dataclass(frozen=True, slots=True)
class Since:
    """The visit to which everything is compared; None when there was none: then everything is new."""

    visit: Visit | None
    zone: tzinfo

    @property
    def ends_at(self) -> datetime | None:
        """When the visit was over, as far as anybody knows; the end of its day when no time is known."""
        visit = self.visit
        if visit is None or visit.at is None:
            return None
        over = visit.at if visit.precision == "instant" else visit.at + _A_DAY
        return max(over, visit.ends_at or over)

    def is_new(self, entry: Entry) -> bool:
        """Whether whoever held the visit could not know of the entry when it ended."""
        ends_at = self.ends_at
        if ends_at is None:
            return True
        if self._same_sitting(entry):
            return False
        return self.is_after(entry.at, entry.precision) or entry.recorded_at > ends_at

    def is_after(self, at: datetime | None, precision: str) -> bool:
        """Whether a date, as far as it is known, lies after the visit; a day only if it is a later one."""
        ends_at = self.ends_at
        if at is None or ends_at is None:
            return at is not None
        if precision == "instant":
            return at > ends_at
        return calendar_day(at, precision, self.zone) > self._day

    @property
    def _day(self) -> date:
        visit = self.visit
        if visit is None or visit.at is None:
            return date.min
        return calendar_day(visit.at, visit.precision, self.zone)

    def _same_sitting(self, entry: Entry) -> bool:
        """Whether the entry was written together with the visit: by the same hand, of that day or before."""
        visit = self.visit
        if visit is None or entry.recorded_by != visit.recorded_by:
            return False
        if entry.at is not None and calendar_day(entry.at, entry.precision, self.zone) > self._day:
            return False
        near = AN_IMPORT if visit.is_import and entry.is_import else A_SITTING
        if abs(entry.recorded_at - visit.recorded_at) <= near:
            return True
        return calendar_day(entry.recorded_at, "instant", self.zone) == self._day


def calendar_day(at: datetime, precision: str, zone: tzinfo) -> date:
    """The day of an instant in `zone`; less exact dates are kept at midnight in UTC and have no zone."""
    if precision != "instant":
        return at.astimezone(UTC).date()
    try:
        return at.astimezone(zone).date()
    except (OverflowError, ValueError):  # the first and the last day of the calendar have no other zone
        return at.astimezone(UTC).date()
