"""The practice's own figures: what Willowbark knows of it, and how each was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from willowbark.foundation import clock, effort
from willowbark.foundation.authorisation import Actor, require
from willowbark.patients.selectors import count_active
from willowbark.practice.selectors import Colleague, colleagues, sites

FULL_WEEK_HOURS = 40
QUARTER_DAYS = 365.25 / 4
# Less than this says nothing about a quarter.
LEAST_MEASURED_DAYS = 28
ROLES = {
    "practice.practitioners": ("practitioner", "senior_practitioner"),
    "practice.front_desk_fte": ("front_desk",),
    "practice.coach_fte": ("health_coach",),
    "practice.dispensary_fte": ("dispensary",),
}


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A figure of the practice: `value` None when it cannot be known; `found` says how."""

    path: str
    value: float | None
    found: str


def own_figures(actor: Actor) -> tuple[OwnFigure, ...]:
    """
    What a scenario can take from the practice.

    Raises:
        Forbidden: the actor sees no plans, or not the practice, its patients and its people's time.
    """
    require(actor, "planner.view")
    patients = count_active(actor)
    people = [one for one in colleagues(actor) if one.is_active]
    places = sites(actor)
    return (
        OwnFigure(
            "practice.active_patients",
            patients,
            f"{patients:,} patients in the record who are in somebody's care, merged rows and the"
            " deceased left out",
        ),
        *(_staff(path, people, codes) for path, codes in ROLES.items()),
        OwnFigure(
            "scale.sites", len(places), f"{len(places)} in the practice: {_names(s.name for s in places)}"
        ),
        _admin_hours(actor, patients),
        OwnFigure(
            "hire.wait_list_days", None, "No wait list is kept here yet: write how long there has been one"
        ),
    )


def _staff(path: str, people: Sequence[Colleague], codes: tuple[str, ...]) -> OwnFigure:
    mine = [one for one in people if any(held.role_code in codes for held in one.roles)]
    shares = [(one, _share(one)) for one in mine]
    said = _names(f"{one.name} {_week(one)}" for one in mine) if mine else "nobody has such a role"
    return OwnFigure(path, round(sum(share for _, share in shares), 2), f"By role and ordinary week: {said}")


def _share(one: Colleague) -> float:
    """The part of a full week; all of it for somebody whose week nobody has written down."""
    hours = _hours(one)
    return min(1.0, hours / FULL_WEEK_HOURS) if hours else 1.0


def _hours(one: Colleague) -> float:
    minutes = sum(_minute(span.ends) - _minute(span.starts) for span in one.week)
    return minutes / 60


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _week(one: Colleague) -> str:
    hours = _hours(one)
    return f"({hours:g} h a week)" if hours else "(no week written down, counted as full time)"


def _admin_hours(actor: Actor, patients: int) -> OwnFigure:
    path = "capacity.admin_hours_per_patient_quarter"
    until = clock.now()
    measured = effort.measured(actor, since=until - timedelta(days=QUARTER_DAYS), until=until)
    if measured.days < LEAST_MEASURED_DAYS or not patients:
        return OwnFigure(
            path,
            None,
            f"Pages have measured active time for {measured.days:.0f} days; {LEAST_MEASURED_DAYS} are needed",
        )
    hours = measured.active_seconds / 3600 * (QUARTER_DAYS / measured.days) / patients
    return OwnFigure(
        path,
        round(hours, 3),
        f"{measured.active_seconds / 3600:,.1f} h of active time on Willowbark's pages in"
        f" {measured.days:.0f} days,"
        f" for {patients:,} patients; work away from these pages is not in it",
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
