"""From where on somebody must act, by when, how, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so. `is_verified` is False when nobody has read it themselves."""

    title: str
    locator: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class CoverThreshold:
    """The shelf must hold what signed protocols need in the next `horizon_days` days."""

    horizon_days: int
    due_in_days: int
    rule: str
    next_action: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class TimeThreshold:
    """
    A practitioner's mean active time of a protocol over `window_days` days is at most `most_seconds`.

    `benchmark_seconds` is the range that is held to be usual; fewer than `least_protocols` say nothing.
    """

    most_seconds: int
    benchmark_seconds: tuple[int, int]
    window_days: int
    least_protocols: int
    due_in_days: int
    rule: str
    next_action: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class OverrideThreshold:
    """
    Of the protocols that somebody signed over `window_days` days, the share changed by hand is healthy.

    What is healthy, and from how many protocols it says anything, is said with the figure. What to do differs
    by the side: `next_action_below` and `next_action_above`.
    """

    window_days: int
    due_in_days: int
    rule: str
    next_action_below: str
    next_action_above: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every threshold there is."""

    reviewed_on: str
    stock_cover: CoverThreshold
    protocol_time: TimeThreshold
    override_rate: OverrideThreshold


def thresholds_of(read: Mapping[str, Any]) -> Thresholds:
    """
    Thresholds as the file has them; the file is held to its schema by a test.

    Raises:
        KeyError, TypeError: the file is not of that shape.
        ValueError: the benchmark does not lie below the threshold.
    """
    cover, time, override = read["stock_cover"], read["protocol_time"], read["override_rate"]
    low, high = time["benchmark_seconds"]
    if not low <= high <= time["most_seconds"]:
        raise ValueError("the benchmark lies beyond the threshold")
    return Thresholds(
        reviewed_on=read["reviewed_on"],
        stock_cover=CoverThreshold(**{**cover, "sources": _sources(cover)}),
        protocol_time=TimeThreshold(**{**time, "benchmark_seconds": (low, high), "sources": _sources(time)}),
        override_rate=OverrideThreshold(**{**override, "sources": _sources(override)}),
    )


def _sources(of: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**one) for one in of["sources"])
