"""People needed and there, by role, and the published stages beside what the hours here allow."""

from __future__ import annotations

from collections.abc import Iterator

from willowbark.planner.core.answers import CEILING, SITES, Answers, Figure
from willowbark.planner.core.plan_capacity import HAVE
from willowbark.planner.core.ranges import Range
from willowbark.planner.core.reference import reference
from willowbark.planner.core.words import ROLE_NAMES, range_text

ARTICLE = "scaling"
_OF_A_QUARTER = "Patients x hours of one patient / (13 x hours of a full-time week)."
_NEEDED = {
    "clinical": (
        "Patients / panel: what the hours allow, or the panel that a practitioner is given where that is"
        " smaller.",
        (*CEILING, "capacity.panel_cap"),
    ),
    "front_desk": (
        "FTE at 1,000 patients x (patients / 1,000) ^ exponent, at each site; without an integrated platform"
        " in proportion from where the front desk is a role of its own.",
        (
            "capacity.front_desk_fte_at_1000",
            "capacity.front_desk_exponent",
            "capacity.front_desk_formal_from_patients",
            "prerequisites.integrated_platform",
            *SITES,
        ),
    ),
    "senior_non_clinical": ("FTE per 1,000 x patients / 1,000.", ("capacity.senior_fte_per_1000",)),
    "coach": (
        _OF_A_QUARTER,
        ("capacity.coach_hours_per_patient_quarter", "capacity.hours_per_week_fte"),
    ),
    "dispensary": (
        _OF_A_QUARTER,
        ("capacity.dispensary_hours_per_patient_quarter", "capacity.hours_per_week_fte"),
    ),
    "management": (
        "Leads for each site and each region after the first.",
        ("scale.site_lead_fte", "scale.region_lead_fte", *SITES),
    ),
}


def _needed(role: str) -> Figure:
    rule, inputs = _NEEDED[role]

    def text(found: Answers) -> str:
        return range_text(found.staff.needed.by_role[role], 2, "FTE")

    title = f"{ROLE_NAMES[role]}, needed"
    return Figure(f"needed_{role}", title, rule, ("practice.active_patients", *inputs), text)


def _there(role: str) -> Figure:
    def text(found: Answers) -> str:
        return range_text(found.staff.by_role[role], 2, "FTE")

    return Figure(
        f"there_{role}", f"{ROLE_NAMES[role]}, there", "What the scenario has.", (HAVE[role],), text
    )


def by_hours(found: Answers, practitioners: int) -> Range:
    """Patients that the hours of so many practitioners allow."""
    each = found.ceiling.patients
    return Range(each.low * practitioners, each.high * practitioners)


def _stages() -> Iterator[Figure]:
    for stage in reference()["stages"]:
        yield _published(stage["practitioners"], stage["ceiling"], stage["quote"])
        yield _by_hours(stage["practitioners"])


def _published(many: int, ceiling: tuple[int, int], quote: str) -> Figure:
    rule = f'As it was published, nothing made to fit: "{quote}"'
    return Figure(
        f"published_{many}",
        f"Stage of {many}, published",
        rule,
        (),
        lambda _: f"{ceiling[0]:,} to {ceiling[1]:,} patients",
        (ARTICLE,),
    )


def _by_hours(many: int) -> Figure:
    return Figure(
        f"by_hours_{many}",
        f"Stage of {many}, by the hours here",
        f"{many} x hours a quarter / (hours of administration + hours of visits) of one patient.",
        CEILING,
        lambda found: range_text(by_hours(found, many), 0, "patients"),
    )


PEOPLE = (*(_needed(role) for role in _NEEDED), *(_there(role) for role in HAVE), *_stages())
