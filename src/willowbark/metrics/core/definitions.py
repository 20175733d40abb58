"""What each figure measures, in which unit, by which rule, and who says that it should be watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PROTOCOL_TIME = "protocol_time"
PROTOCOLS_SIGNED = "protocols_signed"
CONTAINERS_DISPENSED = "containers_dispensed"
OVERRIDE_RATE = "override_rate"
# What measures the mission's inventory: kept by the floor above, which compares shelf and protocols.
STOCK_COVER = "stock_cover"


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so. `is_verified` is False when nobody has read it themselves."""

    title: str
    locator: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One figure.

    Attributes:
        unit: what is stored, always a whole number of it.
        shown_as: `minutes` (the mean of a fact), `count` (the sum) or `per_cent` (of the facts, those that
            count as one).
        good: which direction is better, `within` when only the healthy band is, '' when none is.
        healthy: the lowest and the highest figure that is healthy, as it is shown; None when none is said.
        facts: what one counted fact is.
        task_kind: the kind of task whose active time is counted, or ''.
    """

    key: str
    name: str
    unit: str
    shown_as: Literal["minutes", "count", "per_cent"]
    good: Literal["lower", "higher", "within", ""]
    healthy: tuple[int, int] | None
    measures: str
    rule: str
    facts: str
    task_kind: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """
    One of the five figures of the mission.

    `measured_by` is a metric's key, `stock_cover`, or '' when nothing measures it yet; `missing` then says
    in words what is missing, `needs` what has to come first.
    """

    key: str
    name: str
    measured_by: str
    missing: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything that is defined."""

    reviewed_on: str
    metrics: tuple[Metric, ...]
    mission: tuple[Watched, ...]
    mission_source: Source

    def metric(self, key: str) -> Metric:
        """
        The metric of this key.

        Raises:
            KeyError: none is defined.
        """
        return {one.key: one for one in self.metrics}[key]


def definitions_of(read: Mapping[str, Any]) -> Definitions:
    """
    Definitions as the file has them; the file is held to its schema by a test.

    Raises:
        KeyError, TypeError: the file is not of that shape.
        ValueError: a key stands twice, a healthy band runs backwards or belongs to no figure that has one, or
            the mission names a metric that is not defined.
    """
    metrics = tuple(
        Metric(**{**one, "healthy": _band(one), "sources": tuple(Source(**each) for each in one["sources"])})
        for one in read["metrics"]
    )
    mission = tuple(Watched(**{**one, "needs": tuple(one["needs"])}) for one in read["mission"])
    keys = [one.key for one in metrics]
    if len(set(keys)) != len(keys) or len({one.key for one in mission}) != len(mission):
        raise ValueError("a key stands twice")
    if unknown := {one.measured_by for one in mission} - {*keys, STOCK_COVER, ""}:
        raise ValueError(f"not defined: {sorted(unknown)}")
    return Definitions(read["reviewed_on"], metrics, mission, Source(**read["mission_source"]))


def _band(read: Mapping[str, Any]) -> tuple[int, int] | None:
    if (read["healthy"] is not None) != (read["good"] == "within"):
        raise ValueError(f"{read['key']}: a healthy band, and that within it is good, go together")
    if read["healthy"] is None:
        return None
    low, high = read["healthy"]
    if low > high:
        raise ValueError(f"{read['key']}: the healthy band runs backwards")
    return low, high
