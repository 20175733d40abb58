"""Why somebody reaches a patient row: the rule that the database applies, as values, to be explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Because(StrEnum):
    """What opens a patient row to the holder of a role."""

    EVERYWHERE = "everywhere"
    SITE = "site"
    CARE = "care"
    REGISTERED = "registered"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class Row:
    """
    A patient row, as far as it decides who reaches it.

    `carers` maps the staff who care for it now to (kind, since). `registered_by` is the user of the staff
    who registered it, None for what was imported; it counts while nobody has ever cared for the row.
    `let_in` maps the staff to whom it is open by break-glass to when that ends.
    """

    id: UUID
    site_id: UUID
    carers: Mapping[UUID, tuple[str, datetime]]
    was_cared_for: bool
    registered_by: UUID | None
    let_in: Mapping[UUID, datetime]


def reasons(
    row: Row,
    person: Row,
    *,
    reach: str,
    site_id: UUID | None,
    staff_id: UUID,
    user_id: UUID,
    breaks_glass: bool,
) -> Iterator[Because]:
    """
    Yield why a role held by somebody opens `row`, which `person` stands for (itself where it stands alone).

    `reach` is 'organisation', 'site' or 'care', and `site_id` where the role is held; `breaks_glass` says
    that it lets them ask for access for hours.
    """
    if reach == "organisation":
        yield Because.EVERYWHERE
    elif reach == "site":
        if site_id in (person.site_id, row.site_id):
            yield Because.SITE
    elif reach == "care":
        if staff_id in person.carers or staff_id in row.carers:
            yield Because.CARE
        if row.registered_by == user_id and not row.was_cared_for:
            yield Because.REGISTERED
    if breaks_glass and (staff_id in person.let_in or staff_id in row.let_in):
        yield Because.BREAK_GLASS
