"""How much happened in which year: the picture above a timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.scale import svg

HEIGHT = 64
MOST_COLUMNS = 120
_WIDEST_COLUMN = 12.0  # a year must fit under it on a phone
_SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_BASE, _TOP = 46.0, 4.0


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many entries a calendar year holds, and where a click on it leads."""

    year: int
    count: int
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """
    One drawn year (or span of years): its bar and the full-height slot that takes the click.

    Across in per cent of the width, down in pixels; `middle` is where its label stands.
    """

    x: str
    width: str
    bar_x: str
    bar_width: str
    middle: str
    y: str
    height: str
    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class YearTick:
    """A labelled year; a minor one is left out where there is little room."""

    at: str
    text: str
    is_minor: bool


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """Counts by year; a bar's height grows with the square root of its count."""

    description: str
    years: tuple[YearCount, ...]
    columns: tuple[Column, ...]
    ticks: tuple[YearTick, ...]
    height: str
    base: str
    label_y: str
    is_empty: bool


def timeline_strip(counts: Sequence[YearCount]) -> TimelineStrip:
    """
    Return the strip of the years from the first to the last, those without entries included.

    More than 120 years (a date in year 1 happens) are drawn in spans of 2, 5, 10 ... years. The square root
    keeps one year of intensive care from flattening a life.

    Raises:
        ValueError: a count is negative, or a year is given twice.
    """
    if any(one.count < 0 for one in counts):
        raise ValueError("a count cannot be negative")
    if len({one.year for one in counts}) != len(counts):
        raise ValueError("a year was given twice")
    years = tuple(sorted((one for one in counts if one.count), key=lambda one: one.year))
    spans = _spans(years)
    return TimelineStrip(
        description=_describe(years),
        years=years[::-1],
        columns=tuple(_columns(spans)),
        ticks=tuple(_ticks(spans)),
        height=str(HEIGHT),
        base=svg(_BASE),
        label_y=svg(HEIGHT - 4),
        is_empty=not years,
    )


def _describe(years: Sequence[YearCount]) -> str:
    if not years:
        return "No dated entries."
    total = sum(one.count for one in years)
    busiest = max(years, key=lambda one: one.count)
    return (
        f"{total:,} from {years[0].year} to {years[-1].year}; most in {busiest.year}: {busiest.count:,}."
        " Bar height grows with the square root of the count."
    )


def _spans(years: Sequence[YearCount]) -> list[tuple[str, YearCount]]:
    if not years:
        return []
    first, last = years[0].year, years[-1].year
    step = next(step for step in _SPANS if last // step - first // step < MOST_COLUMNS)
    spans = {}
    for start in range(first // step * step, last + 1, step):
        label = str(start) if step == 1 else f"{max(1, start)} to {start + step - 1}"
        spans[start // step] = (label, YearCount(max(1, start), 0))
    for one in years:
        label, known = spans[one.year // step]
        # A click on a span leads to its newest year that holds something.
        both = YearCount(known.year, known.count + one.count, one.url, known.is_current or one.is_current)
        spans[one.year // step] = (label, both)
    return list(spans.values())


def _columns(spans: Sequence[tuple[str, YearCount]]) -> list[Column]:
    slot = _slot(spans)
    most = max((one.count for _, one in spans), default=1)
    columns = []
    for at, (label, one) in enumerate(spans):
        tall = max(3.0, (_BASE - _TOP) * math.sqrt(one.count / most)) if one.count else 0.0
        columns.append(
            Column(
                x=f"{svg(at * slot)}%",
                width=f"{svg(slot)}%",
                bar_x=f"{svg((at + 0.08) * slot)}%",
                bar_width=f"{svg(slot * 0.84)}%",
                middle=f"{svg((at + 0.5) * slot)}%",
                y=svg(_BASE - tall),
                height=svg(tall),
                label=label,
                count=one.count,
                url=one.url,
                is_current=one.is_current,
            )
        )
    return columns


def _ticks(spans: Sequence[tuple[str, YearCount]]) -> list[YearTick]:
    """At most 20 labels across, at most 7 of them major."""
    slot = _slot(spans)
    every = next(step for step in (1, 2, 5, 10, 20, 40) if len(spans) / step <= 20)
    major = next(step for step in (1, 2, 5, 10, 20, 40) if step % every == 0 and len(spans) / step <= 7)
    # Counted from a round year, so that decades are what remains.
    start = spans[0][1].year if spans else 0
    return [
        YearTick(f"{svg((at + 0.5) * slot)}%", str(one.year), (start + at) % major != 0)
        for at, (_, one) in enumerate(spans)
        if (start + at) % every == 0 or len(spans) == 1
    ]


def _slot(spans: Sequence[tuple[str, YearCount]]) -> float:
    return min(100 / max(1, len(spans)), _WIDEST_COLUMN)
