"""How many patients the practitioners there are meant to have."""

from __future__ import annotations

from willowbark.planner.core.ranges import Range
from willowbark.planner.core.scenario.scenario import Scenario


def target_of(scenario: Scenario) -> Range:
    """Practitioners x the panel that each is meant to have."""
    practitioners, panel = scenario.range("practice.practitioners"), scenario.range("hire.target_panel")
    return Range(practitioners.low * panel.low, practitioners.high * panel.high)
