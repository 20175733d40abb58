"""The figures of a simulated practice: ranges before a run, one value for each replication during it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from willowbark.planner.core.ranges import Range

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
T = TypeVar("T")

WEEKS_PER_YEAR = 52.0
WEEKS_PER_QUARTER = 13.0
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
DAYS_PER_WEEK = 7.0


@dataclass(frozen=True, slots=True)
class Figures(Generic[T]):
    """
    What may be known only from here to there. A year has 52 weeks, a quarter 13, so 18 months are 78.

    Attributes:
        arrivals_per_week: people who ask to become patients, whom marketing brings.
        referrals_per_patient_month: the same, for each active patient.
        leave_per_month: part of the active patients that leaves, while nothing is wrong.
        give_up_per_month: part of the waiting people that gives up.
        panel: patients whom one practitioner takes.
        first_visit_hours, follow_up_hours: hours of a practitioner; a first visit of 0 hours needs nobody.
        follow_ups_per_year: visits that each active patient comes due for.
        admin_hours_per_quarter: a practitioner's, for each active patient.
        practitioner_hours_per_quarter: of one full-time practitioner, visits and administration together.
        full_time_hours_per_week: of everybody else.
        front_desk_fte_at_1000, front_desk_exponent, front_desk_formal_from: what decides how much front
            desk a site needs, as in the capacity model.
        dispensing_share, billing_share: parts of the front desk's work.
        senior_fte_per_1000: case review and templates needed, in proportion to patients.
        practitioners, front_desk, senior: full-time equivalents at the beginning.
        recruiting_weeks: from the decision to the first day.
        ramp_weeks: from the first day to full work, growing evenly.
        staff_leave_per_year: part of the people that leaves, while nobody is overloaded.
        consistency_breaks_at: active patients from which consistency fails where its guard is missing.
        gap_to_next: how much larger, as a part, a practice is when the next one of the three fails.
        adherence: share of doses taken over 90 days while nothing is wrong.
        errors_per_100_visits: while nothing is wrong.
        strain_leaving, strain_errors, strain_adherence, strain_staff: what a load of twice the hours does to
            the rate at which patients leave, to errors, to adherence (less) and to staff leaving, as a part
            of the usual; between once and twice in proportion.
        damage_leaving, damage_errors, damage_adherence, damage_work: what each of the three failures does
            to the same, and to the work that it makes, as a part of the usual.
    """

    arrivals_per_week: T
    referrals_per_patient_month: T
    leave_per_month: T
    give_up_per_month: T
    panel: T
    first_visit_hours: T
    follow_up_hours: T
    follow_ups_per_year: T
    admin_hours_per_quarter: T
    practitioner_hours_per_quarter: T
    full_time_hours_per_week: T
    front_desk_fte_at_1000: T
    front_desk_exponent: T
    front_desk_formal_from: T
    dispensing_share: T
    billing_share: T
    senior_fte_per_1000: T
    practitioners: T
    front_desk: T
    senior: T
    recruiting_weeks: T
    ramp_weeks: T
    staff_leave_per_year: T
    consistency_breaks_at: T
    gap_to_next: T
    adherence: T
    errors_per_100_visits: T
    strain_leaving: T
    strain_errors: T
    strain_adherence: T
    strain_staff: T
    damage_leaving: T
    damage_errors: T
    damage_adherence: T
    damage_work: T


def draw(figures: Figures[Range], generator: np.random.Generator, replications: int) -> Figures[Floats]:
    """
    Each figure for each replication, evenly within its range.

    A figure that is a point takes its share of the stream too, so that making one figure certain leaves
    the others as they were.
    """
    drawn = {}
    for field in fields(figures):
        within: Range = getattr(figures, field.name)
        drawn[field.name] = within.low + generator.random(replications) * (within.high - within.low)
    return Figures(**drawn)
