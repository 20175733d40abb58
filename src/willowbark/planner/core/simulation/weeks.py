"""One week's hours and loads, and the rates at which people move under them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.capacity import front_desk_at_a_site
from willowbark.planner.core.simulation.figures import (
    WEEKS_PER_MONTH,
    WEEKS_PER_QUARTER,
    WEEKS_PER_YEAR,
    Figures,
    Flags,
    Floats,
)
from willowbark.planner.core.simulation.model import Model
from willowbark.planner.core.simulation.people import Rates

# Whatever else there is to do, this part of the practitioners' hours goes to visits.
LEAST_VISIT_SHARE = 0.25
# Less than this part of the case review that is needed counts as none.
LEAST_REVIEW_SHARE = 0.5
# A load that cannot be told, since nobody is there to do the work, counts as this many times the hours.
NOBODY = 10.0


@dataclass(frozen=True, slots=True)
class Week:
    """
    What a week offers and asks.

    Attributes:
        load: hours needed as a part of the hours there are, of each role.
        case_review_is_held: whether senior practitioners had the time.
        delay_weeks: weeks in which follow-up visits that are due could be held, at this week's pace.
    """

    rates: Rates
    load: Floats
    case_review_is_held: Flags
    delay_weeks: Floats


def rate_of_share(share: Floats, weeks: float) -> Floats:
    """The steady rate a week at which this part is gone after so many weeks; shares are below 1."""
    rate: Floats = -np.log1p(-share) / weeks
    return rate


def plan_week(
    model: Model,
    figures: Figures[Floats],
    *,
    week: int,
    patients: Floats,
    due: Floats,
    staff: Floats,
    overload: Floats,
    broken: Floats,
    wait_days: Floats,
) -> Week:
    """
    Hours, loads and rates of a week.

    Administration, and case review where it is protected, come before visits, follow-ups before first visits.
    `staff` is productive full-time equivalents by role; `overload` (0 to 1, of practitioners and front desk)
    is what people feel of the past weeks; `broken` tells the failures that are felt.
    """
    worse = 1 + figures.damage_work * broken
    hours = staff[0] * figures.practitioner_hours_per_quarter / WEEKS_PER_QUARTER
    senior_hours = staff[2] * figures.full_time_hours_per_week
    senior_needed = figures.senior_fte_per_1000 * patients / 1000 * figures.full_time_hours_per_week
    is_held = senior_hours >= senior_needed * LEAST_REVIEW_SHARE
    if not model.senior_time_is_protected:
        eaten = overload[0] > 0
        hours = np.where(eaten, hours + senior_hours, hours)
        is_held &= ~eaten
    administration = patients * figures.admin_hours_per_quarter / WEEKS_PER_QUARTER * worse[0]
    visit_hours = np.maximum(hours - administration, LEAST_VISIT_SHARE * hours)

    arrivals = _arrivals(model, figures, week, wait_days)
    referrals = figures.referrals_per_patient_month / WEEKS_PER_MONTH
    come_due = figures.follow_ups_per_year / WEEKS_PER_YEAR
    follow_up_hours = patients * come_due * figures.follow_up_hours
    first_hours = (arrivals + referrals * patients) * figures.first_visit_hours

    desk_hours = staff[1] * figures.full_time_hours_per_week
    desk_fte = model.sites * front_desk_at_a_site(
        {
            "capacity.front_desk_fte_at_1000": figures.front_desk_fte_at_1000,
            "capacity.front_desk_exponent": figures.front_desk_exponent,
            "capacity.front_desk_formal_from_patients": figures.front_desk_formal_from,
        },
        patients / model.sites,
        self_service=model.desk_is_self_service,
    )
    more = figures.dispensing_share * (worse[1] - 1) + figures.billing_share * (worse[2] - 1)
    desk_needed = desk_fte * figures.full_time_hours_per_week * (1 + more)

    due_hours = due * figures.follow_up_hours
    delay_weeks = due_hours / np.maximum(visit_hours, 1e-9)
    leaving = (
        1 + figures.strain_leaving * (overload[0] + overload[1]) + figures.damage_leaving * broken.sum(axis=0)
    )
    return Week(
        rates=Rates(
            arrivals=arrivals,
            referrals=referrals,
            give_up=rate_of_share(figures.give_up_per_month, WEEKS_PER_MONTH),
            leave=rate_of_share(figures.leave_per_month, WEEKS_PER_MONTH) * leaving,
            come_due=come_due,
            visit_hours=visit_hours,
            heads=staff[0],
            places=_places(figures.panel * staff[0])
            if model.panel_is_closed
            else np.full(len(hours), np.inf),
            first_visit_hours=figures.first_visit_hours,
            follow_up_hours=figures.follow_up_hours,
        ),
        load=np.stack(
            [
                _load(administration + follow_up_hours + first_hours, hours),
                _load(desk_needed, desk_hours),
                _load(senior_needed, senior_hours),
            ]
        ),
        case_review_is_held=is_held,
        delay_weeks=delay_weeks,
    )


def feel(overload: Floats, week: Week) -> Floats:
    """
    What people feel of the load by the end of a week, 0 to 1: a quarter of this week's, the rest of before.

    A load of once the hours is none and twice is all of it; so are follow-ups within a week, and after five.
    """
    strained = np.clip(week.load[:2] - 1, 0, 1)
    late = np.clip((week.delay_weeks - 1) / 4, 0, 1)
    strained[0] = np.maximum(strained[0], late)
    return overload + (strained - overload) / 4


def _places(panels: Floats) -> Floats:
    """Whole places; what is whole but for the last digits is whole."""
    return np.floor(panels + 1e-9)


def _arrivals(model: Model, figures: Figures[Floats], week: int, wait_days: Floats) -> Floats:
    more = sum(one.arrivals_per_week for one in model.campaigns if one.from_week <= week < one.until_week)
    arrivals = figures.arrivals_per_week + more
    if model.pause_above_wait_days is None:
        return arrivals
    return np.where(wait_days > model.pause_above_wait_days, 0.0, arrivals)


def _load(needed: Floats, hours: Floats) -> Floats:
    without = np.where(needed > 0, NOBODY, 0.0)
    return np.where(hours > 0, np.minimum(needed / np.maximum(hours, 1e-9), NOBODY), without)
