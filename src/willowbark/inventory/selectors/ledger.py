"""Every move on a shelf, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from willowbark.foundation.authorisation import Actor
from willowbark.inventory.selectors.reach import READ, require_at, shelf_sites
from willowbark.kernel.errors import NotFound

_MOVES = """
SELECT m.id, m.lot_id, l.lot_number, l.expires_on, m.product_id, m.kind, m.containers, m.left_containers,
       m.reason, m.source_id, m.undoes_id, u.id, m.at, m.by_id, m.site_id
FROM inventory_stockmove m
JOIN inventory_lot l ON l.site_id = m.site_id AND l.id = m.lot_id
LEFT JOIN inventory_stockmove u ON u.site_id = m.site_id AND u.undoes_id = m.id
WHERE m.site_id = ANY (%(sites)s::uuid[]) AND {which}
ORDER BY m.at DESC, m.id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Move:
    """
    One line of the ledger. `containers` came (above zero) or left (below), `left_containers` were there then.

    `undoes_id` is the move that this one takes back, `undone_by_id` the one that took this one back.
    """

    id: UUID
    lot_id: UUID
    lot_number: str
    expires_on: date
    product_id: UUID
    kind: str
    containers: int
    left_containers: int
    reason: str
    source_id: UUID | None
    undoes_id: UUID | None
    undone_by_id: UUID | None
    at: datetime
    by_id: UUID
    site_id: UUID


@dataclass(frozen=True, slots=True)
class MovePage:
    """Moves, newest first; `more` when older ones follow."""

    rows: tuple[Move, ...]
    more: bool


def moves(
    actor: Actor,
    site_id: UUID,
    product_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> MovePage:
    """
    The ledger of a product at a site, newest first, from the move after `before` on; 1 to 200 of them.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not this one.
    """
    require_at(actor, site_id, *READ)
    which = "m.product_id = %(product)s"
    values: dict[str, Any] = {"sites": [site_id], "product": product_id, "limit": limit + 1}
    if before:
        which += " AND (m.at, m.id) < (%(at)s, %(id)s)"
        values |= {"at": before[0], "id": before[1]}
    rows = _moves(which, values)
    return MovePage(rows[:limit], len(rows) > limit)


def move(actor: Actor, site_id: UUID, move_id: UUID) -> Move:
    """
    One line of the ledger.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not this one, or it holds no such move.
    """
    require_at(actor, site_id, *READ)
    found = _moves("m.id = %(id)s", {"sites": [site_id], "id": move_id, "limit": 1})
    if not found:
        raise NotFound("stock move")
    return found[0]


def find_move(actor: Actor, move_id: UUID) -> Move:
    """
    One line of the ledger of whichever shelf that the actor may look at.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or none of theirs holds such a move.
    """
    sites = [site.id for site in shelf_sites(actor)]
    found = _moves("m.id = %(id)s", {"sites": sites, "id": move_id, "limit": 1})
    if not found:
        raise NotFound("stock move")
    return found[0]


def _moves(which: str, values: dict[str, Any]) -> tuple[Move, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVES.format(which=which), values)
        return tuple(Move(*row) for row in cursor.fetchall())
