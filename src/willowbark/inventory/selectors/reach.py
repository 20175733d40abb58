"""Whose shelf somebody may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.kernel.errors import NotFound
from willowbark.practice import selectors as practice

READ = ("inventory.read",)


@dataclass(frozen=True, slots=True)
class ShelfSite:
    """A site with a shelf that the actor may look at."""

    id: UUID
    name: str


def require_at(actor: Actor, site_id: UUID, *permissions: str) -> None:
    """
    Let pass who holds any of the permissions at this site.

    Raises:
        Forbidden: the actor holds none of them anywhere.
        NotFound: not at this site, or there is no such site.
    """
    require(actor, *permissions)
    if not _holds_at(actor, site_id, *permissions):
        raise NotFound("site")


def _holds_at(actor: Actor, site_id: UUID, *permissions: str) -> bool:
    held = (grant for permission in permissions for grant in actor.grants_of(permission))
    return any(grant.reach is Reach.ORGANISATION or grant.site_id == site_id for grant in held)


def may_keep(actor: Actor, site_id: UUID) -> bool:
    """Whether the actor receives, counts and throws away at this site."""
    return _holds_at(actor, site_id, "inventory.write")


def shelf_sites(actor: Actor) -> tuple[ShelfSite, ...]:
    """The sites whose shelves the actor may look at, by name."""
    require(actor, *READ)
    mine = (site for site in practice.sites(actor) if _holds_at(actor, site.pk, *READ))
    return tuple(ShelfSite(site.pk, site.name) for site in mine)


def site_day(site_id: UUID) -> date:
    """
    Today's date by the calendar of a site.

    Raises:
        NotFound: no such site.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT willow_site_day(%s, %s)", [site_id, clock.now()])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NotFound("site")
    today: date = row[0]
    return today
