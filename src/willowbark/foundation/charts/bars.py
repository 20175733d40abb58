"""Amounts side by side, and the parts of one whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.scale import Number, plain, svg

_STEP, _THICKNESS = 40, 14

TONES = frozenset({"accent", "good", "info", "warn", "bad", "plum", "plain"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount (0 or more) with its words ("1,204 rows")."""

    label: str
    value: Number
    text: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """One drawn bar: label above (pixels down), bar below (per cent across), words at its end."""

    label: str
    text: str
    label_y: str
    y: str
    width: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars from zero."""

    title: str
    unit: str
    description: str
    height: str
    thickness: str
    bars: tuple[DrawnBar, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole; `tone` is a name of `TONES`."""

    label: str
    value: Number
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """One drawn part; `text` is its amount, `share_text` its share of the whole."""

    label: str
    text: str
    tone: str
    x: str
    width: str
    share_text: str


@dataclass(frozen=True, slots=True)
class StackedBar:
    """The parts of one whole as one bar across, in per cent of the width."""

    title: str
    description: str
    parts: tuple[DrawnPart, ...]
    is_empty: bool


def bar_chart(bars: Sequence[Bar], *, unit: str, title: str) -> BarChart:
    """
    Return bars in the order given; the longest fills the width.

    Raises:
        ValueError: a value is negative, NaN or infinite.
    """
    values = [_amount(bar.value) for bar in bars]
    most = max(values, default=0.0)
    drawn = []
    for at, (bar, value) in enumerate(zip(bars, values, strict=True)):
        width = max(0.4, 100 * (value / most)) if value else 0.0
        text = bar.text or f"{bar.value:,} {unit}".strip()
        top = at * _STEP
        drawn.append(DrawnBar(bar.label, text, svg(top + 13), svg(top + 19), f"{svg(width)}%"))
    said = "; ".join(f"{bar.label}: {bar.text}" for bar in drawn)
    return BarChart(
        title=title,
        unit=unit,
        description=said or "Nothing to draw.",
        height=str(max(1, len(bars)) * _STEP),
        thickness=str(_THICKNESS),
        bars=tuple(drawn),
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
    drawn, x = [], 0.0
    for part, value in zip(parts, scaled, strict=True):
        if not value:
            continue
        share = value / whole
        drawn.append(
            DrawnPart(
                part.label, f"{part.value:,}", part.tone, f"{svg(x)}%", f"{svg(100 * share)}%", f"{share:.1%}"
            )
        )
        x += 100 * share
    said = "; ".join(f"{part.label}: {part.text} ({part.share_text})" for part in drawn)
    return StackedBar(title, said or "Nothing to draw.", tuple(drawn), not drawn)


def _amount(value: Number) -> float:
    number = plain(value)
    if number < 0:
        raise ValueError(f"a bar cannot show {value}: it is below zero")
    return number
