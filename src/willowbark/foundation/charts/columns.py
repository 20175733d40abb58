"""Amounts over days, side by side: upright columns from zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.scale import Number, plain, svg

HEIGHT = 44
MOST_COLUMNS = 120
_BASE, _TOP = 43.0, 3.0
_LOWEST = 2.0


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount (0 or more) with its name and its words ("12 min over 3 protocols")."""

    label: str
    value: Number
    text: str = ""


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """One drawn column: across in per cent of the width, down in pixels; an amount of 0 has no height."""

    label: str
    text: str
    x: str
    width: str
    y: str
    height: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Upright columns from zero, the first and the last named below."""

    title: str
    description: str
    columns: tuple[DrawnColumn, ...]
    height: str
    base: str
    is_empty: bool


def column_chart(
    amounts: Sequence[Amount], *, title: str, unit: str = "", most: Number | None = None
) -> ColumnChart:
    """
    Return columns in the order given, at most 120 of them.

    `most` is the amount that has the full height, for several pictures on one scale; the greatest amount
    when it is None, and never less than that.

    Raises:
        ValueError: a value is negative, NaN or infinite, or there are more than 120.
    """
    if len(amounts) > MOST_COLUMNS:
        raise ValueError(f"more than {MOST_COLUMNS} columns cannot be told apart")
    values = [plain(one.value) for one in amounts]
    if any(value < 0 for value in values):
        raise ValueError("a column cannot show an amount below zero")
    top = max([*values, plain(most) if most is not None else 0.0], default=0.0)
    slot = 100 / max(1, len(amounts))
    columns = []
    for at, (one, value) in enumerate(zip(amounts, values, strict=True)):
        tall = max(_LOWEST, (_BASE - _TOP) * (value / top)) if value else 0.0
        columns.append(
            DrawnColumn(
                label=one.label,
                text=one.text or f"{one.value:,} {unit}".strip(),
                x=f"{svg((at + 0.1) * slot)}%",
                width=f"{svg(slot * 0.8)}%",
                y=svg(_BASE - tall),
                height=svg(tall),
                is_empty=not value,
            )
        )
    said = [f"{one.label}: {one.text}" for one in columns if not one.is_empty]
    return ColumnChart(
        title=title,
        description="; ".join(said) or "Nothing on any of these days.",
        columns=tuple(columns),
        height=str(HEIGHT),
        base=svg(_BASE),
        is_empty=not amounts,
    )
