"""When people have time: appointments within working hours, nobody in two places at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from .dice import Dice
from .practice import BY_KEY, HILLSIDE, HILLSIDE_OPENS, ZONE, Shift, local

SLOT = timedelta(minutes=15)
LONGEST_WAIT_DAYS = 60
# What happened is written down within this time.
WRITING_UP = timedelta(hours=1)


class Diary:
    """Everybody's appointments from the day the practice opened until an instant that has not come yet."""

    def __init__(self, opened_on: date, until: datetime) -> None:
        self.opened_on = opened_on
        self.until = until
        self._taken: set[tuple[str, datetime]] = set()

    def book(self, staff: str, site: str, wanted: date, minutes: int, dice: Dice) -> datetime | None:
        """
        The start of the first free appointment at a site from a wanted day on, now taken.

        None when the person has no time within 60 days, or it would end after the script does. The site ''
        is any: a call.
        """
        for day, shifts in self._days(staff, site, wanted):
            starts = [
                start
                for shift in shifts
                for start in _starts(day, shift, minutes)
                if self._is_free(staff, start, minutes)
            ]
            if not starts:
                continue
            start = dice.pick(starts)
            if start + timedelta(minutes=minutes) + WRITING_UP > self.until:
                return None
            for slot in _slots(start, minutes):
                self._taken.add((staff, slot))
            return start
        return None

    def moment(self, staff: str, wanted: date, dice: Dice) -> datetime | None:
        """Some minute of someone's working time from a wanted day on, whatever else they do then."""
        for day, shifts in self._days(staff, "", wanted):
            shift = dice.pick(shifts)
            starts, ends = local(day, shift.starts), local(day, shift.ends)
            at = starts + timedelta(minutes=dice.between(5, (ends - starts) // timedelta(minutes=1) - 30))
            return at if at + WRITING_UP <= self.until else None
        return None

    def _days(self, staff: str, site: str, wanted: date) -> Iterator[tuple[date, list[Shift]]]:
        person = BY_KEY[staff]
        first = max(wanted, self.opened_on + timedelta(days=person.joins))
        last = min(wanted + timedelta(days=LONGEST_WAIT_DAYS), self.until.astimezone(ZONE).date())
        hillside_opens = self.opened_on + timedelta(days=HILLSIDE_OPENS)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            shifts = [
                shift
                for shift in person.shifts
                if shift.weekday == day.weekday()
                and site in ("", shift.site)
                and (shift.site != HILLSIDE or day >= hillside_opens)
            ]
            if shifts:
                yield day, shifts

    def _is_free(self, staff: str, start: datetime, minutes: int) -> bool:
        return all((staff, slot) not in self._taken for slot in _slots(start, minutes))


def _starts(day: date, shift: Shift, minutes: int) -> Iterator[datetime]:
    start, ends = local(day, shift.starts), local(day, shift.ends)
    while start + timedelta(minutes=minutes) <= ends:
        yield start
        start += SLOT


def _slots(start: datetime, minutes: int) -> Iterator[datetime]:
    for number in range((minutes + 14) // 15):
        yield start + number * SLOT
