"""
How many patients the people there are can care for, and how many people the patients need.

The identity behind all of it: a practitioner has so many hours in a quarter, and each patient takes hours of
visits and hours of administration, so panel = hours / (admin hours + visit hours). With 525 hours and half an
hour of visits it gives 262.5 to 350 patients at the 1 to 1.5 admin hours that the article measures with all
four prerequisites (it says 250 to 350), and 116.7 to 210 at the 2 to 4 without them (it says 120 to 180).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from willowbark.planner.core.growing import growth_end
from willowbark.planner.core.ranges import Numbers, Range, Term, Values, extremes, extremes_of_sum
from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Scenario

PREREQUISITES = ("master_protocols", "ai_composition", "integrated_platform", "structured_intake")
ROLES = ("clinical", "front_desk", "senior_non_clinical", "coach", "dispensary", "management")
WEEKS_PER_QUARTER = 13
SELF_SERVICE = "integrated_platform"

# What the formulas below take from a scenario.
INPUTS = (
    "practice.active_patients",
    "capacity.hours_per_quarter",
    "capacity.visit_hours_per_patient_quarter",
    "capacity.admin_hours_with_all",
    "capacity.admin_hours_with_none",
    "capacity.panel_cap",
    "capacity.front_desk_fte_at_1000",
    "capacity.front_desk_exponent",
    "capacity.front_desk_formal_from_patients",
    "capacity.senior_fte_per_1000",
    "capacity.coach_hours_per_patient_quarter",
    "capacity.dispensary_hours_per_patient_quarter",
    "capacity.hours_per_week_fte",
    "scale.site_lead_fte",
    "scale.region_lead_fte",
)
MEASURED = "capacity.admin_hours_per_patient_quarter"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """
    A panel that one practitioner's hours allow, in patients.

    Attributes:
        admin_hours: of one patient in a quarter.
        patients: what the identity gives.
        panel: that, or the panel that a practitioner is given where it is smaller.
    """

    admin_hours: Range
    patients: Range
    panel: Range


@dataclass(frozen=True, slots=True)
class Needed:
    """People that the patients need, in FTE by role, and in all."""

    by_role: Mapping[str, Range]
    total_fte: Range
    senior_roles: int
    front_desk_is_formal: bool


def check_capacity(scenario: Scenario) -> None:
    """
    See that the figures of the capacity model agree with one another.

    Raises:
        BadScenario: less work without the prerequisites than with them, parts that are no whole, or a growth
            that is given twice and does not agree.
    """
    growth_end(scenario)
    with_all = scenario.range("capacity.admin_hours_with_all")
    with_none = scenario.range("capacity.admin_hours_with_none")
    if with_none.low < with_all.low or with_none.high < with_all.high:
        raise BadScenario(
            "capacity.admin_hours_with_none is below capacity.admin_hours_with_all: a prerequisite"
            " cannot cost hours.",
            field="capacity.admin_hours_with_none",
        )
    whole = sum(scenario.number(f"capacity.saving_share_{name}") for name in PREREQUISITES)
    if not math.isclose(whole, 1, abs_tol=1e-6):
        raise BadScenario(
            f"The four capacity.saving_share_... add up to {whole:g}; they must be 1 together.",
            field="capacity.saving_share_master_protocols",
        )
    if scenario.whole("scale.regions") > scenario.whole("scale.sites"):
        raise BadScenario("scale.regions is above scale.sites: a region has a site.", field="scale.regions")


def missing(scenario: Scenario) -> tuple[str, ...]:
    """The prerequisites that the scenario is without."""
    return tuple(name for name in PREREQUISITES if not scenario.flag(f"prerequisites.{name}"))


def inputs_of(scenario: Scenario) -> dict[str, Range]:
    """What the formulas take, by path; the measured hours too, where there are any."""
    found = {path: scenario.range(path) for path in INPUTS}
    if scenario.has(MEASURED):
        found[MEASURED] = scenario.range(MEASURED)
    return found


def admin_hours(scenario: Scenario, values: Values, without: Collection[str]) -> Numbers:
    """
    Hours of administration of one patient in a quarter, when the prerequisites `without` are not there.

    Each prerequisite saves its share of the difference between none and all. Where the hours are measured,
    they hold for the prerequisites that are there now, and the model only for what would be otherwise.
    """
    saved = np.maximum(0, values["capacity.admin_hours_with_none"] - values["capacity.admin_hours_with_all"])
    lost = _share(scenario, without)
    if MEASURED in values:
        return np.maximum(0, values[MEASURED] + saved * (lost - _share(scenario, missing(scenario))))
    return values["capacity.admin_hours_with_all"] + saved * lost


def _share(scenario: Scenario, names: Collection[str]) -> float:
    return sum(scenario.number(f"capacity.saving_share_{name}") for name in names)


def panel_of(scenario: Scenario, values: Values, without: Collection[str]) -> Numbers:
    """Patients of one practitioner: what the hours allow, and not more than the panel given."""
    return np.minimum(hours_allow(scenario, values, without), values["capacity.panel_cap"])


def hours_allow(scenario: Scenario, values: Values, without: Collection[str]) -> Numbers:
    """Patients of one practitioner by the identity: hours / (admin hours + visit hours)."""
    each = admin_hours(scenario, values, without) + values["capacity.visit_hours_per_patient_quarter"]
    return values["capacity.hours_per_quarter"] / each


def people(scenario: Scenario, values: Values, without: Collection[str]) -> Mapping[str, Numbers]:
    """
    People needed, in FTE by role, each counted when it is asked for.

    - clinical: patients / panel of one practitioner;
    - front desk: FTE at 1,000 x (patients / 1,000) ^ exponent, at each site by itself; without an integrated
      platform in proportion to patients from the size on where the role is formal;
    - senior non-clinical: FTE per 1,000 x patients / 1,000;
    - coach, dispensary: patients x hours / hours of a full-time quarter;
    - management: for each site and each region after the first.
    """
    return _People(scenario, values, without)


class _People(Mapping[str, Numbers]):
    def __init__(self, scenario: Scenario, values: Values, without: Collection[str]) -> None:
        self.scenario, self.values_by_path, self.without = scenario, values, without

    def __iter__(self) -> Iterator[str]:
        return iter(ROLES)

    def __len__(self) -> int:
        return len(ROLES)

    def __getitem__(self, role: str) -> Numbers:
        v, patients = self.values_by_path, self.values_by_path["practice.active_patients"]
        sites, regions = self.scenario.whole("scale.sites"), self.scenario.whole("scale.regions")
        if role == "clinical":
            return patients / panel_of(self.scenario, v, self.without)
        if role == "front_desk":
            return sites * front_desk_at_a_site(
                v, patients / sites, self_service=SELF_SERVICE not in self.without
            )
        if role == "senior_non_clinical":
            return v["capacity.senior_fte_per_1000"] * patients / 1000
        if role == "management":
            further = (sites - 1) * v["scale.site_lead_fte"]
            return further + (regions - 1) * v["scale.region_lead_fte"]
        quarter = v["capacity.hours_per_week_fte"] * WEEKS_PER_QUARTER
        return patients * v[f"capacity.{role}_hours_per_patient_quarter"] / quarter


def front_desk_at_a_site(values: Values, patients: Numbers, *, self_service: bool) -> Numbers:
    """Front desk, in FTE, that so many patients of one site need; see `people`."""
    exponent = values["capacity.front_desk_exponent"]
    found = values["capacity.front_desk_fte_at_1000"] * (patients / 1000) ** exponent
    if self_service:
        return found
    formal = values["capacity.front_desk_formal_from_patients"]
    return found * np.maximum(1, patients / formal) ** (1 - exponent)


def ceiling(scenario: Scenario, without: Collection[str]) -> Ceiling:
    """The panel of one practitioner, when the prerequisites `without` are not there."""
    found = extremes(
        lambda values: {
            "admin": admin_hours(scenario, values, without),
            "patients": hours_allow(scenario, values, without),
            "panel": panel_of(scenario, values, without),
        },
        {path: value for path, value in inputs_of(scenario).items() if path.startswith("capacity.")},
    )
    return Ceiling(found["admin"], found["patients"], found["panel"])


def needed(scenario: Scenario, without: Collection[str]) -> Needed:
    """The people that the scenario's patients need, when the prerequisites `without` are not there."""

    inputs = inputs_of(scenario)
    terms = {role: _needed_in(scenario, role, without) for role in ROLES}
    patients = scenario.whole("practice.active_patients")
    formal = scenario.number("capacity.front_desk_formal_from_patients")
    return Needed(
        by_role={role: extremes_of_sum([term], inputs) for role, term in terms.items()},
        total_fte=extremes_of_sum(terms.values(), inputs),
        senior_roles=senior_roles(scenario, patients),
        front_desk_is_formal=patients >= formal,
    )


def _needed_in(scenario: Scenario, role: str, without: Collection[str]) -> Term:
    return lambda values: people(scenario, values, without)[role]


def senior_roles(scenario: Scenario, patients: float) -> int:
    """How many senior practitioners share case review: one, and one more beyond each 1,200 patients."""
    return max(1, math.ceil(patients / scenario.number("capacity.patients_per_senior_role")))
