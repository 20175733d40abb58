"""
The parts of the house that the navigation shows; each business offers its own in `apps.py`.

So does it offer the pages that it has of a patient: the head of a chart leads to those of floors that it
cannot import.
"""

from __future__ import annotations

from collections.abc import Collection
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


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A page of one patient; `url_name` takes the `patient_id`, any one of `permissions` shows the way."""

    key: str
    label: str
    url_name: str
    icon: str
    order: int
    permissions: tuple[str, ...]


_patient_pages: dict[str, PatientPage] = {}


def offer_of_patient(page: PatientPage) -> None:
    """Let the head of a chart lead to this page."""
    _patient_pages[page.key] = page


def patient_pages(permissions: Collection[str]) -> list[PatientPage]:
    """The pages of a patient that a holder of these permissions may open, in order."""
    mine = (page for page in _patient_pages.values() if not set(page.permissions).isdisjoint(permissions))
    return sorted(mine, key=lambda page: (page.order, page.key))
