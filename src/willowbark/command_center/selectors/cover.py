"""What the shelf covers of what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q

from willowbark.catalog.selectors import products_by_id
from willowbark.command_center.models import Cover
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.explaining import reference
from willowbark.metrics.selectors.reach import at_sites

MOST_COVERS = 200


@dataclass(frozen=True, slots=True)
class CoverShown:
    """A product of a shelf beside what is needed of it, in containers."""

    site_id: UUID
    product_id: UUID
    product_name: str
    on_hand_containers: int
    needed_containers: int
    outstanding_containers: int
    protocols: int
    through_on: date
    counted_at: datetime

    @property
    def is_covered(self) -> bool:
        """Whether the shelf holds what is needed."""
        return self.on_hand_containers >= self.needed_containers

    @property
    def why(self) -> str:
        """Its reference."""
        return reference("cover", self.site_id, self.product_id)


@dataclass(frozen=True, slots=True)
class CoverSummary:
    """How many products signed protocols need in the coming days, and how many of those are covered."""

    needed: int
    covered: int


def summary(actor: Actor) -> CoverSummary:
    """
    Products that are needed and those covered, at all sites that the actor reads; one statement.

    Raises:
        Forbidden: the actor reads no command center.
    """
    require(actor, "command_center.read")
    found = Cover.objects.filter(at_sites(actor, "command_center.read"), needed_containers__gt=0).aggregate(
        needed=Count("id"),
        covered=Count("id", filter=Q(on_hand_containers__gte=F("needed_containers"))),
    )
    return CoverSummary(found["needed"], found["covered"])


def covers(actor: Actor, *, only_short: bool = False) -> tuple[CoverShown, ...]:
    """
    Products that protocols need, those with the greatest lack first; 200 at most.

    Raises:
        Forbidden: the actor reads no command center.
    """
    require(actor, "command_center.read")
    rows = Cover.objects.filter(at_sites(actor, "command_center.read"), outstanding_containers__gt=0)
    if only_short:
        rows = rows.filter(on_hand_containers__lt=F("needed_containers"))
    lack = F("on_hand_containers") - F("needed_containers")
    return _shown(actor, list(rows.order_by(lack, "-needed_containers", "id")[:MOST_COVERS]))


def cover(actor: Actor, site_id: UUID, product_id: UUID) -> CoverShown | None:
    """
    One product of one shelf; None when no protocol ever needed it there, or the site is not the actor's.

    Raises:
        Forbidden: the actor reads no command center.
    """
    require(actor, "command_center.read")
    rows = Cover.objects.filter(
        at_sites(actor, "command_center.read"), site_id=site_id, product_id=product_id
    )
    return next(iter(_shown(actor, list(rows))), None)


def _shown(actor: Actor, rows: list[Cover]) -> tuple[CoverShown, ...]:
    products = products_by_id(actor, {row.product_id for row in rows})
    return tuple(
        CoverShown(
            site_id=row.site_id,
            product_id=row.product_id,
            product_name=products[row.product_id].name if row.product_id in products else "A product",
            on_hand_containers=row.on_hand_containers,
            needed_containers=row.needed_containers,
            outstanding_containers=row.outstanding_containers,
            protocols=row.protocols,
            through_on=row.through_on,
            counted_at=row.counted_at,
        )
        for row in rows
    )
