"""What a simulation found: all that a page draws and a sentence says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.simulation.draws import BLOCK
from willowbark.planner.core.simulation.failures import FAILURES
from willowbark.planner.core.simulation.figures import DAYS_PER_WEEK, Counts, Floats
from willowbark.planner.core.simulation.likelihood import Likelihood, likelihood
from willowbark.planner.core.simulation.model import HiringRule, Method, Model
from willowbark.planner.core.simulation.running import SERIES, Run
from willowbark.planner.core.simulation.summing import Band, Estimate, When, bands, estimate, ratio, when


@dataclass(frozen=True, slots=True)
class Failure:
    """When one of the three failed where its guard is missing: the leading signal, then the damage."""

    name: str
    is_guarded: bool
    shown: When
    broke: When


@dataclass(frozen=True, slots=True)
class Hiring:
    """When a hiring rule first decided."""

    rule: HiringRule
    decided: When


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """
    A simulated practice.

    Attributes:
        seed, replications, method: what to give for the same result again.
        weeks: simulated; every series has one value more, since it begins with week 0.
        bands: a fan chart for each of SERIES.
        totals: counts of a replication (joined, started, gave_up, left, visits), and averages: days waited
            until the first visit is over (mean_wait_days), and what only one of the methods tells.
        likelihood: of the milestones; None where none is asked about.
        one_run: the series of a single replication: the one nearest to the milestones, or without them the
            one whose patients end in the middle.
    """

    seed: int
    replications: int
    method: Method
    weeks: int
    bands: Mapping[str, Band]
    totals: Mapping[str, Estimate]
    failures: tuple[Failure, ...]
    hiring: tuple[Hiring, ...]
    likelihood: Likelihood | None
    one_run: Mapping[str, Floats]


def result_of(
    model: Model, runs: list[Run], *, seed: int, replications: int, method: Method
) -> SimulationResult:
    """Sum up what happened in the blocks, the last of them cut to the number asked for."""
    series = np.concatenate([run.series for run in runs], axis=2)[:, :, :replications]
    patients = series[SERIES.index("patients")]
    found = likelihood(patients, model.milestones, model.milestone_tolerance)
    one = found.nearest if found else int(np.argsort(patients[-1], kind="stable")[replications // 2])
    shown, broke = (
        np.concatenate([getattr(run, name) for run in runs], axis=1)[:, :replications].astype(np.int64)
        for name in ("shown_in", "broke_in")
    )
    decided: Counts = np.concatenate([run.decided_in for run in runs], axis=1)[:, :replications]
    return SimulationResult(
        seed=seed,
        replications=replications,
        method=method,
        weeks=model.weeks,
        bands=dict(zip(SERIES, bands(series), strict=True)),
        totals=_totals(runs, replications, method),
        failures=tuple(
            Failure(name, model.guards[row], when(shown[row]), when(broke[row]))
            for row, name in enumerate(FAILURES)
        ),
        hiring=tuple(Hiring(rule, when(decided[row])) for row, rule in enumerate(model.rules)),
        likelihood=found,
        one_run={name: series[row, :, one].astype(np.float64) for row, name in enumerate(SERIES)},
    )


def _totals(runs: list[Run], replications: int, method: Method) -> dict[str, Estimate]:
    def summed(name: str) -> Floats:
        values: Floats = np.concatenate([getattr(run.sums, name) for run in runs])[:replications]
        return values

    found = {name: estimate(summed(name)) for name in ("joined", "started", "gave_up", "left", "visits")}
    joined = summed("joined")
    averages = {"mean_wait_days": ratio(summed("waiting_weeks") * DAYS_PER_WEEK, joined)}
    if method == "events":
        averages["mean_queue_days"] = ratio(summed("queueing_weeks") * DAYS_PER_WEEK, joined)
        averages["share_who_queue"] = ratio(summed("found_busy"), joined)
    else:
        steps = np.full(replications, float(runs[0].sums.steps))
        averages["share_of_steps_over_capacity"] = ratio(summed("steps_over"), steps)
    return found | {name: value for name, value in averages.items() if value is not None}


def blocks_for(replications: int) -> int:
    """How many blocks hold so many replications."""
    return -(-replications // BLOCK)
