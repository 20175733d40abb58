"""What somebody typed into the patient search, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from willowbark.kernel.errors import Invalid
from willowbark.kernel.partial_date import Precision, parse_partial_date
from willowbark.patients.core.names import plain

MAX_WORDS = 6
_DIGITS = re.compile(r"[0-9]{1,20}")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\Z")


@dataclass(frozen=True, slots=True)
class Query:
    """
    `words` each begin a word of the name; `birth_dates` are the days that a date could mean.

    `numbers` begin an identifier or end a telephone number, as typed without spaces.
    """

    words: tuple[str, ...]
    birth_dates: tuple[date, ...]
    numbers: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing to search by."""
        return not (self.words or self.birth_dates or self.numbers)


def parse_query(text: str) -> Query:
    """
    Take apart what was typed: names in any order, a birth date, a number. At most six parts count.

    `3/4/1980` may mean the third of April or the fourth of March: both are searched. Digits with blanks
    between them, as in `219 09 9999`, are one number.
    """
    words: list[str] = []
    dates: list[date] = []
    numbers: list[str] = []
    for part in _parts(text)[:MAX_WORDS]:
        days = _days(part)
        if days:
            dates.extend(days)
        elif any(letter.isdigit() for letter in part):
            numbers.append(part[:100])
        else:
            words.extend(plain(part)[:100].split())
    return Query(tuple(words[:MAX_WORDS]), tuple(dates), tuple(numbers))


def _parts(text: str) -> list[str]:
    """What stands between blanks; digits beside digits together."""
    found: list[str] = []
    was_digits = False
    for part in text.replace("\0", " ").split()[: 2 * MAX_WORDS]:
        is_digits = _DIGITS.fullmatch(part) is not None
        if is_digits and was_digits:
            found[-1] += part
        else:
            found.append(part)
        was_digits = is_digits
    return found


def _days(part: str) -> list[date]:
    if shape := _DAY_FIRST.match(part):
        first, second, year = (int(number) for number in shape.groups())
        days = {_day(year, second, first), _day(year, first, second)}
        return sorted(day for day in days if day)
    try:
        read = parse_partial_date(part)
    except Invalid:
        return []
    return [read.day] if read.precision is Precision.DAY else []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
