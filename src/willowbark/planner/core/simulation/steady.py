"""What stays as it is throughout a run: a replication's figures by the week, and rates from shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.simulation.figures import (
    WEEKS_PER_MONTH,
    WEEKS_PER_QUARTER,
    WEEKS_PER_YEAR,
    Figures,
    Floats,
)


@dataclass(frozen=True, slots=True)
class Steady:
    """
    By the week, for each replication.

    Attributes:
        hours_each: of one full-time equivalent of each role (rows, as in ROLES).
        admin_hours, visit_hours, review_hours: that one active patient needs: administration, follow-ups,
            case review.
        referrals, come_due: people and visits of one active patient.
        give_up, leave, staff_leave: rates for each person, while nothing is wrong.
    """

    hours_each: Floats
    admin_hours: Floats
    visit_hours: Floats
    review_hours: Floats
    referrals: Floats
    come_due: Floats
    give_up: Floats
    leave: Floats
    staff_leave: Floats


def steady(figures: Figures[Floats]) -> Steady:
    """The same figures, by the week."""
    come_due = figures.follow_ups_per_year / WEEKS_PER_YEAR
    full_time = figures.full_time_hours_per_week
    return Steady(
        hours_each=np.stack(
            [figures.practitioner_hours_per_quarter / WEEKS_PER_QUARTER, full_time, full_time]
        ),
        admin_hours=figures.admin_hours_per_quarter / WEEKS_PER_QUARTER,
        visit_hours=come_due * figures.follow_up_hours,
        review_hours=figures.senior_fte_per_1000 / 1000 * full_time,
        referrals=figures.referrals_per_patient_month / WEEKS_PER_MONTH,
        come_due=come_due,
        give_up=_rate(figures.give_up_per_month, WEEKS_PER_MONTH),
        leave=_rate(figures.leave_per_month, WEEKS_PER_MONTH),
        staff_leave=_rate(figures.staff_leave_per_year, WEEKS_PER_YEAR),
    )


def _rate(share: Floats, weeks: float) -> Floats:
    """The rate a week at which this part, below 1, is gone after so many weeks."""
    rate: Floats = -np.log1p(-share) / weeks
    return rate
