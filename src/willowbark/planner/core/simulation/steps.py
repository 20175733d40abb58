"""
A week in equal steps: how many people move in each, drawn at once.

Rates stand still within a step ("tau-leaping": Gillespie, J Chem Phys 2001;115:1716). People leave in two
halves, before and after the others move (Strang splitting), so that the mean is right to the second order in
the length of the step. Nothing depends on how many people there are: a million patients take as long as ten.
"""

from __future__ import annotations

import numpy as np

from willowbark.planner.core.simulation.draws import Draws
from willowbark.planner.core.simulation.figures import Counts, Floats
from willowbark.planner.core.simulation.people import People, Rates, hours_to_visits


def live_week(people: People, rates: Rates, draws: Draws, *, steps: int) -> None:
    """Let a week pass in `steps` equal steps."""
    weeks = 1 / steps
    leave_half = -np.expm1(-rates.leave * weeks / 2)
    give_up = -np.expm1(-rates.give_up * weeks)
    refer = np.expm1(rates.referrals * weeks)
    hours = rates.visit_hours * weeks
    follow_ups_that_fit = hours_to_visits(hours, rates.follow_up_hours)
    sums = people.sums
    for _ in range(steps):
        waiting_before = people.waiting
        _leave(people, leave_half, draws)
        gone = draws.leaving.binomial(waiting_before, give_up) if waiting_before.any() else 0
        joined = draws.arrivals.poisson(rates.arrivals * weeks + people.patients * refer)
        people.waiting = waiting_before - gone + joined
        asked = _asked(people.patients, rates.come_due * weeks, draws)
        people.due = people.due + asked
        held = np.minimum(people.due, _fitting(follow_ups_that_fit, draws))
        people.due = people.due - held
        started = _start(people, rates, hours - held * rates.follow_up_hours, draws)
        _leave(people, leave_half, draws)
        sums.joined += joined
        sums.gave_up += gone
        sums.visits += held + started
        sums.waiting_weeks += (waiting_before + people.waiting) * (weeks / 2)
        sums.steps_over += asked > follow_ups_that_fit
    sums.steps += steps


def _leave(people: People, share: Floats, draws: Draws) -> None:
    """Whoever leaves takes the visits along that were due."""
    left = draws.leaving.binomial(people.patients, share)
    people.patients = people.patients - left
    if people.due.any():
        people.due = people.due - draws.leaving.binomial(people.due, share)
    people.sums.left += left


def _asked(patients: Counts, each: Floats, draws: Draws) -> Counts:
    """Visits that come due: at most one a patient in a step, unless the step is longer than the cadence."""
    if each.max(initial=0.0) <= 1:
        return draws.due.binomial(patients, each)
    return draws.due.poisson(patients * each)


def _start(people: People, rates: Rates, hours_left: Floats, draws: Draws) -> Counts:
    """First visits in the hours that follow-ups leave, while there are places."""
    fit = hours_to_visits(np.maximum(hours_left, 0), rates.first_visit_hours)
    places = np.maximum(rates.places - people.patients, 0)
    started = np.minimum(np.minimum(people.waiting, _fitting(fit, draws)), places).astype(np.int64)
    people.waiting = people.waiting - started
    people.patients = people.patients + started
    people.sums.started += started
    return started


# Stands for any number of visits: more than there are people.
_MANY = 1e12


def _fitting(visits: Floats, draws: Draws) -> Counts:
    """Visits take longer or shorter, exponentially, so how many fit is Poisson's."""
    return draws.visits.poisson(np.minimum(visits, _MANY))
