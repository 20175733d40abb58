"""What is said when an alert is raised or closed, or the shelf covers otherwise; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# What open pages are told: an alert or a cover is otherwise.
TOPIC = "command_center.changed"


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """Something is beyond its threshold; the alert's owner is to act."""

    site_id: UUID
    alert_id: UUID


@dataclass(frozen=True, slots=True)
class AlertClosed:
    """An alert was acted on or dismissed, or cleared by itself: `state` says which."""

    site_id: UUID
    alert_id: UUID
    state: str
