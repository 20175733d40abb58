"""The one way in: a scenario, a seed, so many replications."""

from __future__ import annotations

import math

from willowbark.planner.core.scenario import Scenario
from willowbark.planner.core.simulation.figures import WEEKS_PER_MONTH, WEEKS_PER_YEAR
from willowbark.planner.core.simulation.model import Method, Model, TooMuch
from willowbark.planner.core.simulation.of_scenario import method_of, model_of
from willowbark.planner.core.simulation.result import SimulationResult, blocks_for, result_of
from willowbark.planner.core.simulation.running import run_block

QUICK = 200
MOST_REPLICATIONS = 10_000
# Replications times weeks: what is kept of each needs 64 bytes, so this is 640 MB.
MOST_KEPT = 10_000_000
LARGEST_SEED = 2**63 - 1
# People and visits that the method `events` may expect to move in a run of one replication.
MOST_EVENTS = 300_000
MOST_GROWTH = 50.0


def simulate(scenario: Scenario, *, seed: int, replications: int = QUICK) -> SimulationResult:
    """
    The practice of a scenario, simulated.

    The same scenario, seed and number of replications give the same result, and more replications begin with
    the same ones. 200, the default, are one block and answer while somebody moves a slider.

    Args:
        scenario: every figure checked; ranges are drawn evenly, once for each replication.
        seed: 0 or more, below 2^63. Scenarios that are compared should share it.
        replications: 1 to 10,000.

    Raises:
        BadScenario: figures that are possible one by one, and not together.
        TooMuch: more replications, weeks or events than can be done.
    """
    return simulate_model(
        model_of(scenario), seed=seed, replications=replications, method=method_of(scenario)
    )


def simulate_model(model: Model, *, seed: int, replications: int, method: Method) -> SimulationResult:
    """
    The same for a practice that was made in another way.

    Raises:
        TooMuch: more replications, weeks or events than can be done.
    """
    check_run(seed, replications)
    if replications * model.weeks > MOST_KEPT:
        raise TooMuch(
            f"{replications:,} replications of {model.weeks:,} weeks are more than fit; "
            f"{MOST_KEPT // model.weeks:,} do.",
            field="replications",
        )
    if method == "events" and (expected := _expected_events(model)) > MOST_EVENTS:
        raise TooMuch(
            f"About {expected:,.0f} people and visits are too many to move one by one; up to "
            f"{MOST_EVENTS:,} can be. Take the method 'steps', or fewer weeks.",
            field="simulation.method",
        )
    runs = [
        run_block(model, seed=seed, block=block, method=method) for block in range(blocks_for(replications))
    ]
    return result_of(model, runs, seed=seed, replications=replications, method=method)


def check_run(seed: int, replications: int) -> None:
    """
    Refuse a seed or a number of replications that there cannot be.

    Raises:
        TooMuch: there cannot be.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise TooMuch(f"The seed is from 0 to {LARGEST_SEED}, not {seed}.", field="seed")
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise TooMuch(
            f"From 1 to {MOST_REPLICATIONS:,} replications can be made, not {replications}.",
            field="replications",
        )


def _expected_events(model: Model) -> float:
    """At most about so many, from the practice as it begins."""
    figures = model.figures
    growth = min(figures.referrals_per_patient_month.high / WEEKS_PER_MONTH * model.weeks, MOST_GROWTH)
    arrivals = model.waiting + figures.arrivals_per_week.high * model.weeks
    most = (model.patients + arrivals) * math.exp(growth)
    visits = 2 * figures.follow_ups_per_year.high / WEEKS_PER_YEAR * model.weeks
    return 3 * (arrivals + most - model.patients) + (model.patients + most) / 2 * visits
