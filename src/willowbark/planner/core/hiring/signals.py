"""The three signals, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.planner.core.hiring.growth import Growth
from willowbark.planner.core.hiring.past import number_of
from willowbark.planner.core.hiring.target import target_of
from willowbark.planner.core.scenario.scenario import Record, Scenario


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


def timing_of(scenario: Scenario, share: float) -> str:
    """By the part of the target that is taken alone: 'early', 'due' or 'late'."""
    if share >= scenario.number("hire.late_at"):
        return "late"
    return "due" if share >= scenario.number("hire.due_at") else "early"


def capacity(scenario: Scenario, now: float, growth: Growth | None) -> Condition:
    """Whether practitioners are near their target panel; `now` is the part that is taken."""
    due, until = scenario.number("hire.due_at"), scenario.number("hire.due_until")
    trend = ""
    if growth is not None and growth.patients_per_month:
        points = growth.patients_per_month / target_of(scenario).middle
        trend = f"{points:+.1%} of the target a month"
    elif history := scenario.records("hire.history"):
        trend = _trend_of(history)
    is_met = now >= due
    return Condition(
        "capacity",
        is_met,
        f"{scenario.whole('practice.active_patients'):,} patients are {now:.1%} of the target of"
        f" {target_of(scenario).middle:,.0f}",
        trend,
        "" if is_met else f"capacity is {now:.1%} of the target; a hire is due from {due:.0%} to {until:.0%}",
    )


def _trend_of(history: tuple[Record, ...]) -> str:
    told = [one for one in history if number_of(one, "patients") is not None]
    if len(told) < 2:
        return ""
    first, last = (number_of(told[at], "patients") or 0 for at in (0, -1))
    return f"from {first:,.0f} to {last:,.0f} patients in the account given"


def wait_list(scenario: Scenario) -> Condition:
    """Whether people have been waiting for long enough, without a gap."""
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


def workload(scenario: Scenario) -> Condition:
    """Whether the practitioners there can sustain their work: overtime, and signs of burnout."""
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


def verdict_of(
    timing: str, conditions: tuple[Condition, ...], *, is_full: bool
) -> tuple[str, tuple[str, ...]]:
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


def said_of(verdict: str, because: tuple[str, ...]) -> str:
    """The verdict in a sentence or two."""
    reasons = "; ".join(because)
    if verdict == "not_yet":
        return f"Hire: not yet, because {reasons}."
    if verdict == "late":
        also = f" Besides, {reasons}." if reasons else ""
        return f"Hire: late. Existing practitioners are overfull before a newcomer has ramped up.{also}"
    return "Hire: due. All three signals are there."
