"""What growth does: what breaks, who is hired, how likely a path is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from willowbark.planner.core.simulation import reasons, simulate
from willowbark.planner.core.simulation.failures import FAILURES
from willowbark.planner.core.simulation.of_scenario import model_of
from willowbark.planner.core.simulation.running import SERIES, run_block
from willowbark.planner.tests.simulation.practices import case, practice, quiet

UNGUARDED = {"prerequisites__master_protocols": False, "prerequisites__integrated_platform": False}


def test_where_guards_are_missing_consistency_breaks_before_inventory_before_billing():
    staffed = {"staffing__leave_share_per_year": 0, "practice__front_desk_fte": 4}
    run = run_block(model_of(case(**staffed, **UNGUARDED)), seed=1, block=0, method="steps")
    consistency, inventory, billing = np.where(run.broke_in < 0, np.inf, run.broke_in)
    assert np.isfinite(consistency).all()
    assert np.isfinite(inventory).mean() > 0.9
    assert (consistency <= inventory).all()
    assert (inventory <= billing).all()


def test_operations_break_first_where_the_front_desk_is_understaffed():
    thin = {"practice__front_desk_fte": 0.5, "practice__practitioners": 4, "staffing__hiring": []}
    run = run_block(
        model_of(practice(**thin, practice__active_patients=380, **UNGUARDED)),
        seed=1,
        block=0,
        method="steps",
    )
    consistency, inventory, _ = np.where(run.broke_in < 0, np.inf, run.broke_in)
    assert (inventory < consistency).mean() > 0.5


def test_the_order_holds_for_a_practice_that_begins_beyond_all_three():
    run = run_block(
        model_of(case(practice__active_patients=1000, **UNGUARDED)), seed=1, block=0, method="steps"
    )
    assert (run.broke_in >= 0).all()
    assert (np.diff(run.broke_in, axis=0) >= 0).all()


def test_consistency_surfaces_at_400_to_500_patients():
    model = model_of(quiet(practice__active_patients=300, arrivals__per_week=5, **UNGUARDED))
    run = run_block(model, seed=1, block=0, method="steps")
    week = run.shown_in[0].astype(int)
    size = run.series[SERIES.index("patients")][week + 1, np.arange(len(week))]
    assert (size >= 400).all()
    assert (size <= 520).all(), "500 and a week's arrivals"


def test_signs_come_60_to_90_days_before_the_damage():
    model = model_of(quiet(practice__active_patients=900, **UNGUARDED))
    run = run_block(model, seed=1, block=0, method="steps")
    days = (run.broke_in - run.shown_in + 1) * 7
    assert (days >= 60).all()
    assert (days <= 90 + 7).all()
    for row, name in enumerate(("override_variance", "inventory_drift", "billing_corrections")):
        signal = run.series[SERIES.index(name)]
        assert signal[0].max() == 0, FAILURES[row]
        assert (np.diff(signal, axis=0) >= 0).all(), FAILURES[row]
        assert signal[-1].min() == 1, FAILURES[row]


def test_nothing_breaks_behind_its_guard():
    found = simulate(case(practice__senior_non_clinical_fte=1, staffing__leave_share_per_year=0), seed=1)
    assert [one.broke.share for one in found.failures] == [0, 0, 0]


def test_consistency_breaks_where_nobody_has_time_for_case_review():
    found = simulate(case(practice__senior_non_clinical_fte=0, staffing__hiring=[]), seed=1)
    assert found.failures[0].is_guarded
    assert found.failures[0].broke.share == 1
    assert found.failures[1].broke.share == 0
    assert any("too little case review" in one for one in reasons(found))


def test_unprotected_senior_time_is_eaten_while_practitioners_are_overloaded():
    crowded = {
        "practice__active_patients": 900,
        "practice__practitioners": 2,
        "staffing__hiring": [],
        "staffing__leave_share_per_year": 0,
    }
    held = simulate(practice(**crowded, practice__senior_non_clinical_fte=1), seed=1)
    eaten = simulate(
        practice(**crowded, practice__senior_non_clinical_fte=1, guards__senior_time_is_protected=False),
        seed=1,
    )
    assert held.failures[0].broke.share == 0
    assert eaten.failures[0].broke.share > 0.9


def test_overload_brings_delay_errors_and_leaving():
    usual = simulate(practice(practice__practitioners=4, staffing__hiring=[]), seed=1)
    crowded = simulate(practice(practice__practitioners=2, staffing__hiring=[]), seed=1)
    for name in ("follow_up_delay_days", "errors_per_100_visits", "wait_days", "practitioner_load"):
        assert crowded.bands[name].mean[-1] > usual.bands[name].mean[-1], name
    assert crowded.totals["left"].mean > 1.2 * usual.totals["left"].mean
    assert crowded.bands["adherence"].mean[-1] < usual.bands["adherence"].mean[-1]


def one_hire(**changed) -> list[float]:
    found = simulate(
        quiet(
            practice__active_patients=300,
            hire__recruiting_weeks=5,
            hire__ramp_weeks=8,
            simulation__weeks=30,
            **changed,
        ),
        seed=1,
    )
    return [float(each) for each in found.bands["practitioners"].p50]


def test_a_rule_recruits_when_its_condition_has_held_and_people_come_after_recruiting():
    rule = {"role": "practitioner", "fte": 1, "at_patients": 300, "for_weeks": 3, "at_most": 1}
    employed = one_hire(staffing__hiring=[rule])
    assert employed == [1.0] * 9 + [2.0] * 22, "decided in week 2, recruited for 5, there in week 8"


def test_a_rule_waits_for_whom_it_decided_on_and_stops_when_told():
    rule = {"role": "practitioner", "fte": 1, "at_patients": 300, "at_most": 2}
    employed = one_hire(staffing__hiring=[rule])
    assert employed.count(1.0) == 7
    assert employed.count(2.0) == 6
    assert employed[-1] == 3.0


def test_every_condition_of_a_rule_must_hold():
    rule = {"role": "practitioner", "fte": 1, "at_patients": 300, "at_wait_days": 60}
    assert set(one_hire(staffing__hiring=[rule])) == {1.0}


def test_new_people_take_patients_as_they_ramp_up():
    """A panel of 100 each is full; the second practitioner's fills evenly over 10 weeks."""
    found = simulate(
        quiet(
            practice__active_patients=100,
            arrivals__waiting=1000,
            retention__panel_is_closed=True,
            hire__target_panel=100,
            hire__recruiting_weeks=0,
            hire__ramp_weeks=10,
            staffing__hiring=[{"role": "practitioner", "at_patients": 100, "at_most": 1}],
            simulation__weeks=12,
        ),
        seed=1,
    ).bands["patients"]
    assert found.p5.tolist() == found.p95.tolist() == [100, 100, *range(105, 200, 10), 200]


def test_leavers_are_replaced_or_not():
    leaving = {"staffing__leave_share_per_year": 0.5, "staffing__hiring": [], "hire__recruiting_weeks": 4}
    replaced = simulate(practice(**leaving), seed=1).bands["practitioners"].mean
    gone = (
        simulate(practice(**leaving, staffing__leavers_are_replaced=False), seed=1)
        .bands["practitioners"]
        .mean
    )
    assert replaced[-1] > 0.8 * replaced[0]
    assert gone[-1] < 0.5 * gone[0]


def test_marketing_pauses_while_people_wait_too_long_and_campaigns_add_to_it():
    full = {
        "practice__active_patients": 700,
        "practice__practitioners": 3,
        "staffing__hiring": [],
        "arrivals__per_week": 12,
    }
    always = simulate(practice(**full), seed=1)
    paused = simulate(practice(**full, arrivals__pause_above_wait_days=30), seed=1)
    more = simulate(
        practice(**full, arrivals__campaigns=[{"from_week": 10, "until_week": 20, "per_week": 30}]), seed=1
    )
    assert paused.totals["joined"].mean < always.totals["joined"].mean
    assert paused.bands["waiting"].mean[-1] < 0.5 * always.bands["waiting"].mean[-1]
    assert paused.totals["mean_wait_days"].mean < always.totals["mean_wait_days"].mean
    assert more.totals["joined"].mean - always.totals["joined"].mean == pytest.approx(300, rel=0.02)


def test_the_case_is_one_run_among_its_assumptions_and_its_likelihood_is_told():
    found = simulate(case(), seed=1, replications=1000)
    likely = found.likelihood
    assert likely is not None
    assert likely.nearest_distance < 0.02, "a run within 2 % of every quarter's number"
    assert found.one_run["patients"][-1] == pytest.approx(1050, rel=0.02)
    assert found.one_run["practitioners"][0] == 3
    assert found.one_run["front_desk"][0] == 1.5
    last = likely.milestones[-1]
    assert (last.milestone.week, last.milestone.patients) == (78, 1050)
    assert 0.2 < last.reaching.mean < 0.6
    assert likely.reaching_all.mean <= min(one.reaching.mean for one in likely.milestones)
    assert likely.near_all.mean <= min(one.near.mean for one in likely.milestones)
    assert reasons(found)[1].startswith("1,050 patients by week 78 are reached in")


def test_without_milestones_the_growth_that_is_planned_is_asked_about():
    planned = {"growth__to_patients": 1300, "growth__months": 12}
    found = simulate(practice(**planned), seed=1).likelihood
    assert found is not None
    assert [(one.milestone.week, one.milestone.patients) for one in found.milestones] == [(52, 1300)]
    assert simulate(practice(**planned, simulation__weeks=40), seed=1).likelihood is None


def test_steps_and_events_are_one_model():
    steps, events = (simulate(case(simulation__method=method), seed=1) for method in ("steps", "events"))
    for name in ("patients", "practitioners", "front_desk", "adherence", "practitioner_load"):
        one, other = steps.bands[name], events.bands[name]
        difference = np.abs(one.mean - other.mean)[[13, 26, 39, 52, 65, 78]]
        error = np.hypot(one.standard_error, other.standard_error)[[13, 26, 39, 52, 65, 78]]
        assert (difference <= 3 * error + 0.002 * one.mean[[13, 26, 39, 52, 65, 78]]).all(), name


def test_figures_given_as_ranges_widen_the_bands():
    alone = {"staffing__leave_share_per_year": 0}  # When staff leaves is chance, whatever is a range.
    certain = simulate(case(arrivals__per_week=10, retention__leave_share_per_month=0.01, **alone), seed=1)
    ranged = simulate(case(**alone), seed=1)
    spread = [one.bands["patients"].p95[39] - one.bands["patients"].p5[39] for one in (certain, ranged)]
    assert spread[1] > 1.25 * spread[0]


def test_a_practice_of_a_million_runs_like_a_small_one():
    found = simulate(
        practice(
            practice__active_patients=1_000_000,
            practice__practitioners=4000,
            practice__front_desk_fte=600,
            practice__senior_non_clinical_fte=400,
            arrivals__per_week=[5000, 8000],
            simulation__weeks=260,
        ),
        seed=1,
        replications=1,
    )
    assert found.bands["patients"].p50[-1] > 1_000_000
    assert dataclasses.asdict(found.totals["left"])["standard_error"] is None
