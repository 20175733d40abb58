"""Growth, simulated: a fan of what may come, and what breaks first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from willowbark.foundation import charts
from willowbark.planner.core.scenario import Scenario
from willowbark.planner.core.simulation import reasons, simulate
from willowbark.planner.core.simulation.figures import Floats
from willowbark.planner.core.simulation.simulating import QUICK
from willowbark.planner.pages.page import today

SEED = 1
# Three lines of so many points each are drawn.
MOST_POINTS = 40


@dataclass(frozen=True, slots=True)
class Growth:
    """The picture, and what it says in sentences."""

    chart: charts.LineChart
    lines: tuple[str, ...]
    replications: int


def growth_of(scenario: Scenario) -> Growth:
    """
    Patients over the weeks to come, of 200 replications: the middle, and 9 of 10 between the others.

    Raises:
        BadScenario, TooMuch: it cannot be simulated.
    """
    found = simulate(scenario, seed=SEED, replications=QUICK)
    band = found.bands["patients"]
    begin = datetime.combine(today(), time(), UTC)
    step = max(1, -(-found.weeks // MOST_POINTS))

    def points(values: Floats) -> Iterator[charts.Point]:
        for week in range(0, found.weeks + 1, step):
            count = round(float(values[week]))
            yield charts.Point(begin + timedelta(weeks=week), count, f"{count:,} patients", precision="day")

    series = [
        charts.Series("Middle", list(points(band.p50))),
        charts.Series("1 in 20 is above", list(points(band.p95))),
        charts.Series("1 in 20 is below", list(points(band.p5))),
    ]
    return Growth(
        chart=charts.line_chart(series, unit="patients", title="Active patients"),
        lines=tuple(reasons(found)),
        replications=found.replications,
    )
