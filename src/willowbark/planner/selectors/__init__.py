"""Read saved scenarios and the practice's own figures, as an actor."""

from willowbark.planner.selectors.own import OwnFigure, own_figures
from willowbark.planner.selectors.saved import Saved, saved_scenario, saved_scenarios

__all__ = ["OwnFigure", "Saved", "own_figures", "saved_scenario", "saved_scenarios"]
