"""Keep scenarios, as an actor."""

from willowbark.planner.services.saving import put_away_scenario, save_scenario

__all__ = ["put_away_scenario", "save_scenario"]
