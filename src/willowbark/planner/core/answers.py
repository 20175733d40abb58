"""All answers to one scenario, and each of their figures with what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from willowbark.planner.core.capacity import (
    INPUTS,
    MEASURED,
    PREREQUISITES,
    Ceiling,
    ceiling,
    check_capacity,
    missing,
)
from willowbark.planner.core.money import PAYERS, STAFF
from willowbark.planner.core.plan_capacity import HAVE, Staff, staff
from willowbark.planner.core.plan_economics import Economics, plan_economics
from willowbark.planner.core.plan_hire import Hire, plan_hire
from willowbark.planner.core.scale import Scale, scale
from willowbark.planner.core.scenario.scenario import Scenario
from willowbark.planner.core.words import money_text, number_text, range_text


@dataclass(frozen=True, slots=True)
class Answers:
    """Capacity, hiring and economics of one scenario."""

    scenario: Scenario
    ceiling: Ceiling
    staff: Staff
    hire: Hire
    economics: Economics
    scale: Scale


def answers_of(scenario: Scenario, *, today: date | None = None) -> Answers:
    """
    What a scenario comes to.

    Raises:
        BadScenario: figures that do not agree.
        TooManyRanges: more than 16 figures of one result are ranges.
    """
    check_capacity(scenario)
    return Answers(
        scenario=scenario,
        ceiling=ceiling(scenario, missing(scenario)),
        staff=staff(scenario),
        hire=plan_hire(scenario, today=today),
        economics=plan_economics(scenario),
        scale=scale(scenario),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One figure of the answers: its formula in words, the figures of the scenario that it takes.

    `documents` are the keys of those that the formula or the figure itself is from, in `data/defaults.yaml`.
    """

    key: str
    title: str
    rule: str
    inputs: tuple[str, ...]
    text: Callable[[Answers], str]
    documents: tuple[str, ...] = ()


# Which figures of a scenario what is answered takes.
PREREQUISITE_FLAGS = tuple(f"prerequisites.{name}" for name in PREREQUISITES)
SITES = ("scale.sites", "scale.regions")
ADMIN = (
    MEASURED,
    "capacity.admin_hours_with_all",
    "capacity.admin_hours_with_none",
    *PREREQUISITE_FLAGS,
    *(f"capacity.saving_share_{name}" for name in PREREQUISITES),
)
CEILING = ("capacity.hours_per_quarter", "capacity.visit_hours_per_patient_quarter", *ADMIN)
PEOPLE = (*INPUTS, *ADMIN, *SITES)
RATES = tuple(
    f"economics.{who}_usd_per_year"
    for who in ("practitioner", "front_desk", "coach", "dispensary", "manager")
)
PAYMENTS = (
    "appointments.visits_per_patient_year",
    "economics.visit_fee_usd",
    *(f"economics.{payer}_{what}" for payer in PAYERS for what in ("share", "pays")),
    "economics.collected_share",
    "economics.membership_share",
    "economics.membership_fee_usd_per_month",
    "economics.packages_per_patient_year",
    "economics.package_price_usd",
)
TAKES = (*PAYMENTS, "economics.processing_share", "economics.supplies_usd_per_patient_quarter")
CONTRIBUTION = (
    *TAKES,
    "economics.dispensary_sales_usd_per_patient_quarter",
    "economics.dispensary_margin",
)
VALUE_BASED = (
    "economics.attributed_patients",
    "economics.benchmark_usd_per_patient_year",
    "economics.savings_rate",
    "economics.minimum_savings_rate",
    "economics.first_dollar",
    "economics.shared_part",
)
STANDING = (
    *(path for path, _ in STAFF.values()),
    *RATES,
    *SITES,
    "scale.site_lead_fte",
    "scale.region_lead_fte",
    *PREREQUISITE_FLAGS,
    *(f"economics.{name}_usd_per_year" for name in PREREQUISITES),
    "economics.fixed_usd_per_month",
)
RESULT = ("practice.active_patients", *CONTRIBUTION, *VALUE_BASED, *STANDING)

FIGURES: tuple[Figure, ...] = (
    Figure(
        "panel",
        "Patients one practitioner's hours allow",
        "Hours a quarter / (hours of administration + hours of visits) of one patient."
        " Administration: what was"
        " measured; else the hours with all four prerequisites, and a share of the difference to"
        " none for each"
        " that is missing.",
        CEILING,
        lambda found: range_text(found.ceiling.patients, 1),
        ("identity",),
    ),
    Figure(
        "utilisation",
        "Capacity taken",
        "Active patients / (practitioners x the panel each is meant to have).",
        ("practice.active_patients", "practice.practitioners", "hire.target_panel"),
        lambda found: f"{found.hire.utilisation_now:.1%}",
    ),
    Figure(
        "people_needed",
        "People needed",
        "Clinical: patients / panel. Front desk: FTE at 1,000 x (patients / 1,000) ^ exponent."
        " Senior time: FTE"
        " per 1,000 x patients / 1,000. Coaches and dispensary: patients x hours / hours of a quarter.",
        PEOPLE,
        lambda found: range_text(found.staff.needed.total_fte, 1, "FTE"),
    ),
    Figure(
        "people_there",
        "People there",
        "The sum of those that the scenario has.",
        tuple(HAVE.values()),
        lambda found: range_text(found.staff.total_fte, 1, "FTE"),
    ),
    Figure(
        "recruiting",
        "Start recruiting",
        "When 95 % of the target is reached, less the weeks of recruiting and of the ramp.",
        (
            "practice.active_patients",
            "practice.practitioners",
            "hire.target_panel",
            "growth.patients_per_month",
            "growth.to_patients",
            "growth.months",
            "hire.late_at",
            "hire.recruiting_weeks",
            "hire.ramp_weeks",
        ),
        lambda found: _recruiting(found.hire),
    ),
    Figure(
        "result",
        "Left of a year",
        "Revenue by each model less the people there, what each patient brings with it, and what"
        " stands anyway.",
        RESULT,
        lambda found: money_text(found.economics.result_cents),
    ),
    Figure(
        "next_patient",
        "One more patient, a year",
        "What they bring less supplies and processing; less the time of people too where the people"
        " there are full.",
        ("practice.practitioners", *CONTRIBUTION, *PEOPLE, *RATES),
        lambda found: money_text(
            found.economics.patient.margin_cents
            if found.economics.patient.is_full
            else found.economics.patient.contribution_cents
        ),
    ),
    Figure(
        "cost_to_serve",
        "Cost to serve one patient, a year",
        "Supplies and processing, hours of visits and administration x a practitioner's hour, the"
        " others' time.",
        (*TAKES, *PEOPLE, *RATES),
        lambda found: money_text(found.economics.patient.cost_to_serve_cents),
    ),
    Figure(
        "break_even",
        "Breaks even at",
        "(People there + what stands anyway - value-based revenue) / contribution of one patient.",
        (*CONTRIBUTION, *VALUE_BASED, *STANDING),
        lambda found: (
            range_text(found.economics.break_even_patients, 0, "patients")
            if found.economics.break_even_patients
            else "No number of patients is sure to"
        ),
    ),
    Figure(
        "runway",
        "Cash lasts",
        "Cash / the loss of a month, from the worst of the range to the best.",
        ("economics.cash_usd", *RESULT),
        lambda found: _runway(found),
    ),
)


def _recruiting(hire: Hire) -> str:
    if hire.growth is None:
        return "No growth chosen"
    if hire.growth.start_recruiting_months is None:
        return "Now: it is past" if hire.timing == "late" else "Not within this growth"
    months = hire.growth.start_recruiting_months
    if months.high <= 0:
        return "Now: it is past"
    days = hire.growth.start_recruiting_on
    if days and months.low > 0:
        return f"{_month(days[0])} to {_month(days[1])}"
    return f"By {_month(days[1])}" if days else range_text(months, 1, "months")


def _month(day: date) -> str:
    return f"{day:%b} {day.year}"


def _runway(found: Answers) -> str:
    worst, best = found.economics.runway_worst_months, found.economics.runway_best_months
    if found.economics.result_cents.low >= 0:
        return "No loss"
    if worst is None:
        return "Not known: no cash is given"
    months = f"{number_text(worst, 1)} months"
    return f"{months} at worst" if best is None else f"{months} to {number_text(best, 1)}"
