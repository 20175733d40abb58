"""What holds of every simulated practice, whatever its figures."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.planner.core.simulation import simulate, simulation_as_json
from willowbark.planner.core.simulation.of_scenario import model_of
from willowbark.planner.core.simulation.running import SERIES, run_block
from willowbark.planner.tests.simulation.practices import case, practice

METHODS = ["steps", "events"]
NO_HIRING = {"staffing__hiring": [], "staffing__leave_share_per_year": 0}
WITHOUT = ["consistency", "inventory", "billing"]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_result(method: str):
    scenario = case(simulation__method=method, simulation__weeks=20, simulation__milestones=[])
    one = simulation_as_json(simulate(scenario, seed=7, replications=3))
    assert simulation_as_json(simulate(scenario, seed=7, replications=3)) == one
    assert simulation_as_json(simulate(scenario, seed=8, replications=3)) != one


def test_more_replications_begin_with_the_same_ones():
    scenario = case(simulation__milestones=[])
    model = model_of(scenario)
    first = run_block(model, seed=7, block=0, method="steps").series
    second = run_block(model, seed=7, block=1, method="steps").series
    both = np.concatenate([first, second], axis=2)[SERIES.index("patients")]
    for replications in (1, 150, 200, 201, 333):
        band = simulate(scenario, seed=7, replications=replications).bands["patients"]
        assert np.allclose(band.mean, both[:, :replications].mean(axis=1, dtype=np.float64))


@settings(max_examples=25)
@given(
    patients=st.integers(0, 3000),
    waiting=st.integers(0, 300),
    per_week=st.floats(0, 40),
    practitioners=st.floats(0, 6),
    visits=st.floats(0, 60),
    closed=st.booleans(),
    method=st.sampled_from(METHODS),
    step_days=st.sampled_from([7, 3.5, 1]),
)
def test_nobody_is_lost_and_nobody_is_counted_twice(
    patients, waiting, per_week, practitioners, visits, closed, method, step_days
):
    model = model_of(
        practice(
            practice__active_patients=patients,
            arrivals__waiting=waiting,
            arrivals__per_week=per_week,
            practice__practitioners=practitioners,
            appointments__visits_per_patient_year=visits,
            retention__panel_is_closed=closed,
            simulation__step_days=step_days,
            simulation__weeks=3,
        )
    )
    run = run_block(model, seed=1, block=0, method=method)
    series = dict(zip(SERIES, run.series, strict=True))
    sums = run.sums
    assert np.array_equal(series["patients"][-1], patients + sums.started - sums.left)
    assert np.array_equal(series["waiting"][-1], waiting + sums.joined - sums.gave_up - sums.started)
    assert (run.series >= 0).all()
    assert np.isfinite(run.series).all()
    assert (sums.visits >= sums.started).all()
    if closed and patients == 0:
        assert (series["panel_share"] <= 1 + 1e-6).all()


@pytest.mark.parametrize("patients", [300, 800, 1200])
@pytest.mark.parametrize("per_week", [6, 20])
def test_more_hours_never_lengthen_the_wait(patients: int, per_week: int):
    """On the same chance, with the staff as it is; what panels leave room for is left out."""
    waits = [
        simulate(
            practice(
                practice__active_patients=patients,
                practice__practitioners=3,
                arrivals__per_week=per_week,
                retention__panel_is_closed=False,
                capacity__hours_per_quarter=hours,
                simulation__weeks=52,
                **NO_HIRING,
            ),
            seed=3,
        )
        for hours in (350, 450, 525, 600, 800)
    ]
    means = [one.totals["mean_wait_days"] for one in waits]
    for fewer, more in pairwise(means):
        assert more.mean <= fewer.mean
    by_week = [one.bands["wait_days"] for one in waits]
    for with_fewer, with_more in pairwise(by_week):
        assert (with_more.mean <= with_fewer.mean + 3 * with_fewer.standard_error).all(), "in any week"


@pytest.mark.parametrize("removed", WITHOUT)
@pytest.mark.parametrize("patients", [400, 900])
def test_removing_a_guard_never_improves_anything(removed: str, patients: int):
    usual = case(practice__active_patients=patients, practice__senior_non_clinical_fte=0.6)
    without = case(
        practice__active_patients=patients,
        practice__senior_non_clinical_fte=0.6,
        **{f"guards__{removed}": False},
    )
    guarded, bare = (simulate(one, seed=3) for one in (usual, without))
    for name in ("patients", "adherence"):
        assert (bare.bands[name].mean <= guarded.bands[name].mean + 1e-9 + _slack(guarded, name)).all(), name
        assert bare.bands[name].mean[-1] < guarded.bands[name].mean[-1]
    for name in ("errors_per_100_visits", "override_variance", "inventory_drift", "billing_corrections"):
        assert (bare.bands[name].mean >= guarded.bands[name].mean - 1e-9 - _slack(guarded, name)).all(), name
    assert bare.totals["left"].mean > guarded.totals["left"].mean


def _slack(found, name: str):
    """Chance in single weeks: the guards draw nothing, but other numbers of people draw otherwise."""
    return 0.2 * found.bands[name].standard_error + 0.02


@pytest.mark.parametrize("method", METHODS)
def test_more_people_asking_never_leave_fewer_patients(method: str):
    ends = [
        simulate(
            case(
                arrivals__per_week=rate,
                simulation__method=method,
                simulation__weeks=20,
                simulation__milestones=[],
            ),
            seed=3,
        )
        .bands["patients"]
        .mean[-1]
        for rate in (4, 8, 16)
    ]
    assert ends == sorted(ends)
