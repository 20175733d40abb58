"""How often, in words (http://hl7.org/fhir/R4/datatypes.html#Timing)."""

from __future__ import annotations

from decimal import Decimal

from willowbark.interop.fhir.core.mapping.datatypes import Repeat, Timing
from willowbark.interop.fhir.core.mapping.reading import Reading, best_coding, one_of, words

_UNITS = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
}
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
# http://hl7.org/fhir/R4/valueset-event-timing.html
_EVENTS = {
    "MORN": "in the morning",
    "AFT": "in the afternoon",
    "EVE": "in the evening",
    "NIGHT": "at night",
    "HS": "at bedtime",
    "WAKE": "on waking",
    "C": "with meals",
    "CM": "with breakfast",
    "CD": "with lunch",
    "CV": "with dinner",
    "AC": "before meals",
    "ACM": "before breakfast",
    "ACD": "before lunch",
    "ACV": "before dinner",
    "PC": "after meals",
    "PCM": "after breakfast",
    "PCD": "after lunch",
    "PCV": "after dinner",
}
_TIMES = {1: "once", 2: "twice"}


def timing_in_words(timing: Timing, reading: Reading, path: str) -> str:
    """
    `twice a day, with meals`, `every 8 hours`, `once a week, on Monday`; '' when nothing is said.

    Raises:
        Refused: a number or a code that cannot be read.
    """
    if text := words(timing.code, best_coding(timing.code, ())):
        return text
    if timing.repeat is None:
        return ""
    repeat, place = timing.repeat, f"{path}.repeat"
    parts = [_rhythm(repeat, reading, place)]
    parts += [_EVENTS.get(event, event) for event in repeat.when or () if event]
    if days := [_DAYS.get(day, day) for day in repeat.day_of_week or () if day]:
        parts.append("on " + ", ".join(days))
    if times := [time[:5] for time in repeat.time_of_day or () if time]:
        parts.append("at " + ", ".join(times))
    return ", ".join(part for part in parts if part)


def _rhythm(repeat: Repeat, reading: Reading, path: str) -> str:
    period = reading.number(repeat.period, f"{path}.period")
    if period is None or repeat.period_unit is None:
        return ""
    unit = _UNITS[one_of(repeat.period_unit, _UNITS, f"{path}.periodUnit")]
    often = repeat.frequency or 1
    if often == 1 and period != 1:
        return f"every {_plain(period)} {unit}s"
    count = (
        f"{often} to {repeat.frequency_max} times"
        if repeat.frequency_max
        else _TIMES.get(often, f"{often} times")
    )
    if period == 1:
        return f"{count} {'an' if unit == 'hour' else 'a'} {unit}"
    return f"{count} every {_plain(period)} {unit}s"


def _plain(number: Decimal) -> str:
    """`8`, not `8.0`: a count of hours has no measured precision."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
