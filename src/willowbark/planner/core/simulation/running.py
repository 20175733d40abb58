"""The run: week after week for a block of replications, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from willowbark.planner.core.simulation import events, steps
from willowbark.planner.core.simulation.draws import BLOCK, draws
from willowbark.planner.core.simulation.failures import Failures, failures, watch
from willowbark.planner.core.simulation.figures import DAYS_PER_WEEK, Counts, Figures, Floats, draw
from willowbark.planner.core.simulation.model import Method, Model, TooMuch
from willowbark.planner.core.simulation.people import People, Sums, people
from willowbark.planner.core.simulation.staff import Staff, begin_week, decide, employ
from willowbark.planner.core.simulation.steady import steady
from willowbark.planner.core.simulation.waits import WaitList
from willowbark.planner.core.simulation.weeks import Week, feel, plan_week

MOST_PEOPLE = 10_000_000_000
# Adherence is counted over 90 days, so that it follows what happens this slowly.
ADHERENCE_WEEKS = 90 / DAYS_PER_WEEK

SERIES = (
    "patients",
    "waiting",
    "wait_days",
    "panel_share",
    "practitioner_load",
    "front_desk_load",
    "senior_load",
    "practitioners",
    "front_desk",
    "senior",
    "follow_up_delay_days",
    "adherence",
    "errors_per_100_visits",
    "override_variance",
    "inventory_drift",
    "billing_corrections",
)


@dataclass(frozen=True, slots=True)
class Run:
    """
    What happened in the replications of a block.

    Attributes:
        series: SERIES x (weeks + 1) x replications: at the beginning and at the end of each week.
        decided_in: the week of each hiring rule's first decision, -1 for never: rules x replications.
        shown_in, broke_in: the same for the three failures.
    """

    series: NDArray[np.float32]
    sums: Sums
    decided_in: Counts
    shown_in: Floats
    broke_in: Floats


def run_block(model: Model, *, seed: int, block: int, method: Method) -> Run:
    """
    One block of BLOCK replications.

    Raises:
        TooMuch: the practice outgrows mankind.
    """
    practice = _Practice(model, seed=seed, block=block, method=method)
    for week in range(model.weeks):
        practice.live(week)
    return practice.run()


class _Practice:
    """A practice at a point of time, in every replication of a block."""

    def __init__(self, model: Model, *, seed: int, block: int, method: Method) -> None:
        self._model, self._method = model, method
        self._draws = draws(seed, block)
        self._figures: Figures[Floats] = draw(model.figures, self._draws.figures, BLOCK)
        self._steady = steady(self._figures)
        self._people: People = people(model.patients, model.waiting, BLOCK)
        self._staff: Staff = employ(model, self._figures)
        self._failures: Failures = failures(model, self._figures, self._draws.figures)
        self._list = WaitList(self._people.waiting, model.weeks)
        self._guards = np.array(model.guards)[:, None].repeat(BLOCK, axis=1)
        self._overload = np.zeros((2, BLOCK))
        self._adherence = self._figures.adherence
        self._wait_days = np.zeros(BLOCK)
        self._before = self._people.sums.copy()
        self._series = np.zeros((len(SERIES), model.weeks + 1, BLOCK), dtype=np.float32)
        self._keep(0, self._plan(0))

    def _plan(self, week: int) -> Week:
        return plan_week(
            self._model,
            self._figures,
            self._steady,
            week=week,
            patients=self._people.patients,
            due=self._people.due,
            staff=self._staff.productive,
            overload=self._overload,
            broken=self._failures.broken,
            wait_days=self._wait_days,
        )

    def live(self, week: int) -> None:
        model, people, staff = self._model, self._people, self._staff
        if week == model.count_from_week:
            self._before = people.sums.copy()
        begin_week(staff, week, self._staff_leave(), model, self._draws)
        plan = self._plan(week)
        if self._method == "events":
            events.live_week(people, plan.rates, self._draws)
        else:
            steps.live_week(people, plan.rates, self._draws, steps=model.steps_per_week)
        if max(people.patients.max(), people.waiting.max(), people.due.max()) > MOST_PEOPLE:
            raise TooMuch(
                f"By week {week + 1} there are more than {MOST_PEOPLE:,} people or visits: "
                "no practice grows like that.",
                field="arrivals.referred_per_patient_month",
            )
        self._overload = feel(self._overload, plan)
        self._suffer(week, plan)
        self._wait_days = self._list.days(week + 1, people.sums.joined, people.waiting)
        share = self._keep(week + 1, plan)
        decide(staff, model, week, people.patients, share, plan.load, self._wait_days)

    def _staff_leave(self) -> Floats:
        """Overload drives practitioners and front desk away."""
        more = 1 + self._figures.strain_staff * self._overload
        rates: Floats = self._steady.staff_leave * np.concatenate([more, np.ones((1, BLOCK))])
        return rates

    def _suffer(self, week: int, plan: Week) -> None:
        """Failures come sooner where the work is too much; the front desk's are inventory and billing."""
        more = 1 + self._overload[[0, 1, 1]]
        guarded = self._guards.copy()
        guarded[0] &= plan.case_review_is_held
        watch(self._failures, week, self._people.patients * more, guarded)
        figures = self._figures
        usual = figures.adherence * np.maximum(
            1
            - figures.strain_adherence * self._overload[0]
            - figures.damage_adherence * self._failures.broken.sum(axis=0),
            0,
        )
        self._adherence = self._adherence + (usual - self._adherence) / ADHERENCE_WEEKS

    def _keep(self, row: int, plan: Week) -> Floats:
        """Write a row of every series; returns the share of the panels that is taken."""
        people, staff, figures = self._people, self._staff, self._figures
        panels = figures.panel * staff.productive[0]
        share = np.where(panels > 0, people.patients / np.maximum(panels, 1e-9), 0.0)
        errors = (
            1
            + figures.strain_errors * self._overload.sum(axis=0)
            + figures.damage_errors * self._failures.broken.sum(axis=0)
        )
        for number, values in enumerate(
            (
                people.patients,
                people.waiting,
                self._wait_days,
                share,
                *plan.load,
                *staff.employed,
                plan.delay_weeks * DAYS_PER_WEEK,
                self._adherence,
                figures.errors_per_100_visits * errors,
                *self._failures.progress,
            )
        ):
            self._series[number, row] = values
        return share

    def run(self) -> Run:
        return Run(
            series=self._series,
            sums=self._people.sums.since(self._before),
            decided_in=self._staff.decided_in,
            shown_in=self._failures.shown_in,
            broke_in=self._failures.broke_in,
        )
