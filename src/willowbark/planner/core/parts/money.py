"""A year's money, model by model and kind by kind, and what the result hangs on."""

from __future__ import annotations

from willowbark.planner.core.answers import PAYMENTS, RESULT, SITES, VALUE_BASED, Answers, Figure
from willowbark.planner.core.capacity import PREREQUISITES
from willowbark.planner.core.money import PAYERS, STAFF
from willowbark.planner.core.scenario.shipped import fields
from willowbark.planner.core.words import dollars_text, money_text

MOST_NAMED = 8
_PATIENTS = "practice.active_patients"
# What a kind of money is called where its name alone does not say.
_NAMES = {
    "senior": "Senior time, not clinical",
    "processing": "Processing of payments",
    "fixed": "Rent and all else",
    "master_protocols_infrastructure": "Master Protocols",
    "ai_composition_infrastructure": "Assisted composition",
    "integrated_platform_infrastructure": "Integrated platform",
    "structured_intake_infrastructure": "Structured intake",
}


def money_name(name: str) -> str:
    """What a model of revenue or a kind of cost is called."""
    return _NAMES.get(name) or name.replace("_", " ").capitalize()


def _revenue(model: str, rule: str, *inputs: str) -> Figure:
    return Figure(
        f"revenue_{model}",
        f"Revenue of a year: {money_name(model)}",
        rule,
        inputs,
        lambda found: money_text(found.economics.revenue_by_model_cents[model]),
    )


def _cost(kind: str, rule: str, *inputs: str) -> Figure:
    def text(found: Answers) -> str:
        return money_text(found.economics.cost_by_kind_cents.get(kind))

    return Figure(f"cost_{kind}", f"Cost of a year: {money_name(kind)}", rule, inputs, text)


def _hangs_on(found: Answers) -> str:
    widest = found.economics.tornado[:MOST_NAMED]
    said = (f"{fields().by_path[one.path].what}: {dollars_text(one.swing_cents)} apart" for one in widest)
    return "; ".join(said) or "No figure has a range"


MONEY = (
    _revenue(
        "fee_for_service",
        "Patients who are no members x visits x fee x what the payers' mix pays x collected.",
        _PATIENTS,
        "appointments.visits_per_patient_year",
        "economics.visit_fee_usd",
        "economics.membership_share",
        *(f"economics.{payer}_{what}" for payer in PAYERS for what in ("share", "pays")),
        "economics.collected_share",
    ),
    _revenue(
        "memberships",
        "Members x fee of a month x 12.",
        _PATIENTS,
        "economics.membership_share",
        "economics.membership_fee_usd_per_month",
    ),
    _revenue(
        "packages",
        "Patients x packages x price.",
        _PATIENTS,
        "economics.packages_per_patient_year",
        "economics.package_price_usd",
    ),
    _revenue(
        "dispensary",
        "Patients x sales of a quarter x 4 x what is left of the sales.",
        _PATIENTS,
        "economics.dispensary_sales_usd_per_patient_quarter",
        "economics.dispensary_margin",
    ),
    _revenue(
        "value_based",
        "Attributed patients x benchmark x savings shared x the practice's part: nothing below the minimum"
        " savings rate; from it on all savings, or only those above it.",
        *VALUE_BASED,
    ),
    *(
        _cost(
            kind, "The people there are x the cost of one in a year.", path, f"economics.{rate}_usd_per_year"
        )
        for kind, (path, rate) in STAFF.items()
    ),
    _cost(
        "management",
        "Leads for each site and each region after the first x the cost of one in a year.",
        "scale.site_lead_fte",
        "scale.region_lead_fte",
        *SITES,
        "economics.manager_usd_per_year",
    ),
    *(
        _cost(
            f"{name}_infrastructure",
            "What the prerequisite costs in a year, where it is there.",
            f"prerequisites.{name}",
            f"economics.{name}_usd_per_year",
        )
        for name in PREREQUISITES
    ),
    _cost("fixed", "The cost of a month x 12.", "economics.fixed_usd_per_month"),
    _cost(
        "supplies",
        "Patients x supplies of a quarter x 4.",
        _PATIENTS,
        "economics.supplies_usd_per_patient_quarter",
    ),
    _cost(
        "processing",
        "Revenue of fees, memberships and packages x the part that processing takes.",
        _PATIENTS,
        *PAYMENTS,
        "economics.processing_share",
    ),
    Figure(
        "hangs_on",
        "What the result hangs on",
        "The year's result with one figure at the low and at the high end of its range, all others in their"
        " middle; how far the two are apart, the widest first.",
        RESULT,
        _hangs_on,
    ),
)
