"""Senior practitioners' protected time."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.planner.core.capacity import senior_roles
from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Senior:
    """
    Senior practitioners' protected time.

    Attributes:
        needed_hours_per_week: what the patients need.
        spent_hours_per_week: what is spent on it; None when nobody has said.
        is_eaten: less is spent than is needed at the least; None when nobody has said.
        roles_needed: how many senior roles, now and when growth has ended.
    """

    needed_hours_per_week: Range
    planned_hours_per_week: Range
    spent_hours_per_week: float | None
    is_eaten: bool | None
    said: str
    roles_needed: int
    roles_needed_after_growth: int


def senior_of(scenario: Scenario) -> Senior:
    """What senior time is needed, planned and spent, and how many senior roles that makes."""
    week = scenario.range("capacity.hours_per_week_fte").middle
    patients = scenario.number("practice.active_patients")
    fte = scenario.range("capacity.senior_fte_per_1000")
    needed = Range(fte.low * patients / 1000 * week, fte.high * patients / 1000 * week)
    planned = scenario.range("practice.senior_non_clinical_fte")
    planned_hours = Range(planned.low * week, planned.high * week)
    spent = (
        scenario.number("hire.senior_hours_per_week") if scenario.has("hire.senior_hours_per_week") else None
    )
    later = max(patients, growth_end(scenario) or 0)
    now_roles, later_roles = senior_roles(scenario, patients), senior_roles(scenario, later)
    return Senior(
        needed_hours_per_week=needed,
        planned_hours_per_week=planned_hours,
        spent_hours_per_week=spent,
        is_eaten=None if spent is None else spent < max(needed.low, 0),
        said=_senior_said(scenario, needed, planned_hours, spent, now_roles, later_roles),
        roles_needed=now_roles,
        roles_needed_after_growth=later_roles,
    )


def _senior_said(
    scenario: Scenario, needed: Range, planned: Range, spent: float | None, now: int, later: int
) -> str:
    hours = f"{needed.low:.1f} to {needed.high:.1f} h a week"
    if spent is None:
        said = (
            f"Nobody has said how much senior time is spent on case review and templates; {hours} are needed."
        )
    elif spent < needed.low:
        said = (
            f"Senior time is being eaten: {spent:g} h a week of the {hours} needed are left for case review."
        )
    else:
        said = f"Senior time is protected: {spent:g} h a week; {hours} are needed."
    if planned.high < needed.low:
        said += f" Only {planned.high:.1f} h a week are planned for it."
    if now > 1 or later > now:
        each = scenario.whole("capacity.patients_per_senior_role")
        said += f" {max(now, later)} senior roles are needed, one more beyond each {each:,} patients."
    return said
