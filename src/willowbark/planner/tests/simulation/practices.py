"""Practices to simulate: the shipped scenarios with some figures set."""

from __future__ import annotations

from typing import Any

import yaml

from willowbark.planner.core.scenario import Scenario, example, fields, read_scenario
from willowbark.planner.core.simulation import Estimate

# A practice in which only what a test sets happens: nobody leaves, works, comes back or is hired.
QUIET: dict[str, Any] = {
    "retention.leave_share_per_month": 0,
    "retention.give_up_share_per_month": 0,
    "retention.first_visit_hours": 0,
    "appointments.visits_per_patient_year": 0,
    "capacity.admin_hours_per_patient_quarter": 0,
    "capacity.front_desk_fte_at_1000": 0,
    "capacity.senior_fte_per_1000": 0,
    "practice.practitioners": 1,
    "staffing.leave_share_per_year": 0,
    "staffing.hiring": [],
    "retention.panel_is_closed": False,
    "arrivals.per_week": 0,
}


def practice(**changed: Any) -> Scenario:
    """All defaults but what is changed, sections and figures joined by two underscores."""
    return _scenario("{}", changed)


def quiet(**changed: Any) -> Scenario:
    """A practice in which nothing happens but what is set."""
    return _scenario("{}", {**{key.replace(".", "__"): value for key, value in QUIET.items()}, **changed})


def case(**changed: Any) -> Scenario:
    """The article's case, with what is changed."""
    return _scenario(example("case_growth"), changed)


def _scenario(text: str, changed: dict[str, Any]) -> Scenario:
    said = {path.replace("__", "."): yaml.safe_dump(value) for path, value in changed.items()}
    return read_scenario(text, fields(), changes=said)


def is_near(found: Estimate, expected: float, *, errors: float = 3.0) -> bool:
    """Within so many standard errors."""
    assert found.standard_error is not None
    return abs(found.mean - expected) <= errors * found.standard_error
