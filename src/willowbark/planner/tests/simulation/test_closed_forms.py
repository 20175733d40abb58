"""Where the mathematics of a practice is known, the simulation meets it within three standard errors."""

from __future__ import annotations

import math
from typing import Any

import pytest

from willowbark.planner.core.simulation import Estimate, simulate, simulate_queue
from willowbark.planner.tests.simulation.practices import is_near, practice, quiet

# Some forty comparisons at three standard errors: about one seed in ten fails one of them by chance.
SEED = 1050


def erlang_c(servers: int, load: float) -> float:
    """The chance of having to wait in M/M/c: Erlang 1917, by the recursion of his loss formula."""
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    return lost / (1 - load / servers * (1 - lost))


@pytest.mark.parametrize(("per_hour", "minutes", "servers"), [(8, 6, 2), (40, 6, 5), (4, 6, 1), (9, 60, 12)])
def test_a_queue_waits_as_erlang_says(per_hour: int, minutes: int, servers: int):
    found = simulate_queue(
        practice(queue__arrivals_per_hour=per_hour, queue__service_minutes=minutes, queue__servers=servers),
        seed=SEED,
        replications=400,
    )
    load = per_hour * minutes / 60
    share = erlang_c(servers, load)
    wait = share * minutes / (servers - load)
    assert is_near(found.share_who_wait, share)
    assert is_near(found.mean_wait_minutes, wait)
    assert is_near(found.mean_stay_minutes, wait + minutes)


def test_people_there_are_people_coming_times_their_stay():
    found = simulate_queue(
        practice(queue__arrivals_per_hour=8, queue__service_minutes=6, queue__servers=2),
        seed=SEED,
        replications=400,
    )
    assert is_near(found.mean_there, 8 * found.mean_stay_minutes.mean / 60)
    assert is_near(found.mean_waiting, 8 * found.mean_wait_minutes.mean / 60)


def closed_panel(**changed: Any) -> dict[str, Any]:
    """Twenty places that people keep for ten weeks on average, and 1.6 a week who want one."""
    return {
        "retention__panel_is_closed": True,
        "hire__target_panel": 20,
        "practice__active_patients": 16,
        "retention__leave_share_per_month": 1 - math.exp(-0.1 * 52 / 12),
        "arrivals__per_week": 1.6,
        "simulation__weeks": 600,
        "simulation__count_from_week": 100,
        **changed,
    }


def test_a_closed_panel_is_a_queue_with_a_server_for_each_place():
    found = simulate(quiet(**closed_panel(simulation__method="events")), seed=SEED, replications=200)
    share = erlang_c(20, 16)
    assert is_near(found.totals["share_who_queue"], share)
    assert is_near(found.totals["mean_wait_days"], 7 * share / (2 - 1.6))


def test_the_wait_that_is_shown_is_the_one_that_the_list_tells():
    """Little's law: people waiting are people joining times their wait, here that of the head of the list."""
    found = simulate(quiet(**closed_panel(simulation__step_days=1)), seed=SEED, replications=200)
    waiting, wait = found.bands["waiting"], found.bands["wait_days"]
    people = Estimate(waiting.mean[100:].mean(), waiting.standard_error[100:].mean() / math.sqrt(10))
    assert is_near(people, 1.6 * wait.mean[100:].mean() / 7)


@pytest.mark.parametrize(
    ("patients", "chance", "slots", "overflow"), [(2500, 0.008, 24, 0.155876), (1800, 0.01, 20, 0.268475)]
)
def test_days_with_more_visits_than_slots_are_the_tail_of_the_binomial(
    patients: int, chance: float, slots: int, overflow: float
):
    """Green, Savin & Murray 2007: everybody may ask on every day, with the same chance."""
    found = simulate(
        quiet(
            practice__active_patients=patients,
            appointments__visits_per_patient_year=chance * 364,
            capacity__visit_hours_per_patient_quarter=chance * 91 * 0.1,
            capacity__hours_per_quarter=slots * 0.1 * 91,
            simulation__step_days=1,
            simulation__weeks=104,
        ),
        seed=SEED,
        replications=200,
    )
    assert is_near(found.totals["share_of_steps_over_capacity"], overflow)


@pytest.mark.parametrize("method", ["steps", "events"])
def test_growth_is_in_a_line_while_as_many_come_every_week(method: str):
    """400 to 1,050 in 78 weeks: 36.1 a month, and each quarter's number as published for the case."""
    found = simulate(
        quiet(
            practice__active_patients=400,
            arrivals__per_week=650 / 78,
            simulation__method=method,
        ),
        seed=SEED,
        replications=1000,
    ).bands["patients"]
    by_quarter = [400, 508.33, 616.67, 725, 833.33, 941.67, 1050]
    for quarter, patients in enumerate(by_quarter[1:], 1):
        week = 13 * quarter
        assert is_near(Estimate(found.mean[week], found.standard_error[week]), patients)
    assert found.standard_error[78] ** 2 * 999 == pytest.approx(650, rel=0.15), "the variance of Poisson"


@pytest.mark.parametrize("method", ["steps", "events"])
def test_growth_is_exponential_while_patients_refer_and_leave(method: str):
    """Each refers 5 % a month and 2 % leave: births and deaths, Yule 1925 and Kendall 1948."""
    found = simulate(
        quiet(
            practice__active_patients=100,
            arrivals__referred_per_patient_month=0.05,
            retention__leave_share_per_month=0.02,
            simulation__method=method,
        ),
        seed=SEED,
        replications=1000,
    ).bands["patients"]
    for month in (6, 12, 18):
        week = month * 52 // 12
        expected = 100 * math.exp(0.05 * month) * 0.98**month
        assert is_near(Estimate(found.mean[week], found.standard_error[week]), expected)


@pytest.mark.parametrize("method", ["steps", "events"])
def test_a_practice_settles_where_as_many_leave_as_come(method: str):
    found = simulate(
        quiet(
            practice__active_patients=0,
            arrivals__per_week=10,
            retention__leave_share_per_month=0.2,
            simulation__weeks=156,
            simulation__method=method,
        ),
        seed=SEED,
        replications=1000,
    ).bands["patients"]
    rate = -math.log(0.8) * 12 / 52
    for week in (13, 52, 156):
        expected = 10 / rate * (1 - math.exp(-rate * week))
        assert is_near(Estimate(found.mean[week], found.standard_error[week]), expected)
