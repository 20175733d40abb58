"""Growth, simulated: fans of what may come, what breaks and who is hired when, and how likely the goal is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from willowbark.foundation import charts
from willowbark.planner.core.scenario import Scenario
from willowbark.planner.core.simulation import Band, SimulationResult, reasons, simulate
from willowbark.planner.core.simulation.figures import Floats
from willowbark.planner.core.simulation.of_scenario import milestones_of
from willowbark.planner.core.simulation.simulating import QUICK
from willowbark.planner.pages.pictures import Why

SEED = 1
# Failures and hires that most runs have are marked in the picture; the sentences tell the others.
MARKED_FROM = 0.5
MOST_MARKED = 6
LEADING = (
    ("override_variance", "Override variance"),
    ("inventory_drift", "Inventory drift"),
    ("billing_corrections", "Billing corrections"),
)
_FAILURES = {
    "consistency": "Consistency breaks",
    "inventory": "Inventory breaks",
    "billing": "Billing breaks",
}
_HIRES = {
    "practitioner": "Recruit a practitioner",
    "front_desk": "Recruit front desk",
    "senior": "More senior time",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fan, and where it is explained."""

    chart: charts.FanChart
    why_url: str


@dataclass(frozen=True, slots=True)
class Growth:
    """The pictures, and what they say in sentences; `lines_why_url` is where those are explained."""

    patients: Drawn
    others: tuple[Drawn, ...]
    leading: tuple[Drawn, ...]
    lines: tuple[str, ...]
    lines_why_url: str
    replications: int


def growth_of(scenario: Scenario, why: Why) -> Growth:
    """
    The weeks to come, of 200 replications; `why` says where a figure is explained.

    Raises:
        BadScenario, TooMuch: it cannot be simulated.
    """
    found = simulate(scenario, seed=SEED, replications=QUICK)
    bands = found.bands

    def drawn(name: str, title: str, unit: str, *, times: int = 1, **how: Any) -> Drawn:
        chart = charts.fan_chart(_fan(bands[name], times=times), unit=unit, title=title, **how)
        return Drawn(chart, why(f"weeks_{name}"))

    staff = (("practitioners", "Practitioners"), ("front_desk", "Front desk"), ("senior", "Senior time"))
    return Growth(
        patients=drawn(
            "patients",
            "Active patients",
            "patients",
            goals=[charts.Goal(one.week, one.patients) for one in milestones_of(scenario)],
            goal_label="What is asked about",
            events=_events(found),
        ),
        others=(
            drawn("waiting", "Waiting to start", "people"),
            drawn("wait_days", "Wait of the next to start", "days"),
            drawn("practitioner_load", "Practitioners' load", "% of hours", times=100),
            drawn("front_desk_load", "Front desk's load", "% of hours", times=100),
            *(drawn(name, title, "FTE", is_stepped=True, decimals=2) for name, title in staff),
        ),
        leading=tuple(
            drawn(name, title, "% of the way to damage", times=100)
            for name, title in LEADING
            if bands[name].p95.max() > 0
        ),
        lines=tuple(reasons(found)),
        lines_why_url=why("weeks_chances"),
        replications=found.replications,
    )


def _fan(band: Band, *, times: int = 1) -> charts.Fan:
    def line(values: Floats) -> list[float]:
        return [float(value) * times for value in values]

    return charts.Fan(line(band.p5), line(band.p25), line(band.p50), line(band.p75), line(band.p95))


def _events(found: SimulationResult) -> list[charts.Event]:
    """What most runs meet, at the week in which half of them have met it; the earliest first."""
    known = [(one.broke, _FAILURES[one.name]) for one in found.failures]
    known += [(one.decided, _HIRES[one.rule.role]) for one in found.hiring]
    marked = [
        charts.Event(when.p50, f"{text}, around week {when.p50} in {when.share:.0%} of runs")
        for when, text in known
        if when.p50 is not None and when.share >= MARKED_FROM
    ]
    return sorted(marked, key=lambda one: one.week)[:MOST_MARKED]
