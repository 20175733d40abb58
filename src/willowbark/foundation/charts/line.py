"""Trends: one or more series over time, with the reference band behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from willowbark.foundation.charts.calendar import time_ticks
from willowbark.foundation.charts.scale import (
    Axis,
    Number,
    Tick,
    is_drawable,
    plain,
    svg,
    tick_texts,
    value_axis,
)
from willowbark.foundation.presentation.dates import known_date_text
from willowbark.foundation.presentation.words import FLAGS

MOST_MARKS = 150
"""A series with more points is drawn as a line without markers."""

_SERIES_STYLES = 4


@dataclass(frozen=True, slots=True)
class Point:
    """
    One result: an aware instant, its value, its words ("99 mg/dL") and its flag ('' or 'normal' = in range).

    `precision` says how much of the instant is known: 'year', 'month', 'day' or 'instant'.
    """

    at: datetime
    value: Number
    text: str = ""
    flag: str = ""
    precision: str = "instant"


@dataclass(frozen=True, slots=True)
class Series:
    """Results that belong to one line, in any order."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Band:
    """The reference range; None leaves a side open."""

    low: Number | None = None
    high: Number | None = None
    label: str = "Reference range"


@dataclass(frozen=True, slots=True)
class Mark:
    """One drawn point: its place, its marker's path, what it says."""

    x: str
    y: str
    path: str
    text: str
    is_out: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One drawn series; `style` (1 to 4) chooses colour and dash."""

    label: str
    style: int
    path: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class BandArea:
    """The drawn reference range: a rectangle, and the edges that lie inside the picture."""

    x: str
    y: str
    width: str
    height: str
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinePicture:
    """One size of a line chart, all in SVG user units."""

    width: int
    height: int
    left: str
    right: str
    top: str
    bottom: str
    label_x: str
    label_y: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    band: BandArea | None

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True, slots=True)
class LineChart:
    """A trend in both sizes; `left_out` results are too large to draw and stand in the table alone."""

    title: str
    unit: str
    description: str
    wide: LinePicture
    narrow: LinePicture
    band_label: str
    is_empty: bool
    left_out: int

    @property
    def has_outside(self) -> bool:
        """Whether a drawn result lies outside its range."""
        return any(mark.is_out for line in self.wide.lines for mark in line.marks)

    @property
    def has_legend(self) -> bool:
        """Whether something needs naming beyond the title."""
        return bool(self.band_label) or len(self.wide.lines) > 1


def line_chart(
    series: Sequence[Series], *, unit: str, title: str, band: Band | None = None, zone: tzinfo = UTC
) -> LineChart:
    """
    Return a trend chart of up to four series in one unit.

    The axis covers every value and both ends of the band. Dates are written in `zone`.

    Raises:
        ValueError: a value is NaN or infinite, an instant is naive, or there are more than four series.
    """
    if len(series) > _SERIES_STYLES:
        raise ValueError(f"{len(series)} lines cannot be told apart; {_SERIES_STYLES} can")
    given = sum(len(one.points) for one in series)
    ordered = [Series(one.label, _in_order(one.points)) for one in series]
    drawn = sum(len(one.points) for one in ordered)
    edges = (
        [plain(end) for end in (band.low, band.high) if end is not None and is_drawable(end)] if band else []
    )
    axis = value_axis(
        [plain(point.value) for one in ordered for point in one.points] + (edges if drawn else [])
    )
    pictures = [
        _picture(ordered, axis, band, width, height, zone) for width, height in ((760, 280), (340, 240))
    ]
    return LineChart(
        title=title,
        unit=unit,
        description=_describe(ordered, unit, zone),
        wide=pictures[0],
        narrow=pictures[1],
        band_label=band.label if band and pictures[0].band else "",
        is_empty=drawn == 0,
        left_out=given - drawn,
    )


def _in_order(points: Sequence[Point]) -> tuple[Point, ...]:
    for point in points:
        _refuse_undrawable(point)
    return tuple(sorted((point for point in points if is_drawable(point.value)), key=lambda point: point.at))


def _refuse_undrawable(point: Point) -> None:
    """
    Check one point.

    Raises:
        ValueError: its value is not a number, or its instant has no offset from UTC.
    """
    if point.at.tzinfo is None:
        raise ValueError(f"{point.at} has no offset from UTC")
    plain(point.value)


def _picture(
    series: Sequence[Series], axis: Axis, band: Band | None, width: int, height: int, zone: tzinfo
) -> LinePicture:
    texts = tick_texts(axis.steps)
    left = 14.0 + 7.0 * max(len(text) for text in texts)
    right, top, bottom = width - 14.0, 26.0, height - 28.0
    instants = [point.at for one in series for point in one.points]
    first, last = (min(instants), max(instants)) if instants else (None, None)

    def x_of(at: datetime) -> float:
        if first is None or last is None or first == last:
            return (left + right) / 2
        return left + 10 + (right - left - 20) * ((at - first) / (last - first))

    def y_of(value: float) -> float:
        return bottom - (bottom - top) * axis.share(value)

    lines = []
    for index, one in enumerate(series):
        places = [(x_of(point.at), y_of(plain(point.value)), point) for point in one.points]
        kept = _thinned(places)
        marks = places if len(places) <= MOST_MARKS else []
        lines.append(
            Line(
                label=one.label,
                style=index + 1,
                path="".join(
                    f"{'M' if not at else 'L'}{svg(x)} {svg(y)}" for at, (x, y, _) in enumerate(kept)
                ),
                marks=tuple(
                    _mark(x, y, point, index, len(series) > 1 and one.label, zone) for x, y, point in marks
                ),
            )
        )
    ticks = time_ticks(first, last, most=8 if width > 500 else 4, zone=zone) if first and last else []
    return LinePicture(
        width=width,
        height=height,
        left=svg(left),
        right=svg(right),
        top=svg(top),
        bottom=svg(bottom),
        label_x=svg(left - 8),
        label_y=svg(height - 8),
        y_ticks=tuple(
            Tick(svg(y_of(float(step))), text) for step, text in zip(axis.steps, texts, strict=True)
        ),
        x_ticks=tuple(Tick(svg(min(right - 16, max(left + 16, x_of(at)))), text) for at, text in ticks),
        lines=tuple(lines),
        band=_band_area(band, axis, left, right, top, bottom) if band and instants else None,
    )


def _mark(x: float, y: float, point: Point, index: int, label: str | bool, zone: tzinfo) -> Mark:
    flag = FLAGS.get(point.flag, ("",))[0] if point.flag != "normal" else ""
    words = [
        f"{label}: " if label else "",
        point.text or str(point.value),
        f" ({flag.lower()})" if flag else "",
    ]
    date = known_date_text(point.at, point.precision, zone)
    return Mark(svg(x), svg(y), marker(x, y, index), f"{date}: {''.join(words)}", bool(flag))


def marker(x: float, y: float, index: int) -> str:
    """A circle, square, triangle or diamond about 8 units wide, so that series differ without colour."""
    if index == 0:
        return f"M{svg(x - 4)} {svg(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
    if index == 1:
        return f"M{svg(x - 3.5)} {svg(y - 3.5)}h7v7h-7z"
    if index == 2:
        return f"M{svg(x)} {svg(y - 4.5)}l4.5 8h-9z"
    return f"M{svg(x)} {svg(y - 5)}l5 5l-5 5l-5 -5z"


def _thinned(places: list[tuple[float, float, Point]]) -> list[tuple[float, float, Point]]:
    """Keep, of the points that share one user unit of width, the first, lowest, highest and last."""
    if len(places) <= MOST_MARKS:
        return places
    columns: dict[int, list[int]] = {}
    for at, (x, _, _) in enumerate(places):
        columns.setdefault(round(x), []).append(at)
    kept: set[int] = set()
    for members in columns.values():
        kept.update((members[0], members[-1]))
        kept.add(min(members, key=lambda at: places[at][1]))
        kept.add(max(members, key=lambda at: places[at][1]))
    return [places[at] for at in sorted(kept)]


def _band_area(
    band: Band, axis: Axis, left: float, right: float, top: float, bottom: float
) -> BandArea | None:
    low = plain(band.low) if band.low is not None else axis.low
    high = plain(band.high) if band.high is not None else axis.high
    if (band.low is None and band.high is None) or low > high:
        return None  # nothing is known, or the laboratory's range is upside down: draw no false one
    upper = bottom - (bottom - top) * axis.share(high)
    lower = bottom - (bottom - top) * axis.share(low)
    edges = [svg(y) for end, y in ((band.high, upper), (band.low, lower)) if end is not None]
    return BandArea(svg(left), svg(upper), svg(right - left), svg(lower - upper), tuple(edges))


def _describe(series: Sequence[Series], unit: str, zone: tzinfo) -> str:
    parts = []
    for one in series:
        if not one.points:
            continue
        first, last = one.points[0], one.points[-1]
        low = min(one.points, key=lambda point: point.value)
        high = max(one.points, key=lambda point: point.value)
        count = len(one.points)
        parts.append(
            f"{one.label}: {count} result{'s' if count != 1 else ''} from "
            f"{known_date_text(first.at, first.precision, zone)} to "
            f"{known_date_text(last.at, last.precision, zone)}, lowest {_said(low, unit)}, "
            f"highest {_said(high, unit)}, latest {_said(last, unit)}."
        )
    return " ".join(parts) or "No results to draw."


def _said(point: Point, unit: str) -> str:
    return point.text or f"{point.value} {unit}".strip()
