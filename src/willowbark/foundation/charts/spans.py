"""From here to there: ranges, steps and parts of a sum on one common scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.bars import TONES
from willowbark.foundation.charts.scale import Number, plain, svg, tick_texts, value_axis

_STEP, _THICKNESS, _FOOT = 40, 14, 22
_THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high`, in a tone of `TONES`; a single value has both alike and is drawn as a mark."""

    low: Number
    high: Number
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class SpanRow:
    """Spans on one line, with what they are and what they say; `why_url` is where the figure is explained."""

    label: str
    text: str
    spans: Sequence[Span]
    why_url: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A value that goes through all rows, with its name."""

    value: Number
    label: str


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    """One drawn span, in per cent of the width."""

    tone: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One drawn row: words above (pixels down), spans below."""

    label: str
    text: str
    label_y: str
    y: str
    spans: tuple[DrawnSpan, ...]
    why_url: str


@dataclass(frozen=True, slots=True)
class SpanTick:
    """A place of the scale in per cent; a minor one is left out where there is little room."""

    x: str
    text: str
    anchor: str
    is_minor: bool


@dataclass(frozen=True, slots=True)
class DrawnLimit:
    """A drawn limit in per cent of the width."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class SpanChart:
    """Rows of spans over one scale, from `ends[0]` to `ends[1]`."""

    title: str
    unit: str
    description: str
    height: str
    foot: str
    bottom: str
    thickness: str
    rows: tuple[DrawnRow, ...]
    ticks: tuple[SpanTick, ...]
    limits: tuple[DrawnLimit, ...]
    is_empty: bool
    has_why: bool
    ends: tuple[float, float]


def span_chart(
    rows: Sequence[SpanRow],
    *,
    title: str,
    unit: str = "",
    limits: Sequence[Limit] = (),
    zero: bool = True,
    beside: Sequence[SpanChart] = (),
) -> SpanChart:
    """
    Return rows in the order given over a scale that holds every span and limit, and with `zero` nothing too.

    It holds what the pictures `beside` it hold as well, so that lengths in them can be compared.

    Raises:
        ValueError: a value is NaN or infinite, a span runs backwards, or a tone is unknown.
    """
    for row in rows:
        for span in row.spans:
            if plain(span.low) > plain(span.high):
                raise ValueError(f"{row.label} runs from {span.low} back to {span.high}")
            if span.tone not in TONES:
                raise ValueError(f"unknown tone {span.tone}")
    ends = [plain(end) for row in rows for span in row.spans for end in (span.low, span.high)]
    ends += [end for other in beside for end in other.ends]
    axis = value_axis([*ends, *(plain(one.value) for one in limits), *([0.0] if zero else [])])
    last = len(axis.steps) - 1
    bottom = max(1, len(rows)) * _STEP
    return SpanChart(
        title=title,
        unit=unit,
        description="; ".join(f"{row.label}: {row.text}" for row in rows) or "Nothing to draw.",
        height=str(bottom + _FOOT),
        foot=str(bottom + _FOOT - 6),
        bottom=str(bottom),
        thickness=str(_THICKNESS),
        rows=tuple(
            DrawnRow(
                row.label,
                row.text,
                svg(at * _STEP + 13),
                svg(at * _STEP + 19),
                tuple(
                    _drawn(span, axis.share(plain(span.low)), axis.share(plain(span.high)))
                    for span in row.spans
                ),
                row.why_url,
            )
            for at, row in enumerate(rows)
        ),
        ticks=tuple(
            SpanTick(
                f"{svg(100 * axis.share(float(step)))}%",
                text,
                "start" if at == 0 else "end" if at == last else "middle",
                0 < at < last and (at % 2 == 1 or at == last - 1),
            )
            for at, (step, text) in enumerate(zip(axis.steps, tick_texts(axis.steps), strict=True))
        ),
        limits=tuple(DrawnLimit(f"{svg(100 * axis.share(plain(one.value)))}%", one.label) for one in limits),
        is_empty=not rows,
        has_why=any(row.why_url for row in rows),
        ends=(axis.low, axis.high),
    )


def _drawn(span: Span, low: float, high: float) -> DrawnSpan:
    width = max(_THINNEST, 100 * (high - low))
    return DrawnSpan(span.tone, f"{svg(min(100 * low, 100 - width))}%", f"{svg(width)}%")
