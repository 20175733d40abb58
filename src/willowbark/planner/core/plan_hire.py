"""
When to hire the next practitioner: the answer of `willow plan hire`.

Three signals together justify a hire: practitioners at 85 to 90 % of their target, a wait list that has been
there for 60 days and more, and a workload that the existing practitioners can sustain. Earlier leaves people
without patients; at 95 to 100 % it is late: quality declines before the new one has ramped up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from willowbark.planner.core.capacity import ceiling, check_capacity, missing
from willowbark.planner.core.contradictions import Contradiction, of_case
from willowbark.planner.core.hiring.growth import Growth, growth_of
from willowbark.planner.core.hiring.past import Past, Peer, past_of, peer_of
from willowbark.planner.core.hiring.senior import Senior, senior_of
from willowbark.planner.core.hiring.signals import (
    Condition,
    capacity,
    said_of,
    timing_of,
    verdict_of,
    wait_list,
    workload,
)
from willowbark.planner.core.hiring.target import target_of
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Scenario


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
    target = target_of(scenario)
    now = patients / target.middle
    timing = timing_of(scenario, now)
    growth = growth_of(scenario, now, today)
    conditions = (
        capacity(scenario, now, growth),
        wait_list(scenario),
        workload(scenario),
    )
    note = _note(scenario)
    verdict, because = verdict_of(timing, conditions, is_full=now >= 1)
    return Hire(
        scenario=scenario.name,
        patients=patients,
        target_patients=target,
        utilisation=Range(patients / target.high, patients / target.low),
        utilisation_now=now,
        timing=timing,
        verdict=verdict,
        said=f"{said_of(verdict, because)} {note}".rstrip(),
        because=because,
        note=note,
        conditions=conditions,
        growth=growth,
        senior=senior_of(scenario),
        history=tuple(past_of(scenario)),
        peer=peer_of(scenario),
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
