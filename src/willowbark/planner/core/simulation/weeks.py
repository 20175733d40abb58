"""One week's hours and loads, and the rates at which people move under them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.capacity import front_desk_at_a_site
from willowbark.planner.core.simulation.figures import Counts, Figures, Flags, Floats
from willowbark.planner.core.simulation.model import Model
from willowbark.planner.core.simulation.people import Rates
from willowbark.planner.core.simulation.steady import Steady

# Whatever else there is to do, this part of the practitioners' hours goes to visits.
LEAST_VISIT_SHARE = 0.25
# Less than this part of the case review that is needed counts as none.
LEAST_REVIEW_SHARE = 0.5
# A load that cannot be told, since nobody is there to do the work, counts as this many times the hours.
NOBODY = 10.0
LEAST_HOURS = 1e-9


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


def plan_week(
    model: Model,
    figures: Figures[Floats],
    steady: Steady,
    *,
    week: int,
    patients: Counts,
    due: Counts,
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
    work = 1 + figures.damage_work * broken
    hours = staff * steady.hours_each
    review = steady.review_hours * patients
    is_held = hours[2] >= LEAST_REVIEW_SHARE * review
    if not model.senior_time_is_protected:
        eaten = overload[0] > 0
        hours[0] += np.where(eaten, hours[2], 0)
        is_held &= ~eaten
    administration = steady.admin_hours * patients * work[0]
    visit_hours = np.maximum(hours[0] - administration, LEAST_VISIT_SHARE * hours[0])
    arrivals = _arrivals(model, figures, week, wait_days)
    first_visits = (arrivals + steady.referrals * patients) * figures.first_visit_hours
    needed = np.stack(
        [
            administration + steady.visit_hours * patients + first_visits,
            _front_desk_hours(model, figures, patients, work),
            review,
        ]
    )
    leaving = 1 + figures.strain_leaving * overload.sum(axis=0) + figures.damage_leaving * broken.sum(axis=0)
    return Week(
        rates=Rates(
            arrivals=arrivals,
            referrals=steady.referrals,
            give_up=steady.give_up,
            leave=steady.leave * leaving,
            come_due=steady.come_due,
            visit_hours=visit_hours,
            heads=staff[0],
            places=_places(model, figures.panel * staff[0]),
            first_visit_hours=figures.first_visit_hours,
            follow_up_hours=figures.follow_up_hours,
        ),
        load=_load(needed, hours),
        case_review_is_held=is_held,
        delay_weeks=due * figures.follow_up_hours / np.maximum(visit_hours, LEAST_HOURS),
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


def _front_desk_hours(model: Model, figures: Figures[Floats], patients: Counts, work: Floats) -> Floats:
    """By the capacity model; failures of inventory and billing make more of dispensing and of billing."""
    values = {
        "capacity.front_desk_fte_at_1000": figures.front_desk_fte_at_1000,
        "capacity.front_desk_exponent": figures.front_desk_exponent,
        "capacity.front_desk_formal_from_patients": figures.front_desk_formal_from,
    }
    fte = front_desk_at_a_site(values, patients / model.sites, self_service=model.desk_is_self_service)
    more = figures.dispensing_share * (work[1] - 1) + figures.billing_share * (work[2] - 1)
    hours: Floats = model.sites * fte * figures.full_time_hours_per_week * (1 + more)
    return hours


def _places(model: Model, panels: Floats) -> Floats:
    """Whole places; what is whole but for the last digits is whole."""
    return np.floor(panels + 1e-9) if model.panel_is_closed else np.full(len(panels), np.inf)


def _arrivals(model: Model, figures: Figures[Floats], week: int, wait_days: Floats) -> Floats:
    more = sum(one.arrivals_per_week for one in model.campaigns if one.from_week <= week < one.until_week)
    arrivals = figures.arrivals_per_week + more
    if model.pause_above_wait_days is None:
        return arrivals
    return np.where(wait_days > model.pause_above_wait_days, 0.0, arrivals)


def _load(needed: Floats, hours: Floats) -> Floats:
    load = np.minimum(needed / np.maximum(hours, LEAST_HOURS), NOBODY)
    return np.where((hours > 0) | (needed > 0), load, 0.0)
