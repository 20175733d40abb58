"""Amounts side by side, and the parts of one whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.scale import Number, plain, svg

TONES = frozenset({"accent", "good", "info", "warn", "bad", "plum", "plain"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount (0 or more) with its words ("1,204 rows")."""

    label: str
    value: Number
    text: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """One drawn bar: label above, bar below, words at its end."""

    label: str
    text: str
    label_y: str
    y: str
    width: str


@dataclass(frozen=True, slots=True)
class BarPicture:
    """One size of a bar chart."""

    width: int
    height: int
    right: str
    thickness: str
    bars: tuple[DrawnBar, ...]

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {self.width} {self.height}"


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars from zero, in both sizes."""

    title: str
    unit: str
    description: str
    wide: BarPicture
    narrow: BarPicture
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole; `tone` is a name of `TONES`."""

    label: str
    value: Number
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """One drawn part; `share_text` is its share of the whole."""

    label: str
    value: Number
    tone: str
    x: str
    width: str
    share_text: str


@dataclass(frozen=True, slots=True)
class StackedBar:
    """The parts of one whole as one bar across."""

    title: str
    description: str
    width: int
    height: int
    parts: tuple[DrawnPart, ...]
    is_empty: bool

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {self.width} {self.height}"


def bar_chart(bars: Sequence[Bar], *, unit: str, title: str) -> BarChart:
    """
    Return bars in the order given; the longest fills the width.

    Raises:
        ValueError: a value is negative, NaN or infinite.
    """
    values = [_amount(bar.value) for bar in bars]
    most = max(values, default=0.0)
    said = "; ".join(f"{bar.label}: {bar.text or f'{bar.value} {unit}'.strip()}" for bar in bars)
    return BarChart(
        title=title,
        unit=unit,
        description=said or "Nothing to draw.",
        wide=_bars(bars, values, most, unit, 760),
        narrow=_bars(bars, values, most, unit, 340),
        is_empty=not bars,
    )


def stacked_bar(parts: Sequence[Part], *, title: str) -> StackedBar:
    """
    Return the parts side by side in the order given; their widths add up to the whole width.

    Raises:
        ValueError: a value is negative, NaN or infinite, or a tone is unknown.
    """
    values = [_amount(part.value) for part in parts]
    if unknown := {part.tone for part in parts} - TONES:
        raise ValueError(f"unknown tones {sorted(unknown)}")
    # Shares are taken from scaled values: a sum of huge ones must not become infinite.
    most = max(values, default=0.0)
    scaled = [value / most for value in values] if most else values
    whole = sum(scaled)
    drawn, x, width = [], 0.0, 760.0
    for part, value in zip(parts, scaled, strict=True):
        if not value:
            continue
        share = value / whole
        drawn.append(DrawnPart(part.label, part.value, part.tone, svg(x), svg(width * share), f"{share:.1%}"))
        x += width * share
    said = "; ".join(f"{part.label}: {part.value} ({part.share_text})" for part in drawn)
    return StackedBar(title, said or "Nothing to draw.", int(width), 24, tuple(drawn), not drawn)


def _bars(bars: Sequence[Bar], values: Sequence[float], most: float, unit: str, width: int) -> BarPicture:
    step, thickness = 40, 14
    drawn = []
    for at, (bar, value) in enumerate(zip(bars, values, strict=True)):
        length = max(2.0, width * (value / most)) if value else 0.0
        text = bar.text or f"{bar.value} {unit}".strip()
        drawn.append(DrawnBar(bar.label, text, svg(at * step + 13), svg(at * step + 19), svg(length)))
    return BarPicture(width, max(1, len(bars)) * step, str(width), str(thickness), tuple(drawn))


def _amount(value: Number) -> float:
    number = plain(value)
    if number < 0:
        raise ValueError(f"a bar cannot show {value}: it is below zero")
    return number
