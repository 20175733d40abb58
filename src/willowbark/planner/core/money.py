"""
What a year of the practice brings and costs, as terms over figures that may be ranges.

Inside a term money is cents as binary numbers, since a range is tried at all of its corners at once; it is
whole cents wherever it leaves the planner. Every figure is of a year, for the patients, the people and the
prerequisites that the scenario has, unless a term says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from willowbark.planner.core.capacity import PREREQUISITES, admin_hours, missing, people
from willowbark.planner.core.capacity import inputs_of as capacity_inputs
from willowbark.planner.core.ranges import Numbers, Range, Term, Values, added
from willowbark.planner.core.scenario.scenario import Scenario

PAYERS = ("self_pay", "commercial", "medicare", "medicaid")
QUARTERS = 4
MONTHS = 12
CENTS = 100
STAFF = {
    "practitioners": ("practice.practitioners", "practitioner"),
    "senior": ("practice.senior_non_clinical_fte", "practitioner"),
    "front_desk": ("practice.front_desk_fte", "front_desk"),
    "coaches": ("practice.coach_fte", "coach"),
    "dispensary": ("practice.dispensary_fte", "dispensary"),
}
# Who, beside the practitioner who sees them, one patient needs, and at whose cost.
OTHERS = {
    "front_desk": "front_desk",
    "senior_non_clinical": "practitioner",
    "coach": "coach",
    "dispensary": "dispensary",
    "management": "manager",
}


def inputs_of(scenario: Scenario) -> dict[str, Range]:
    """What the terms take, by path; dollars."""
    found = capacity_inputs(scenario)
    further = ("practice.active_patients", "appointments.visits_per_patient_year")
    found |= {path: scenario.range(path) for path in (*further, *(path for path, _ in STAFF.values()))}
    found |= {
        path: value
        for path, value in scenario.values.items()
        if path.startswith("economics.") and isinstance(value, Range)
    }
    return found


def payer_pays(v: Values) -> Numbers:
    """What the payers' mix pays of a fee: the sum of share x what each pays."""
    return added(v[f"economics.{payer}_share"] * v[f"economics.{payer}_pays"] for payer in PAYERS)


def _fee_for_service(v: Values) -> Numbers:
    fee = v["appointments.visits_per_patient_year"] * v["economics.visit_fee_usd"] * CENTS
    return (1 - v["economics.membership_share"]) * fee * payer_pays(v) * v["economics.collected_share"]


def _memberships(v: Values) -> Numbers:
    return v["economics.membership_share"] * v["economics.membership_fee_usd_per_month"] * MONTHS * CENTS


def _packages(v: Values) -> Numbers:
    return v["economics.packages_per_patient_year"] * v["economics.package_price_usd"] * CENTS


def _dispensary(v: Values) -> Numbers:
    sales = v["economics.dispensary_sales_usd_per_patient_quarter"] * QUARTERS * CENTS
    return sales * v["economics.dispensary_margin"]


def _supplies(v: Values) -> Numbers:
    return v["economics.supplies_usd_per_patient_quarter"] * QUARTERS * CENTS


# What one patient brings in a year, and of what a part goes to whoever processes the payments.
PER_PATIENT: Mapping[str, Term] = {
    "fee_for_service": _fee_for_service,
    "memberships": _memberships,
    "packages": _packages,
    "dispensary": _dispensary,
}
PROCESSED = ("fee_for_service", "memberships", "packages")


def revenue(scenario: Scenario) -> dict[str, Term]:
    """
    Revenue by model.

    - fee for service: patients who are no members x visits x fee x what the payers' mix pays x collected;
    - memberships: members x fee x 12;
    - packages: patients x packages x price;
    - dispensary: patients x sales x 4 x margin (what is left of the sales);
    - value-based: attributed patients x benchmark x rate shared x the practice's part.
    """
    found = {name: _of_all(term) for name, term in PER_PATIENT.items()}
    return {**found, "value_based": lambda v: _value_based(scenario, v)}


def _of_all(term: Term) -> Term:
    return lambda v: v["practice.active_patients"] * term(v)


def _value_based(scenario: Scenario, v: Values) -> Numbers:
    """Savings shared: none below the minimum rate; from it on all of them, or only what is above it."""
    rate, least = v["economics.savings_rate"], v["economics.minimum_savings_rate"]
    counted = rate if scenario.flag("economics.first_dollar") else rate - least
    shared = np.where((rate >= least) & (rate > 0), counted, 0.0)
    benchmark = v["economics.attributed_patients"] * v["economics.benchmark_usd_per_patient_year"]
    return benchmark * shared * v["economics.shared_part"] * CENTS


def standing_costs(scenario: Scenario) -> dict[str, Term]:
    """Cost that does not change with the next patient: the people there are, what is paid for anyway."""
    found = {name: _paid(path, rate) for name, (path, rate) in STAFF.items()}
    have = [name for name in PREREQUISITES if name not in missing(scenario)]
    return {
        **found,
        "management": lambda v: (
            people(scenario, v, missing(scenario))["management"] * v["economics.manager_usd_per_year"] * CENTS
        ),
        **{f"{name}_infrastructure": _infrastructure(name) for name in have},
        "fixed": lambda v: v["economics.fixed_usd_per_month"] * MONTHS * CENTS,
    }


def _paid(path: str, rate: str) -> Term:
    return lambda v: v[path] * v[f"economics.{rate}_usd_per_year"] * CENTS


def _infrastructure(name: str) -> Term:
    return lambda v: v[f"economics.{name}_usd_per_year"] * CENTS


def moving_costs() -> dict[str, Term]:
    """Cost that each patient brings: supplies, and the processing of fees, memberships and packages."""
    return {"supplies": _of_all(_supplies), "processing": _of_all(_processing)}


def _processing(v: Values) -> Numbers:
    return added(PER_PATIENT[name](v) for name in PROCESSED) * v["economics.processing_share"]


def minus(term: Term) -> Term:
    """A term taken away."""
    return lambda v: -term(v)


def practitioner_hour(v: Values) -> Numbers:
    """What one hour of a practitioner costs, in cents: the cost of a year / its working hours."""
    year = v["economics.practitioner_usd_per_year"] * CENTS
    return year / (v["capacity.hours_per_quarter"] * QUARTERS)


def contribution() -> dict[str, Term]:
    """
    What one more patient leaves in a year while the people there have room.

    What they bring (nothing value-based: attribution lags), less supplies and processing.
    """
    return {**PER_PATIENT, "supplies": minus(_supplies), "processing": minus(_processing)}


def takes() -> dict[str, Term]:
    """What one patient costs beside people's time."""
    return {"supplies": _supplies, "processing": _processing}


def time(scenario: Scenario) -> dict[str, Term]:
    """
    What the time of people costs for one patient in a year.

    Visits and administration x the cost of a practitioner's hour, and what one patient of the scenario needs
    of the others on average.
    """
    found: dict[str, Term] = {
        "visits": lambda v: v["capacity.visit_hours_per_patient_quarter"] * QUARTERS * practitioner_hour(v),
        "administration": lambda v: (
            admin_hours(scenario, v, missing(scenario)) * QUARTERS * practitioner_hour(v)
        ),
    }
    return found | {role: _other(scenario, role, rate) for role, rate in OTHERS.items()}


def _other(scenario: Scenario, role: str, rate: str) -> Term:
    def cost(v: Values) -> Numbers:
        needed = people(scenario, v, missing(scenario))[role]
        each = needed / np.maximum(1, v["practice.active_patients"])
        return each * v[f"economics.{rate}_usd_per_year"] * CENTS

    return cost


def prerequisite(name: str, scenario: Scenario, v: Values) -> dict[str, Numbers]:
    """Hours of administration that a prerequisite saves in a year, what they are worth, and what it costs."""
    without = {*missing(scenario), name}
    each = admin_hours(scenario, v, without) - admin_hours(scenario, v, without - {name})
    hours = each * QUARTERS * v["practice.active_patients"]
    worth = hours * practitioner_hour(v)
    cost = v[f"economics.{name}_usd_per_year"] * CENTS
    return {"hours": hours, "worth": worth, "cost": cost, "net": worth - cost}
