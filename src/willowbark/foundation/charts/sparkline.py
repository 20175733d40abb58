"""A word-sized trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from willowbark.foundation.charts.line import Band
from willowbark.foundation.charts.scale import Number, is_drawable, plain, svg

WIDTH, HEIGHT, ROOM = 104, 28, 4
MOST = 60
"""Only the newest values are drawn; more cannot be told apart at this size."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line without axes, the last value marked, the band behind it when it is known."""

    path: str
    last_x: str
    last_y: str
    band_y: str
    band_height: str
    description: str
    is_empty: bool

    @property
    def view_box(self) -> str:
        """The `viewBox` attribute."""
        return f"0 0 {WIDTH} {HEIGHT}"


def sparkline(values: Sequence[Number], *, band: Band | None = None, title: str = "") -> Sparkline:
    """
    Return a sparkline of values from oldest to newest, evenly spaced.

    Raises:
        ValueError: a value is NaN or infinite.
    """
    for value in values:
        plain(value)
    numbers = [plain(value) for value in values if is_drawable(value)][-MOST:]
    if not numbers:
        return Sparkline("", "", "", "", "", f"{title}: nothing to draw".lstrip(": "), True)
    ends = (
        [plain(end) for end in (band.low, band.high) if end is not None and is_drawable(end)] if band else []
    )
    low, high = min(numbers + ends), max(numbers + ends)

    def y_of(value: float) -> float:
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            return HEIGHT / 2
        return HEIGHT - ROOM - (HEIGHT - 2 * ROOM) * min(1.0, max(0.0, (value - low) / (high - low)))

    gap = (WIDTH - 2 * ROOM) / (len(numbers) - 1) if len(numbers) > 1 else 0.0
    start = float(ROOM) if gap else WIDTH / 2
    places = [(start + gap * at, y_of(number)) for at, number in enumerate(numbers)]
    band_y, band_height = "", ""
    if band and ends and not (band.low is not None and band.high is not None and band.low > band.high):
        upper = y_of(plain(band.high)) if band.high is not None and is_drawable(band.high) else 0.0
        lower = y_of(plain(band.low)) if band.low is not None and is_drawable(band.low) else float(HEIGHT)
        band_y, band_height = svg(upper), svg(max(0.0, lower - upper))
    direction = "up" if numbers[-1] > numbers[0] else "down" if numbers[-1] < numbers[0] else "level"
    return Sparkline(
        path="".join(f"{'M' if not at else 'L'}{svg(x)} {svg(y)}" for at, (x, y) in enumerate(places)),
        last_x=svg(places[-1][0]),
        last_y=svg(places[-1][1]),
        band_y=band_y,
        band_height=band_height,
        description=f"{title}: {len(numbers)} values, {direction} from first to last".lstrip(": "),
        is_empty=False,
    )
