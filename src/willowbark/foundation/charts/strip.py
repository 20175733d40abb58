"""How much happened in which year: the picture above a timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.scale import Tick, svg

MOST_COLUMNS = 120
_SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many entries a calendar year holds, and where a click on it leads."""

    year: int
    count: int
    url: str = ""
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One drawn year (or span of years): its bar and the full-height slot that takes the click."""

    x: str
    width: str
    bar_x: str
    bar_width: str
    y: str
    height: str
    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class StripPicture:
    """One size of a strip."""

    width: int
    height: int
    base: str
    label_y: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """Counts by year in both sizes; a bar's height grows with the square root of its count."""

    description: str
    years: tuple[YearCount, ...]
    wide: StripPicture
    narrow: StripPicture
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
    total = sum(one.count for one in years)
    busiest = max(years, key=lambda one: one.count, default=None)
    description = (
        f"{total:,} entries from {years[0].year} to {years[-1].year}; most in {busiest.year}:"
        f" {busiest.count:,}."
        if busiest
        else "No dated entries."
    )
    wide, narrow = _picture(spans, 900, 64), _picture(spans, 340, 64)
    return TimelineStrip(description, years[::-1], wide, narrow, not years)


def _spans(years: Sequence[YearCount]) -> list[tuple[str, YearCount]]:
    if not years:
        return []
    first, last = years[0].year, years[-1].year
    step = next(step for step in _SPANS if last // step - first // step < MOST_COLUMNS)
    spans = {}
    for start in range(first // step * step, last + 1, step):
        label = str(start) if step == 1 else f"{max(1, start)} to {start + step - 1}"
        spans[start // step] = (label, YearCount(start, 0))
    for one in years:
        label, known = spans[one.year // step]
        # A click on a span leads to its newest year that holds something.
        both = YearCount(one.year, known.count + one.count, one.url, known.is_current or one.is_current)
        spans[one.year // step] = (label, both)
    return list(spans.values())


def _picture(spans: Sequence[tuple[str, YearCount]], width: int, height: int) -> StripPicture:
    base, top = height - 18.0, 4.0
    most = max((one.count for _, one in spans), default=1)
    slot = min(width / max(1, len(spans)), 48.0)
    gap = 2.0 if slot > 6 else 0.5
    columns = []
    for at, (label, one) in enumerate(spans):
        tall = max(3.0, (base - top) * math.sqrt(one.count / most)) if one.count else 0.0
        columns.append(
            Column(
                x=svg(at * slot),
                width=svg(slot),
                bar_x=svg(at * slot + gap / 2),
                bar_width=svg(slot - gap),
                y=svg(base - tall),
                height=svg(tall),
                label=label,
                count=one.count,
                url=one.url,
                is_current=one.is_current,
            )
        )
    every = next((step for step in (1, 2, 5, 10, 20, 25, 50) if slot * step >= 40), 100)
    ticks = [
        Tick(svg(min(width - 18, max(18, at * slot + slot / 2))), label.split(" ")[0])
        for at, (label, one) in enumerate(spans)
        if int(label.split(" ")[0]) % every == 0 or len(spans) == 1
    ]
    return StripPicture(width, height, svg(base), svg(height - 4), tuple(columns), tuple(ticks))
