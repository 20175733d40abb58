"""The growth that a scenario chooses: so many patients a month, or so many in the end."""

from __future__ import annotations

from willowbark.planner.core.scenario.reading import BadScenario
from willowbark.planner.core.scenario.scenario import Scenario


def growth_end(scenario: Scenario) -> float | None:
    """
    Active patients when the growth chosen has ended, not below 0; None when none is chosen.

    Raises:
        BadScenario: patients a month and patients to grow to are both given and lead to different ends.
    """
    patients, months = scenario.number("practice.active_patients"), scenario.number("growth.months")
    goal = scenario.number("growth.to_patients") if scenario.has("growth.to_patients") else None
    if not scenario.has("growth.patients_per_month"):
        return goal
    end = max(0.0, patients + scenario.number("growth.patients_per_month") * months)
    if goal is None:
        return end
    # A month's patients are given rounded; half of one a month is no contradiction.
    if abs(end - goal) > max(0.5, months / 2):
        raise BadScenario(
            f"growth.patients_per_month leads to {end:,.0f} patients in {months:g} months, and"
            f" growth.to_patients is {goal:,.0f}: give one of them.",
            field="growth.patients_per_month",
        )
    return goal
