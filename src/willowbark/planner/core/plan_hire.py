"""
When to hire the next practitioner: the answer of `willow plan hire`.

Three signals together justify a hire: practitioners at 85 to 90 % of their target, a wait list that has been
there for 60 days and more, and a workload that the existing practitioners can sustain. Earlier leaves people
without patients; at 95 to 100 % it is late: quality declines before the new one has ramped up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from willowbark.planner.core.capacity import ceiling, check_capacity, missing, senior_roles
from willowbark.planner.core.contradictions import Contradiction, of_case
from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.plan_capacity import HAVE
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Record, Scenario

WEEKS_PER_MONTH = 365.25 / 12 / 7
MONTHS_PER_QUARTER = 3
MOST_STEPS = 40


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One of the three signals.

    Attributes:
        is_met: None when nothing is known of it, which is not enough to hire on.
        evidence: what was found, in a sentence.
        trend: where it is going, '' when nothing says.
        because: why it is not met, '' when it is.
    """

    key: str
    is_met: bool | None
    evidence: str
    trend: str
    because: str


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


@dataclass(frozen=True, slots=True)
class Senior:
    """
    Senior practitioners' protected time.

    Attributes:
        needed_hours_per_week: what the patients need.
        spent_hours_per_week: what is spent on it; None when nobody has said.
        is_eaten: less is spent than is needed at the least; None when nobody has said.
        roles_needed: how many senior roles, now and when growth has ended.
    """

    needed_hours_per_week: Range
    planned_hours_per_week: Range
    spent_hours_per_week: float | None
    is_eaten: bool | None
    said: str
    roles_needed: int
    roles_needed_after_growth: int


@dataclass(frozen=True, slots=True)
class Past:
    """One entry of a practice's own account, with what follows from it."""

    label: str
    patients: float | None
    practitioners: float | None
    utilisation: float | None
    utilisation_before_hire: float | None
    patients_per_fte: float | None


@dataclass(frozen=True, slots=True)
class Peer:
    """The people there are, or were, beside those of the peer clinic, in patients of one FTE."""

    patients_per_fte: float
    peer_patients_per_fte: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Hire:
    """
    The signal.

    Attributes:
        utilisation: patients / (practitioners x target panel); `now` in the middle of what is known.
        timing: by capacity alone: 'early', 'due' or 'late'.
        verdict: 'not_yet', 'due' or 'late'.
        because: why not yet, or what must be seen to as well.
        note: that the hours do not allow the target panel; '' where they do.
    """

    scenario: str
    patients: int
    target_patients: Range
    utilisation: Range
    utilisation_now: float
    timing: str
    verdict: str
    said: str
    because: tuple[str, ...]
    note: str
    conditions: tuple[Condition, ...]
    growth: Growth | None
    senior: Senior
    history: tuple[Past, ...]
    peer: Peer | None
    contradictions: tuple[Contradiction, ...]


def plan_hire(scenario: Scenario, *, today: date | None = None) -> Hire:
    """
    The hire signal of a scenario; with `today`, months from now become dates too.

    Raises:
        BadScenario: figures that do not agree, no practitioners to measure by, or thresholds that are not in
            order.
    """
    _check(scenario)
    patients = scenario.whole("practice.active_patients")
    target = _target(scenario)
    now = patients / target.middle
    timing = _timing(scenario, now)
    growth = _growth(scenario, now, today)
    conditions = (
        _capacity(scenario, now, growth),
        _wait_list(scenario),
        _workload(scenario),
    )
    note = _note(scenario)
    verdict, because = _verdict(timing, conditions, is_full=now >= 1)
    return Hire(
        scenario=scenario.name,
        patients=patients,
        target_patients=target,
        utilisation=Range(patients / target.high, patients / target.low),
        utilisation_now=now,
        timing=timing,
        verdict=verdict,
        said=f"{_said(verdict, because)} {note}".rstrip(),
        because=because,
        note=note,
        conditions=conditions,
        growth=growth,
        senior=_senior(scenario),
        history=tuple(_past(scenario)),
        peer=_peer(scenario),
        contradictions=of_case(scenario),
    )


def _check(scenario: Scenario) -> None:
    check_capacity(scenario)
    if scenario.range("practice.practitioners").low <= 0:
        raise BadScenario(
            "practice.practitioners is 0: nobody's capacity can be measured.", field="practice.practitioners"
        )
    due, until, late = (scenario.number(f"hire.{name}") for name in ("due_at", "due_until", "late_at"))
    if not due <= until <= late:
        raise BadScenario(
            f"hire.due_at, hire.due_until and hire.late_at must rise; they are {due:g}, {until:g}, {late:g}.",
            field="hire.due_at",
        )


def _note(scenario: Scenario) -> str:
    most, target = ceiling(scenario, missing(scenario)).patients.high, scenario.number("hire.target_panel")
    if target <= most:
        return ""
    return (
        f"A practitioner's hours allow {most:,.0f} patients at most, and the target is {target:,.0f}: they"
        " are full before this signal says so."
    )


def _target(scenario: Scenario) -> Range:
    practitioners, panel = scenario.range("practice.practitioners"), scenario.range("hire.target_panel")
    return Range(practitioners.low * panel.low, practitioners.high * panel.high)


def _timing(scenario: Scenario, share: float) -> str:
    if share >= scenario.number("hire.late_at"):
        return "late"
    return "due" if share >= scenario.number("hire.due_at") else "early"


def _capacity(scenario: Scenario, now: float, growth: Growth | None) -> Condition:
    due, until = scenario.number("hire.due_at"), scenario.number("hire.due_until")
    trend = ""
    if growth is not None and growth.patients_per_month:
        points = growth.patients_per_month / _target(scenario).middle
        trend = f"{points:+.1%} of the target a month"
    elif history := scenario.records("hire.history"):
        trend = _trend_of(history)
    is_met = now >= due
    return Condition(
        "capacity",
        is_met,
        f"{scenario.whole('practice.active_patients'):,} patients are {now:.1%} of the target of"
        f" {_target(scenario).middle:,.0f}",
        trend,
        "" if is_met else f"capacity is {now:.1%} of the target; a hire is due from {due:.0%} to {until:.0%}",
    )


def _trend_of(history: tuple[Record, ...]) -> str:
    told = [one for one in history if _of(one, "patients") is not None]
    if len(told) < 2:
        return ""
    first, last = (_of(told[at], "patients") or 0 for at in (0, -1))
    return f"from {first:,.0f} to {last:,.0f} patients in the account given"


def _wait_list(scenario: Scenario) -> Condition:
    needed = scenario.number("hire.wait_list_days_needed")
    if not scenario.has("hire.wait_list_days"):
        return Condition(
            "wait_list",
            None,
            "Nobody has said how long there has been a wait list",
            "",
            f"no wait list is recorded; it must have been there for {needed:g} days",
        )
    days = scenario.range("hire.wait_list_days")
    is_met = days.middle >= needed
    return Condition(
        "wait_list",
        is_met,
        f"People have been waiting without a gap for {days.middle:g} days",
        "" if is_met else f"{needed - days.middle:g} days short",
        ""
        if is_met
        else f"the wait list is {days.middle:g} days old; it must have been there for {needed:g}",
    )


def _workload(scenario: Scenario) -> Condition:
    most = scenario.number("hire.overtime_hours_sustainable")
    overtime = (
        scenario.range("hire.overtime_hours_per_week")
        if scenario.has("hire.overtime_hours_per_week")
        else None
    )
    knows_burnout = scenario.has("hire.burnout_reported")
    if overtime is None and not knows_burnout:
        return Condition(
            "workload",
            None,
            "Nobody has asked the practitioners about overtime and burnout",
            "",
            "nobody has asked the practitioners whether their workload can be sustained",
        )
    told = []
    if overtime is not None:
        told.append(f"{overtime.middle:g} h of overtime a week")
    if knows_burnout:
        told.append("signs of burnout" if scenario.flag("hire.burnout_reported") else "no signs of burnout")
    reasons = []
    if overtime is not None and overtime.middle > most:
        reasons.append(f"overtime is {overtime.middle:g} h a week, above {most:g}")
    if scenario.flag("hire.burnout_reported"):
        reasons.append("practitioners report signs of burnout")
    evidence = f"Practitioners report {', '.join(told)}"
    if reasons:
        because = f"the workload is not sustainable: {', and '.join(reasons)}; relieve it first"
        return Condition("workload", False, evidence, "", because)
    if overtime is None or not knows_burnout:
        unknown = "hours of overtime" if overtime is None else "signs of burnout"
        because = f"nobody has asked the practitioners about {unknown}"
        return Condition("workload", None, evidence, "", because)
    return Condition("workload", True, evidence, "", "")


def _verdict(timing: str, conditions: tuple[Condition, ...], *, is_full: bool) -> tuple[str, tuple[str, ...]]:
    """
    Due needs all three signals. Late needs no more proof than that nobody has found demand to be missing, and
    none at all where everybody is full: what is not known, and a workload that can no longer be sustained, is
    what lateness does, and is said beside it.
    """
    because = tuple(one.because for one in conditions if not one.is_met)
    demand = conditions[1]
    if timing == "late" and (is_full or demand.is_met is not False):
        return "late", because
    return ("due" if all(one.is_met for one in conditions) else "not_yet"), because


def _said(verdict: str, because: tuple[str, ...]) -> str:
    reasons = "; ".join(because)
    if verdict == "not_yet":
        return f"Hire: not yet, because {reasons}."
    if verdict == "late":
        also = f" Besides, {reasons}." if reasons else ""
        return f"Hire: late. Existing practitioners are overfull before a newcomer has ramped up.{also}"
    return "Hire: due. All three signals are there."


def _growth(scenario: Scenario, now: float, today: date | None) -> Growth | None:
    patients = scenario.whole("practice.active_patients")
    months = scenario.number("growth.months")
    end = growth_end(scenario)
    if end is None:
        return None
    ends_there = scenario.has("growth.to_patients")
    each = (end - patients) / months if ends_there else scenario.number("growth.patients_per_month")
    target = _target(scenario).middle
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


def _senior(scenario: Scenario) -> Senior:
    week = scenario.range("capacity.hours_per_week_fte").middle
    patients = scenario.number("practice.active_patients")
    fte = scenario.range("capacity.senior_fte_per_1000")
    needed = Range(fte.low * patients / 1000 * week, fte.high * patients / 1000 * week)
    planned = scenario.range("practice.senior_non_clinical_fte")
    planned_hours = Range(planned.low * week, planned.high * week)
    spent = (
        scenario.number("hire.senior_hours_per_week") if scenario.has("hire.senior_hours_per_week") else None
    )
    later = max(patients, growth_end(scenario) or 0)
    now_roles, later_roles = senior_roles(scenario, patients), senior_roles(scenario, later)
    return Senior(
        needed_hours_per_week=needed,
        planned_hours_per_week=planned_hours,
        spent_hours_per_week=spent,
        is_eaten=None if spent is None else spent < max(needed.low, 0),
        said=_senior_said(scenario, needed, planned_hours, spent, now_roles, later_roles),
        roles_needed=now_roles,
        roles_needed_after_growth=later_roles,
    )


def _senior_said(
    scenario: Scenario, needed: Range, planned: Range, spent: float | None, now: int, later: int
) -> str:
    hours = f"{needed.low:.1f} to {needed.high:.1f} h a week"
    if spent is None:
        said = (
            f"Nobody has said how much senior time is spent on case review and templates; {hours} are needed."
        )
    elif spent < needed.low:
        said = (
            f"Senior time is being eaten: {spent:g} h a week of the {hours} needed are left for case review."
        )
    else:
        said = f"Senior time is protected: {spent:g} h a week; {hours} are needed."
    if planned.high < needed.low:
        said += f" Only {planned.high:.1f} h a week are planned for it."
    if now > 1 or later > now:
        each = scenario.whole("capacity.patients_per_senior_role")
        said += f" {max(now, later)} senior roles are needed, one more beyond each {each:,} patients."
    return said


def _past(scenario: Scenario) -> Iterator[Past]:
    target = scenario.range("hire.target_panel").middle
    before: float | None = None
    for one in scenario.records("hire.history"):
        patients, practitioners, total = (
            _of(one, name) for name in ("patients", "practitioners", "total_fte")
        )
        label = _of(one, "label")
        yield Past(
            label=f"Q{int(label) % 10} {int(label) // 10}" if label else "",
            patients=patients,
            practitioners=practitioners,
            utilisation=_share(patients, practitioners, target),
            utilisation_before_hire=_share(patients, before, target),
            patients_per_fte=patients / total if patients is not None and total else None,
        )
        before = practitioners if practitioners is not None else before


def _share(patients: float | None, practitioners: float | None, target: float) -> float | None:
    if patients is None or not practitioners:
        return None
    return patients / (practitioners * target)


def _peer(scenario: Scenario) -> Peer | None:
    """By the newest entry that counts all people; without one by the people there are, in their middle."""
    theirs_fte, theirs_patients = scenario.number("peer.fte"), scenario.number("peer.patients")
    patients, total = _patients_and_people(scenario)
    if patients is None or total <= 0 or theirs_fte <= 0 or theirs_patients <= 0:
        return None
    each, theirs = patients / total, theirs_patients / theirs_fte
    return Peer(each, theirs, each / theirs)


def _patients_and_people(scenario: Scenario) -> tuple[float | None, float]:
    told = [one for one in scenario.records("hire.history") if _of(one, "total_fte")]
    if told:
        return _of(told[-1], "patients"), _of(told[-1], "total_fte") or 0
    return scenario.number("practice.active_patients"), sum(map(scenario.number, HAVE.values()))


def _of(record: Record, name: str) -> float | None:
    value = record[name]
    return value.middle if isinstance(value, Range) else None
