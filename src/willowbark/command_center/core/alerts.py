"""When an alert is raised, kept current, cleared, or left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

STOCK_COVER = "stock_cover"
PROTOCOL_TIME = "protocol_time"
OVERRIDE_RATE = "override_rate"
KINDS = (STOCK_COVER, PROTOCOL_TIME, OVERRIDE_RATE)
# What is about somebody's own work, and not about a thing.
OF_PEOPLE = (PROTOCOL_TIME, OVERRIDE_RATE)
STATES = ("open", "acted", "dismissed", "cleared")

Step = Literal["raise", "refresh", "clear", "note_cleared", "nothing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What was found of one subject: a figure beside its threshold, in one unit.

    `is_beyond` says whether somebody must act: which side is wrong depends on the figure.
    """

    figure: int
    threshold: int
    is_beyond: bool


@dataclass(frozen=True, slots=True)
class Last:
    """The last alert about a subject: its state, until when it was due, and whether it has cleared since."""

    state: str
    due_on: date
    has_cleared: bool


def step(finding: Finding, last: Last | None, *, today: date) -> Step:
    """
    What happens with a finding.

    A subject has one open alert at most. What somebody has acted on rests until its due date, what was
    dismissed until the figure has once been back within its threshold; then either is raised anew.
    """
    if last is not None and last.state == "open":
        return "refresh" if finding.is_beyond else "clear"
    if not finding.is_beyond:
        return "note_cleared" if last is not None and not last.has_cleared else "nothing"
    if last is None or last.has_cleared:
        return "raise"
    return "raise" if last.state == "acted" and today > last.due_on else "nothing"


def cover_finding(on_hand_containers: int, needed_containers: int) -> Finding:
    """The shelf beside what is needed of it: less than needed is beyond."""
    return Finding(on_hand_containers, needed_containers, on_hand_containers < needed_containers)


def time_finding(total_seconds: int, protocols: int, *, most_seconds: int, least_protocols: int) -> Finding:
    """
    The mean active time of a protocol beside its threshold, in seconds rounded to the nearest.

    Fewer than `least_protocols` say nothing about a person: never beyond.
    """
    mean = round(total_seconds / protocols) if protocols else 0
    return Finding(mean, most_seconds, protocols >= least_protocols and mean > most_seconds)


def override_finding(
    changed: int, signed: int, *, healthy_per_cent: tuple[int, int], least_protocols: int
) -> Finding:
    """
    The share of protocols changed by hand beside the nearer end of the healthy band, in whole per cent.

    Beyond on either side; fewer than `least_protocols` say nothing about a person: never beyond.
    """
    low, high = healthy_per_cent
    share = round(100 * changed / signed) if signed else 0
    nearer = low if 2 * share < low + high else high
    return Finding(share, nearer, signed >= least_protocols and not low <= share <= high)
