"""For whom a role is held, in words and as one choice of a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from willowbark.kernel.errors import Invalid

EVERYWHERE = "organisation"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a role is held: everywhere, at a site, or for the patients in one's care at a site."""

    reach: str
    site_id: UUID | None


def reach_text(reach: str, site_name: str) -> str:
    """For whom a role is held: `whole practice`, `North`, `patients in their care, North`."""
    if reach == EVERYWHERE:
        return "whole practice"
    return site_name if reach == "site" else f"patients in their care, {site_name}"


def choices(sites: Iterable[tuple[UUID, str]]) -> list[tuple[str, str]]:
    """What a form offers, as (value, label): the patients in care at a site, all of a site, everywhere."""
    offered = list(sites)
    cared = [(f"care:{site_id}", f"Patients in their care, {name}") for site_id, name in offered]
    whole = [(f"site:{site_id}", f"Everybody at {name}") for site_id, name in offered]
    return [*cared, *whole, (EVERYWHERE, "Whole practice")]


def written(reach: str, site_id: UUID | None) -> str:
    """The value of a choice."""
    return reach if site_id is None else f"{reach}:{site_id}"


def read(value: str) -> Where:
    """
    What was chosen.

    Raises:
        Invalid: nothing that the form offers.
    """
    reach, _, site = value.partition(":")
    if value == EVERYWHERE:
        return Where(EVERYWHERE, None)
    try:
        if reach in {"site", "care"}:
            return Where(reach, UUID(site))
    except ValueError as error:
        raise Invalid("Choose for whom.", field="where") from error
    raise Invalid("Choose for whom.", field="where")
