"""The parts of the house that the navigation shows; each business offers its own in `apps.py`."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.foundation.authorisation import Actor, allows


@dataclass(frozen=True, slots=True)
class Area:
    """One entry; `key` is what the keyboard finds it by, `permissions` any one of which shows it."""

    key: str
    label: str
    url_name: str
    icon: str
    order: int
    permissions: tuple[str, ...]


_areas: dict[str, Area] = {}


def offer(area: Area) -> None:
    """Put a part of the house into the navigation."""
    _areas[area.key] = area


def areas(actor: Actor) -> list[Area]:
    """What this person may open, in order."""
    mine = (area for area in _areas.values() if allows(actor, *area.permissions))
    return sorted(mine, key=lambda area: (area.order, area.key))
