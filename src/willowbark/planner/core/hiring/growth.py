"""The growth chosen: when each part of the target is reached, when to recruit, and each further hire."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.hiring.target import target_of
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Scenario

WEEKS_PER_MONTH = 365.25 / 12 / 7
MONTHS_PER_QUARTER = 3
MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Crossing:
    """When a part of the target is reached: months from now (0: already), and the patients it is."""

    share: float
    patients: float
    months: float | None
    on: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """
    The hire that makes it `practitioners`: due and late at so many months from now.

    `late_months` is None where growth ends before it is late.
    """

    practitioners: float
    due_months: float
    late_months: float | None
    due_on: date | None
    late_on: date | None


@dataclass(frozen=True, slots=True)
class Growth:
    """
    The growth chosen, along a straight line.

    Attributes:
        by_quarter: patients at the start of each quarter and at the end of growth.
        reaches: when each part of today's target is reached; never where growth is to end before.
        weeks_to_late: weeks from 90 % and from 85 % of the target to 95 %: the headroom there is.
        headroom_needed_weeks: the ramp of a new practitioner.
        start_recruiting_months: when to start, so that the next one is ramped up before it is late, for the
            longest and for the shortest recruiting and ramp; below zero: it is past; None: never late.
        hires: each further hire until growth ends, the first 40 of them.
        hires_in_all: how many there are; None: without an end.
    """

    patients_per_month: float
    to_patients: float
    months: float
    by_quarter: tuple[float, ...]
    reaches: tuple[Crossing, ...]
    weeks_to_late: tuple[float, float] | None
    headroom_needed_weeks: Range
    start_recruiting_months: Range | None
    start_recruiting_on: tuple[date, date] | None
    hires: tuple[Step, ...]
    hires_in_all: int | None
    utilisation_at_end: float


def growth_of(scenario: Scenario, now: float, today: date | None) -> Growth | None:
    """The growth chosen; `now` is the part of the target that is taken. None where none was chosen."""
    patients = scenario.whole("practice.active_patients")
    months = scenario.number("growth.months")
    end = growth_end(scenario)
    if end is None:
        return None
    ends_there = scenario.has("growth.to_patients")
    each = (end - patients) / months if ends_there else scenario.number("growth.patients_per_month")
    target = target_of(scenario).middle
    due, until, late = (scenario.number(f"hire.{name}") for name in ("due_at", "due_until", "late_at"))

    def when(count: float) -> float | None:
        if patients >= count:
            return 0.0
        return (count - patients) / each if each > 0 and not (ends_there and count > end) else None

    reaches = tuple(
        Crossing(share, share * target, when(share * target), _day(today, when(share * target)))
        for share in (due, until, late, 1.0)
    )
    ramp, recruiting = scenario.range("hire.ramp_weeks"), scenario.range("hire.recruiting_weeks")
    start = None
    late_months = reaches[2].months
    if late_months is not None and each > 0:
        if now >= late:
            late_months = (late * target - patients) / each
        start = Range(
            late_months - (ramp.high + recruiting.high) / WEEKS_PER_MONTH,
            late_months - (ramp.low + recruiting.low) / WEEKS_PER_MONTH,
        )
    hires = tuple(_steps(scenario, patients, each, end, today))
    quarters = math.ceil(round(months / MONTHS_PER_QUARTER, 9))
    at = [min(months, MONTHS_PER_QUARTER * one) for one in range(quarters + 1)]
    dates = [_day(today, one) for one in (start.low, start.high)] if start and today else []
    return Growth(
        patients_per_month=each,
        to_patients=end,
        months=months,
        by_quarter=tuple(max(0.0, patients + each * one) for one in at),
        reaches=reaches,
        weeks_to_late=_weeks(target, each, due, until, late),
        headroom_needed_weeks=ramp,
        start_recruiting_months=start,
        start_recruiting_on=(dates[0], dates[1]) if dates and dates[0] and dates[1] else None,
        hires=hires,
        hires_in_all=len(hires) if len(hires) < MOST_STEPS else _steps_in_all(scenario, end),
        utilisation_at_end=end / target,
    )


def _weeks(target: float, each: float, due: float, until: float, late: float) -> tuple[float, float] | None:
    if each <= 0:
        return None
    low, high = ((late - share) * target / each * WEEKS_PER_MONTH for share in (until, due))
    return low, high


def _steps(
    scenario: Scenario, patients: float, each: float, end: float, today: date | None
) -> Iterator[Step]:
    """Each further practitioner while growth lasts, hired one at a time as each becomes due."""
    if each <= 0:
        return
    panel = scenario.range("hire.target_panel").middle
    there = scenario.range("practice.practitioners").middle
    due, late = scenario.number("hire.due_at"), scenario.number("hire.late_at")
    for _ in range(MOST_STEPS):
        if due * there * panel > end:
            return
        due_months = max(0.0, (due * there * panel - patients) / each)
        full = late * there * panel
        late_months = max(0.0, (full - patients) / each) if full <= end else None
        there += 1
        yield Step(there, due_months, late_months, _day(today, due_months), _day(today, late_months))


def _steps_in_all(scenario: Scenario, end: float) -> int | None:
    """How many of many steps there are; None where a hire is due at no patients, so that they never end."""
    panel = scenario.range("hire.target_panel").middle
    there = scenario.range("practice.practitioners").middle
    due = scenario.number("hire.due_at")
    many = end / (due * panel) if due * panel else math.inf
    return math.floor(many - there) + 1 if math.isfinite(many) else None


def _day(today: date | None, months: float | None) -> date | None:
    if today is None or months is None or not abs(months) < 12 * 500:
        return None
    try:
        return today + timedelta(days=round(months * 365.25 / 12))
    except OverflowError:
        return None
