"""What a simulation draws week by week."""

from __future__ import annotations

from willowbark.planner.core.answers import Figure
from willowbark.planner.core.scenario.shipped import fields

_SECTIONS = (
    "practice",
    "prerequisites",
    "capacity",
    "appointments",
    "growth",
    "simulation",
    "arrivals",
    "retention",
    "staffing",
    "guards",
    "strain",
)
_INPUTS = (
    *(path for path in fields().by_path if path.partition(".")[0] in _SECTIONS),
    "hire.target_panel",
    "hire.recruiting_weeks",
    "hire.ramp_weeks",
    "scale.sites",
)
_BANDS = {
    "patients": (
        "Active patients, week by week",
        "Those of the week before, and who started, less who left.",
    ),
    "waiting": (
        "Waiting to start, week by week",
        "Those of the week before, and who asked, less who started or gave up.",
    ),
    "wait_days": ("Wait of the next to start, week by week", "Days for which who starts next has waited."),
    "practitioner_load": (
        "Practitioners' load",
        "Hours of visits and administration needed / hours there are.",
    ),
    "front_desk_load": (
        "Front desk's load",
        "Hours of scheduling, dispensing and billing needed / there are.",
    ),
    "practitioners": (
        "Practitioners, week by week",
        "Those of the week before, and who came, less who left.",
    ),
    "front_desk": ("Front desk, week by week", "Those of the week before, and who came, less who left."),
    "senior": ("Senior time, week by week", "What there was the week before, and what was added."),
    "override_variance": ("Override variance", "How far consistency is on its way to damage."),
    "inventory_drift": ("Inventory drift", "How far inventory is on its way to damage."),
    "billing_corrections": ("Billing corrections", "How far billing is on its way to damage."),
    "chances": (
        "What the runs say",
        "In how many of the runs it happens, and by which week in half of them.",
    ),
}
_DRAWN = (
    " Each run draws the ranges below and its chances from one seed; a fan is the middle, the half and the"
    " nine in ten of the runs. The rules of a week are in docs/planner-simulation.md."
)

WEEKS = tuple(
    Figure(f"weeks_{band}", title, rule + _DRAWN, _INPUTS, lambda _: "as simulated, week by week")
    for band, (title, rule) in _BANDS.items()
)
