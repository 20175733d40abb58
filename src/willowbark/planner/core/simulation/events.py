"""
A week event by event, exactly: every replication jumps to its own next event until the week is over.

The direct method of Gillespie (J Phys Chem 1977;81:2340), for all replications of a block side by side.
Within a week the practice is a Markov chain in continuous time, so with nothing but first visits it is the
queue M/M/c, and with first visits that take no time, a closed panel is M/M/c with a server for each place.
"""

from __future__ import annotations

import numpy as np

from willowbark.planner.core.simulation.draws import Draws
from willowbark.planner.core.simulation.figures import Counts, Flags
from willowbark.planner.core.simulation.people import People, Rates, hours_to_visits

ARRIVAL, GIVE_UP, LEAVE, COME_DUE, FOLLOW_UP, FIRST_VISIT, NOTHING = range(7)
_WAITING = np.array([1, -1, 0, 0, 0, -1, 0])
_PATIENTS = np.array([0, 0, -1, 0, 0, 1, 0])
_DUE = np.array([0, 0, 0, 1, -1, 0, 0])
# Visits a week of one head where a visit takes no time.
_AT_ONCE = 1e9


def live_week(people: People, rates: Rates, draws: Draws) -> None:
    """Let a week pass."""
    replications = len(people.waiting)
    sums = people.sums
    left = np.ones(replications)
    by_head = rates.visit_hours / np.maximum(rates.heads, 1e-9)
    follow_up_rate = np.minimum(hours_to_visits(by_head, rates.follow_up_hours), _AT_ONCE)
    needs_nobody = rates.first_visit_hours == 0
    first_rate = np.where(needs_nobody, 0, hours_to_visits(by_head, rates.first_visit_hours))
    started = _start_at_once(people, rates, needs_nobody)
    while True:
        may_start = np.where(people.patients < rates.places, people.waiting, 0)
        seen_again = np.minimum(people.due, rates.heads)
        seen_first = np.minimum(may_start, rates.heads - seen_again)
        each = np.stack(
            [
                rates.arrivals + rates.referrals * people.patients,
                rates.give_up * people.waiting,
                rates.leave * people.patients,
                rates.come_due * people.patients,
                follow_up_rate * seen_again,
                first_rate * seen_first,
            ]
        )
        until = np.cumsum(each, axis=0)
        waits = draws.visits.standard_exponential(replications)
        choice = draws.visits.random(replications) * until[-1]
        with np.errstate(divide="ignore", over="ignore"):
            passed = np.minimum(waits / until[-1], left)
        sums.waiting_weeks += people.waiting * passed
        queueing = np.where(needs_nobody, people.waiting, people.due + may_start - rates.heads)
        sums.queueing_weeks += np.maximum(queueing, 0) * passed
        happens = passed < left
        left -= passed
        if not happens.any():
            return
        event = np.where(happens, (choice >= until).sum(axis=0), NOTHING)
        _take_due_along(people, event, draws)
        people.waiting = people.waiting + _WAITING[event]
        people.patients = people.patients + _PATIENTS[event]
        people.due = people.due + _DUE[event]
        if needs_nobody.any():
            started = _start_at_once(people, rates, needs_nobody)
            busy = people.waiting > 0
        else:
            started = event == FIRST_VISIT
            busy = may_start + seen_again >= rates.heads
        arrived = event == ARRIVAL
        sums.joined += arrived
        sums.found_busy += arrived & busy
        sums.gave_up += event == GIVE_UP
        sums.left += event == LEAVE
        sums.started += started
        sums.visits += started + (event == FOLLOW_UP)


def _start_at_once(people: People, rates: Rates, needs_nobody: Flags) -> Counts:
    """Where first visits take no time, whoever waits starts as long as there are places."""
    places = np.maximum(rates.places - people.patients, 0)
    started = np.where(needs_nobody, np.minimum(people.waiting, places), 0).astype(np.int64)
    people.waiting = people.waiting - started
    people.patients = people.patients + started
    return started


def _take_due_along(people: People, event: Counts, draws: Draws) -> None:
    """Each visit that is due belongs to the one who leaves with the same chance as to any other."""
    leaving = (event == LEAVE) & (people.due > 0)
    if leaving.any():
        share = np.where(leaving, 1 / np.maximum(people.patients, 1), 0)
        people.due = people.due - draws.leaving.binomial(people.due, share)
