"""
Places on a page that other businesses fill.

The floor that owns a page names its slots; each business registers, in its `apps.py`, what it shows
there and renders it itself. So a page of many businesses imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.http import HttpRequest

from willowbark.foundation.authorisation import Actor, allows

Slot = Literal["chart", "day", "portal", "note", "brief", "match", "compose"]


@dataclass(frozen=True, slots=True)
class Panel:
    """
    One business's part of a page.

    `render(request, actor, patient_id)` returns safe HTML; `patient_id` is None where the page is not
    of one patient. Holders of none of `permissions` do not see the panel. One that `is_wide` takes the whole
    width of a page whose panels stand beside each other.
    """

    slot: Slot
    key: str
    title: str
    order: int
    permissions: tuple[str, ...]
    render: Callable[[HttpRequest, Actor, UUID | None], str]
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A panel as the page shows it."""

    key: str
    title: str
    html: str
    is_wide: bool = False


_panels: dict[tuple[Slot, str], Panel] = {}


def register(panel: Panel) -> None:
    """
    Add a panel to its slot.

    Raises:
        ValueError: the slot has another panel of this key.
    """
    known = _panels.setdefault((panel.slot, panel.key), panel)
    if known.render is not panel.render:
        raise ValueError(f"slot {panel.slot} has a panel {panel.key} already")


def rendered(
    slot: Slot, request: HttpRequest, actor: Actor, patient_id: UUID | None = None
) -> list[Rendered]:
    """The slot's panels that the actor may see, in order; one that has nothing to say is left out."""
    mine = sorted(
        (
            panel
            for (where, _), panel in _panels.items()
            if where == slot and allows(actor, *panel.permissions)
        ),
        key=lambda panel: (panel.order, panel.key),
    )
    found = ((panel, panel.render(request, actor, patient_id)) for panel in mine)
    return [Rendered(panel.key, panel.title, html, panel.is_wide) for panel, html in found if html]
