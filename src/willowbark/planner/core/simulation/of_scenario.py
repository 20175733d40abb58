"""What a scenario says, as a practice that can be simulated."""

from __future__ import annotations

from willowbark.planner.core.capacity import SELF_SERVICE, ceiling, check_capacity, missing
from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.ranges import Range, point
from willowbark.planner.core.scenario import BadScenario, Record, Scenario
from willowbark.planner.core.simulation.figures import WEEKS_PER_MONTH, Figures
from willowbark.planner.core.simulation.model import (
    ROLES,
    Campaign,
    HiringRule,
    Method,
    Milestone,
    Model,
)

MOST_RULES = 50
QUARTERS_PER_YEAR = 4
# Fewer visits a year than this are none.
LEAST_VISITS = 1e-6


def model_of(scenario: Scenario) -> Model:
    """
    The practice of a scenario and its policies.

    Raises:
        BadScenario: figures that are possible one by one, and not together.
    """
    check_capacity(scenario)
    weeks = scenario.whole("simulation.weeks")
    count_from_week = scenario.whole("simulation.count_from_week")
    if count_from_week >= weeks:
        raise BadScenario(
            f"simulation.count_from_week: the run has only {weeks} weeks.", field="simulation.count_from_week"
        )
    desk = scenario.range("staffing.dispensing_share").high + scenario.range("staffing.billing_share").high
    if desk > 1:
        raise BadScenario(
            "staffing.dispensing_share and staffing.billing_share are more than the whole together.",
            field="staffing.billing_share",
        )
    return Model(
        weeks=weeks,
        step_days=scenario.number("simulation.step_days"),
        count_from_week=count_from_week,
        patients=scenario.whole("practice.active_patients"),
        waiting=scenario.whole("arrivals.waiting"),
        figures=_figures(scenario),
        campaigns=tuple(_campaign(one) for one in scenario.records("arrivals.campaigns")),
        sites=scenario.whole("scale.sites"),
        desk_is_self_service=SELF_SERVICE not in missing(scenario),
        panel_is_closed=scenario.flag("retention.panel_is_closed"),
        pause_above_wait_days=_maybe(scenario, "arrivals.pause_above_wait_days"),
        rules=_rules(scenario),
        leavers_are_replaced=scenario.flag("staffing.leavers_are_replaced"),
        guards=(
            _guard(scenario, "consistency", "master_protocols"),
            _guard(scenario, "inventory", "integrated_platform"),
            _guard(scenario, "billing", "integrated_platform"),
        ),
        lead_days=scenario.range("guards.lead_days"),
        senior_time_is_protected=scenario.flag("guards.senior_time_is_protected"),
        milestones=milestones_of(scenario),
        milestone_tolerance=scenario.number("simulation.milestone_tolerance"),
    )


def method_of(scenario: Scenario) -> Method:
    """The method that a scenario asks for."""
    return "events" if scenario.choice("simulation.method") == "events" else "steps"


def _figures(scenario: Scenario) -> Figures[Range]:
    visits = scenario.range("appointments.visits_per_patient_year")
    of = scenario.range
    return Figures(
        arrivals_per_week=of("arrivals.per_week"),
        referrals_per_patient_month=of("arrivals.referred_per_patient_month"),
        leave_per_month=of("retention.leave_share_per_month"),
        give_up_per_month=of("retention.give_up_share_per_month"),
        panel=of("hire.target_panel"),
        first_visit_hours=of("retention.first_visit_hours"),
        follow_up_hours=_follow_up_hours(of("capacity.visit_hours_per_patient_quarter"), visits),
        follow_ups_per_year=visits,
        admin_hours_per_quarter=ceiling(scenario, missing(scenario)).admin_hours,
        practitioner_hours_per_quarter=of("capacity.hours_per_quarter"),
        full_time_hours_per_week=of("capacity.hours_per_week_fte"),
        front_desk_fte_at_1000=of("capacity.front_desk_fte_at_1000"),
        front_desk_exponent=of("capacity.front_desk_exponent"),
        front_desk_formal_from=of("capacity.front_desk_formal_from_patients"),
        dispensing_share=of("staffing.dispensing_share"),
        billing_share=of("staffing.billing_share"),
        senior_fte_per_1000=of("capacity.senior_fte_per_1000"),
        practitioners=of("practice.practitioners"),
        front_desk=of("practice.front_desk_fte"),
        senior=of("practice.senior_non_clinical_fte"),
        recruiting_weeks=of("hire.recruiting_weeks"),
        ramp_weeks=of("hire.ramp_weeks"),
        staff_leave_per_year=of("staffing.leave_share_per_year"),
        consistency_breaks_at=of("guards.consistency_breaks_at_patients"),
        gap_to_next=of("guards.gap_to_next_share"),
        adherence=of("strain.adherence"),
        errors_per_100_visits=of("strain.errors_per_100_visits"),
        strain_leaving=of("strain.overload_leaving"),
        strain_errors=of("strain.overload_errors"),
        strain_adherence=of("strain.overload_adherence"),
        strain_staff=of("strain.overload_staff_leaving"),
        damage_leaving=of("strain.failure_leaving"),
        damage_errors=of("strain.failure_errors"),
        damage_adherence=of("strain.failure_adherence"),
        damage_work=of("strain.failure_work"),
    )


def _follow_up_hours(per_quarter: Range, visits_per_year: Range) -> Range:
    """Hours of one visit, so that the visits of a quarter come to the hours of a quarter."""
    if visits_per_year.middle < LEAST_VISITS:
        return point(0)
    each = QUARTERS_PER_YEAR / visits_per_year.middle
    return Range(per_quarter.low * each, per_quarter.high * each)


def _maybe(scenario: Scenario, path: str) -> float | None:
    return scenario.number(path) if scenario.has(path) else None


def _guard(scenario: Scenario, name: str, prerequisite: str) -> bool:
    path = f"guards.{name}"
    return scenario.flag(path if scenario.has(path) else f"prerequisites.{prerequisite}")


def _number(record: Record, name: str, where: str) -> float:
    found = _maybe_number(record, name)
    if found is None:
        raise BadScenario(f"{where}: {name} is missing.", field=where)
    return found


def _maybe_number(record: Record, name: str) -> float | None:
    value = record[name]
    return value.middle if isinstance(value, Range) else None


def _campaign(record: Record) -> Campaign:
    where = "arrivals.campaigns"
    first, after = (int(_number(record, name, where)) for name in ("from_week", "until_week"))
    if after <= first:
        raise BadScenario(f"{where}: until_week comes after from_week.", field=where)
    return Campaign(first, after, _number(record, "per_week", where))


def _rules(scenario: Scenario) -> tuple[HiringRule, ...]:
    said = scenario.records("staffing.hiring")
    if len(said) > MOST_RULES:
        raise BadScenario(f"staffing.hiring has at most {MOST_RULES} rules.", field="staffing.hiring")
    return tuple(_rule(one) for one in said)


def _rule(record: Record) -> HiringRule:
    where = "staffing.hiring"
    conditions = {
        name: _maybe_number(record, name)
        for name in ("at_patients", "at_panel_share", "at_load", "at_wait_days")
    }
    if all(value is None for value in conditions.values()):
        raise BadScenario(f"{where}: a rule needs a condition, such as at_panel_share.", field=where)
    return HiringRule(
        role=next(role for role in ROLES if role == record["role"]),
        fte=_number(record, "fte", where),
        for_weeks=int(_number(record, "for_weeks", where)),
        at_most=int(_number(record, "at_most", where)),
        **conditions,
    )


def milestones_of(scenario: Scenario) -> tuple[Milestone, ...]:
    """
    The path that is asked about: its milestones; without any, the growth that is planned, if within the run.

    Raises:
        BadScenario: a milestone without its figures, or after the last week; a growth given twice that does
            not agree.
    """
    where, weeks = "simulation.milestones", scenario.whole("simulation.weeks")
    found = tuple(
        Milestone(int(_number(one, "week", where)), int(_number(one, "patients", where)))
        for one in scenario.records(where)
    )
    if late := [one.week for one in found if one.week > weeks]:
        raise BadScenario(f"{where}: week {late[0]} is after the last, {weeks}.", field=where)
    end = growth_end(scenario)
    if found or end is None:
        return found
    week = round(scenario.number("growth.months") * WEEKS_PER_MONTH)
    return (Milestone(week, round(end)),) if week <= weeks else ()
