"""What may come: the middle of many runs, half of them and nine in ten around it, week by week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.line import Mark, marker
from willowbark.foundation.charts.scale import Axis, Number, Tick, plain, svg, tick_texts, value_axis

MOST_MARKS = 20
_LABEL_WIDTH = 12.0
_TICK_WEEKS = (1, 2, 4, 13, 26, 52, 104, 260, 520)


@dataclass(frozen=True, slots=True)
class Fan:
    """Quantiles week by week, from week 0: 5, 25, 50, 75 and 95 % of the runs are at or below."""

    p5: Sequence[Number]
    p25: Sequence[Number]
    p50: Sequence[Number]
    p75: Sequence[Number]
    p95: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Goal:
    """A value that is hoped for, or told, by the end of a week."""

    week: int
    value: Number


@dataclass(frozen=True, slots=True)
class Event:
    """What happens around a week, in a few words."""

    week: int
    text: str


@dataclass(frozen=True, slots=True)
class DrawnEvent:
    """
    A line down the picture with its number; what it means stands below.

    `label` is written above the line: the numbers of this and of those too near to have one of their own;
    '' for these.
    """

    x: str
    number: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class FanPicture:
    """One size of a fan, all in SVG user units."""

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
    outer: str
    inner: str
    middle: str
    marks: tuple[Mark, ...]
    goals: tuple[Mark, ...]
    events: tuple[DrawnEvent, ...]

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True, slots=True)
class FanChart:
    """A fan in both sizes; `goal_label` is '' without goals."""

    title: str
    unit: str
    description: str
    wide: FanPicture
    narrow: FanPicture
    goal_label: str


def fan_chart(
    fan: Fan,
    *,
    unit: str,
    title: str,
    goals: Sequence[Goal] = (),
    goal_label: str = "Goal",
    events: Sequence[Event] = (),
    is_stepped: bool = False,
    decimals: int = 0,
) -> FanChart:
    """
    A fan over the weeks; stepped for what changes at once, such as people employed.

    Raises:
        ValueError: quantiles of different lengths, fewer than two weeks, NaN, or what is infinite; a goal or
            an event that is not within the weeks.
    """
    lines = [[plain(value) for value in line] for line in (fan.p5, fan.p25, fan.p50, fan.p75, fan.p95)]
    weeks = len(lines[0]) - 1
    if weeks < 1 or any(len(line) != weeks + 1 for line in lines):
        raise ValueError("a fan needs five lines of the same two weeks or more")
    asked = [*(one.week for one in goals), *(one.week for one in events)]
    if any(not 0 <= week <= weeks for week in asked):
        raise ValueError("a goal or an event is not within the weeks")
    axis = value_axis([*lines[0], *lines[4], *(plain(one.value) for one in goals)])
    texts = [
        f"Week {week}: {middle:,.{decimals}f} {unit}, nine in ten {low:,.{decimals}f} to {high:,.{decimals}f}"
        for week, (low, middle, high) in enumerate(zip(lines[0], lines[2], lines[4], strict=True))
    ]
    wide, narrow = (
        _picture(lines, axis, texts, goals, events, is_stepped, unit, size)
        for size in ((760, 260), (340, 230))
    )
    return FanChart(
        title=title,
        unit=unit,
        description=f"{texts[0]}. {texts[-1]}.",
        wide=wide,
        narrow=narrow,
        goal_label=goal_label if goals else "",
    )


def _picture(
    lines: list[list[float]],
    axis: Axis,
    texts: list[str],
    goals: Sequence[Goal],
    events: Sequence[Event],
    is_stepped: bool,
    unit: str,
    size: tuple[int, int],
) -> FanPicture:
    width, height = size
    ticks = tick_texts(axis.steps)
    left = 14.0 + 7.0 * max(len(text) for text in ticks)
    right, top, bottom = width - 14.0, 26.0, height - 28.0
    weeks = len(texts) - 1

    def x_of(week: float) -> float:
        return left + (right - left) * week / weeks

    def y_of(value: float) -> float:
        return bottom - (bottom - top) * axis.share(value)

    def path(line: list[float]) -> list[tuple[float, float]]:
        return [(x_of(week), y_of(value)) for week, value in enumerate(line)]

    low, lower, middle, upper, high = (path(line) for line in lines)
    every = -(-weeks // MOST_MARKS)
    return FanPicture(
        width=width,
        height=height,
        left=svg(left),
        right=svg(right),
        top=svg(top),
        bottom=svg(bottom),
        label_x=svg(left - 8),
        label_y=svg(height - 8),
        y_ticks=tuple(
            Tick(svg(y_of(float(step))), text) for step, text in zip(axis.steps, ticks, strict=True)
        ),
        x_ticks=tuple(
            Tick(svg(x_of(week)), str(week)) for week in _tick_weeks(weeks, 8 if width > 500 else 4)
        ),
        outer=_area(low, high, is_stepped),
        inner=_area(lower, upper, is_stepped),
        middle=_line(middle, is_stepped),
        marks=tuple(
            Mark(svg(x), svg(y), marker(x, y, 0), texts[week], False)
            for week, (x, y) in enumerate(middle)
            if week % every == 0
        ),
        goals=tuple(
            Mark(
                svg(x_of(one.week)),
                svg(y_of(plain(one.value))),
                marker(x_of(one.week), y_of(plain(one.value)), 1),
                f"Week {one.week}: {plain(one.value):,.0f} {unit}",
                False,
            )
            for one in goals
        ),
        events=_events([(x_of(one.week), one.text) for one in sorted(events, key=lambda one: one.week)]),
    )


def _events(places: list[tuple[float, str]]) -> tuple[DrawnEvent, ...]:
    labels: list[list[int]] = []
    free_from = float("-inf")
    for number, (x, _) in enumerate(places, 1):
        if x < free_from:
            next(one for one in reversed(labels) if one).append(number)
            labels.append([])
        else:
            labels.append([number])
        free_from = max(free_from, x) + _LABEL_WIDTH
    return tuple(
        DrawnEvent(svg(x), number, " ".join(str(one) for one in label), text)
        for number, ((x, text), label) in enumerate(zip(places, labels, strict=True), 1)
    )


def _tick_weeks(weeks: int, most: int) -> Iterator[int]:
    every = next((one for one in _TICK_WEEKS if weeks / one <= most), weeks)
    yield from range(0, weeks + 1, every)


def _line(places: list[tuple[float, float]], is_stepped: bool) -> str:
    first, *others = places
    drawn = [f"M{svg(first[0])} {svg(first[1])}"]
    for x, y in others:
        drawn.append(f"H{svg(x)}V{svg(y)}" if is_stepped else f"L{svg(x)} {svg(y)}")
    return "".join(drawn)


def _area(low: list[tuple[float, float]], high: list[tuple[float, float]], is_stepped: bool) -> str:
    back = []
    for x, y in reversed(low):
        back.append(f"V{svg(y)}H{svg(x)}" if is_stepped else f"L{svg(x)} {svg(y)}")
    return f"{_line(high, is_stepped)}{''.join(back)}Z"
