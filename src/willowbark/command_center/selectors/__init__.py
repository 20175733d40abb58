"""Read covers and alerts, as an actor."""

from willowbark.command_center.selectors.alerts import AlertShown, alert, alerts
from willowbark.command_center.selectors.cover import CoverShown, CoverSummary, covers, summary
from willowbark.command_center.selectors.settings import thresholds

__all__ = [
    "AlertShown",
    "CoverShown",
    "CoverSummary",
    "alert",
    "alerts",
    "covers",
    "summary",
    "thresholds",
]
