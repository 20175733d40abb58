"""From values to places: round ticks, positions, SVG numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

LARGEST = 1e12
"""Larger numbers (in size) are not drawn: one mistyped result would flatten the rest."""

SMALLEST = 1e-12
"""Differences below this are none: their ticks would be nothing but zeros."""

Number = Decimal | float


def plain(value: Number) -> float:
    """
    Return `value` as a float.

    Raises:
        ValueError: not a number, or infinite: a picture of it would be a lie.
    """
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        raise ValueError(f"{value!r} cannot be drawn")
    return float(value)


def is_drawable(value: Number) -> bool:
    """Return whether a number is finite and not larger than `LARGEST`."""
    number = float(value)  # a Decimal that no float can hold becomes infinite
    return math.isfinite(number) and abs(number) <= LARGEST


def svg(value: float) -> str:
    """Return a coordinate: at most two decimals, a full stop, no exponent, no negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis from `low` to `high` with round `steps` (each exact); `low` < `high`."""

    low: float
    high: float
    steps: tuple[Decimal, ...]

    def share(self, value: float) -> float:
        """Return where `value` lies between low (0.0) and high (1.0), held inside."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def value_axis(values: Iterable[float], *, most: int = 5) -> Axis:
    """
    Return an axis with 2 to `most` + 1 round ticks (1, 2 or 5 times a power of ten) around all `values`.

    Equal values get room on both sides; no values give 0 to 1.
    """
    known = list(values)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    size = max(abs(low), abs(high))
    # Closer together than floats, or people, can tell apart: treat as equal.
    if high - low <= max(1e-9 * size, SMALLEST):
        room = size * 0.1 if size > SMALLEST else 1.0
        low, high = low - room, high + room
    step = _round_step((high - low) / most)
    first, last = math.floor(low / float(step)), math.ceil(high / float(step))
    # Division in floats may place an end one step short of its value.
    first -= float(first * step) > low
    last += float(last * step) < high
    steps = tuple(step * index for index in range(first, last + 1))
    return Axis(float(steps[0]), float(steps[-1]), steps)


def _round_step(rough: float) -> Decimal:
    exponent = math.floor(math.log10(rough))
    for factor in (1, 2, 5, 10):
        step = Decimal(factor).scaleb(exponent)
        if float(step) >= rough:
            return step
    return Decimal(1).scaleb(exponent + 1)


def tick_texts(steps: Sequence[Decimal]) -> list[str]:
    """Return the ticks' numbers, all with as many decimals as the one that needs most, thousands apart."""
    exact = [_trimmed(step) for step in steps]
    decimals = max((len(text.partition(".")[2]) for text in exact), default=0)
    return [f"{step + 0:,.{decimals}f}" for step in steps]  # + 0 turns -0 into 0


def _trimmed(step: Decimal) -> str:
    text = format(step, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
