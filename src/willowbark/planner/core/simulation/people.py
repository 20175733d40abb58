"""The people of a practice and their visits, for all replications of a block."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from willowbark.planner.core.simulation.figures import Counts, Floats


@dataclass(slots=True)
class Sums:
    """
    What has happened so far, in each replication.

    Attributes:
        found_busy: of those who joined, how many could not be seen at once (method `events` alone).
        waiting_weeks: weeks waited, of all people together; queueing_weeks: the same without the time in
            which they are seen (method `events` alone).
        steps, steps_over: steps, and those in which more visits came due than hours allow (`steps` alone).
    """

    joined: Floats
    found_busy: Floats
    gave_up: Floats
    started: Floats
    left: Floats
    visits: Floats
    waiting_weeks: Floats
    queueing_weeks: Floats
    steps_over: Floats
    steps: int = 0

    def since(self, earlier: Sums) -> Sums:
        """What has happened since then."""
        found = {one.name: getattr(self, one.name) - getattr(earlier, one.name) for one in fields(self)}
        return Sums(**found)

    def copy(self) -> Sums:
        """The same, at rest."""
        return self.since(no_sums(len(self.joined)))


@dataclass(slots=True)
class People:
    """
    Who is there now: arrays over the replications.

    Attributes:
        waiting: asked to become patients and have not had the first visit.
        patients: active.
        due: follow-up visits that are due and not yet held.
    """

    waiting: Counts
    patients: Counts
    due: Counts
    sums: Sums


@dataclass(frozen=True, slots=True)
class Rates:
    """
    What moves people during one week; all of it stands still within the week.

    Attributes:
        arrivals: people a week; referrals: people a week for each active patient.
        give_up: a week, for each waiting person; leave: a week, for each active patient.
        come_due: visits a week for each active patient.
        visit_hours: hours for visits in the week, of all practitioners together.
        heads: practitioners among whom those hours are divided; a fraction works a part of the time.
        places: patients whom the practitioners take; infinite where nobody is turned away.
        first_visit_hours, follow_up_hours: of one visit; a first visit of 0 hours needs nobody.
    """

    arrivals: Floats
    referrals: Floats
    give_up: Floats
    leave: Floats
    come_due: Floats
    visit_hours: Floats
    heads: Floats
    places: Floats
    first_visit_hours: Floats
    follow_up_hours: Floats


def people(patients: int, waiting: int, replications: int) -> People:
    """Everybody at the beginning, the same in each replication."""

    return People(
        waiting=np.full(replications, waiting, dtype=np.int64),
        patients=np.full(replications, patients, dtype=np.int64),
        due=np.zeros(replications, dtype=np.int64),
        sums=no_sums(replications),
    )


def no_sums(replications: int) -> Sums:
    """Nothing has happened yet."""
    named: dict[str, Any] = {one.name: np.zeros(replications) for one in fields(Sums) if one.name != "steps"}
    return Sums(**named)


def hours_to_visits(hours: Floats, hours_each: Floats) -> Floats:
    """How many visits fit, on average; infinitely many where one takes no time."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(hours_each > 0, hours / hours_each, np.inf)
