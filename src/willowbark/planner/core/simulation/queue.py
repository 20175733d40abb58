"""The queue M/M/c, simulated: people arrive, each is served by one of c, first come first served."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import Scenario
from willowbark.planner.core.simulation.figures import WEEKS_PER_QUARTER, Figures, Floats
from willowbark.planner.core.simulation.model import Model, TooMuch
from willowbark.planner.core.simulation.result import blocks_for
from willowbark.planner.core.simulation.running import run_block
from willowbark.planner.core.simulation.simulating import check_run
from willowbark.planner.core.simulation.summing import Estimate, estimate, ratio

WEEKS = 28
WARM_UP_WEEKS = 8
MOST_EVENTS = 100_000
LEAST_ARRIVALS = 400


@dataclass(frozen=True, slots=True)
class QueueResult:
    """
    A queue in its steady state.

    Attributes:
        counted_hours: of each replication, after eight twentieths of that to warm up.
        mean_wait_minutes: until being served, of everybody who came; mean_stay_minutes: with the service.
        share_who_wait: of those who came.
        mean_waiting, mean_there: people, over time, without and with those who are served.
    """

    seed: int
    replications: int
    counted_hours: float
    mean_wait_minutes: Estimate
    mean_stay_minutes: Estimate
    share_who_wait: Estimate
    mean_waiting: Estimate
    mean_there: Estimate


def simulate_queue(scenario: Scenario, *, seed: int, replications: int) -> QueueResult:
    """
    The queue of a scenario's `queue`, event by event, by the same code as a practice.

    It is a practice whose patients come once, for a first visit.

    Raises:
        TooMuch: nobody comes, more come than can be served, or so nearly that it takes too long to settle.
    """
    arrivals = scenario.number("queue.arrivals_per_hour")
    hours = scenario.number("queue.service_minutes") / 60
    servers = scenario.whole("queue.servers")
    check_run(seed, replications)
    busy = arrivals * hours / servers
    if not 0 < busy < 1:
        raise TooMuch(
            "Nobody comes." if busy == 0 else f"{busy:.0%} of the time is asked for: the queue never ends.",
            field="queue.arrivals_per_hour",
        )
    settles = hours * max(1, 1 / (servers * (1 - math.sqrt(busy)) ** 2))
    week_hours = max(settles, LEAST_ARRIVALS / arrivals / (WEEKS - WARM_UP_WEEKS))
    if 2 * arrivals * week_hours * WEEKS > MOST_EVENTS:
        raise TooMuch(
            f"At {busy:.1%} of capacity the queue settles too slowly; Erlang's formula answers at once.",
            field="queue.arrivals_per_hour",
        )
    model = _model(arrivals * week_hours, hours, servers, week_hours)
    runs = [
        run_block(model, seed=seed, block=block, method="events") for block in range(blocks_for(replications))
    ]

    def summed(name: str) -> Floats:
        values: Floats = np.concatenate([getattr(run.sums, name) for run in runs])[:replications]
        return values

    joined, counted_hours = summed("joined"), week_hours * (WEEKS - WARM_UP_WEEKS)
    in_minutes = week_hours * 60
    return QueueResult(
        seed=seed,
        replications=replications,
        counted_hours=counted_hours,
        mean_wait_minutes=_certain(ratio(summed("queueing_weeks") * in_minutes, joined)),
        mean_stay_minutes=_certain(ratio(summed("waiting_weeks") * in_minutes, joined)),
        share_who_wait=_certain(ratio(summed("found_busy"), joined)),
        mean_waiting=estimate(summed("queueing_weeks") / (WEEKS - WARM_UP_WEEKS)),
        mean_there=estimate(summed("waiting_weeks") / (WEEKS - WARM_UP_WEEKS)),
    )


def _certain(found: Estimate | None) -> Estimate:
    if found is None:
        raise TooMuch("Nobody came in any replication.", field="queue.arrivals_per_hour")
    return found


def _model(arrivals_per_week: float, hours: float, servers: int, week_hours: float) -> Model:
    nothing: dict[str, Range] = {one.name: point(0) for one in fields(Figures)}
    figures = Figures(
        **{
            **nothing,
            "arrivals_per_week": point(arrivals_per_week),
            "first_visit_hours": point(hours),
            "practitioners": point(servers),
            "front_desk_formal_from": point(1),
            "practitioner_hours_per_quarter": point(week_hours * WEEKS_PER_QUARTER),
        }
    )
    return Model(
        weeks=WEEKS,
        count_from_week=WARM_UP_WEEKS,
        step_days=7,
        patients=0,
        waiting=0,
        figures=figures,
        lead_days=point(0),
        panel_is_closed=False,
    )
