"""Read the shelf of a site, as an actor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.inventory.core.stock import LotOnHand
from willowbark.kernel.errors import NotFound

READ = ("inventory.read",)

_ON_HAND = """
SELECT l.product_id, sum(b.on_hand_containers)::integer
FROM inventory_lot l
JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
WHERE l.site_id = %(site)s AND b.on_hand_containers > 0
  AND l.expires_on >= (SELECT willow_site_day(%(site)s, %(now)s))
  AND (%(products)s::uuid[] IS NULL OR l.product_id = ANY (%(products)s::uuid[]))
GROUP BY l.product_id
"""

_LOTS = """
SELECT l.id, l.product_id, l.lot_number, l.expires_on, b.on_hand_containers
FROM inventory_lot l
JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
WHERE l.site_id = %(site)s AND l.product_id = %(product)s
  AND (%(empty)s OR b.on_hand_containers > 0)
ORDER BY l.expires_on, l.lot_number, l.id
"""

_MOVES = """
SELECT m.id, m.lot_id, l.lot_number, l.expires_on, m.product_id, m.kind, m.containers, m.left_containers,
       m.reason, m.source_id, m.undoes_id, u.id, m.at, m.by_id
FROM inventory_stockmove m
JOIN inventory_lot l ON l.site_id = m.site_id AND l.id = m.lot_id
LEFT JOIN inventory_stockmove u ON u.site_id = m.site_id AND u.undoes_id = m.id
WHERE m.site_id = %(site)s AND {which}
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


@dataclass(frozen=True, slots=True)
class MovePage:
    """Moves, newest first; `more` when older ones follow."""

    rows: tuple[Move, ...]
    more: bool


def require_at(actor: Actor, site_id: UUID, *permissions: str) -> None:
    """
    Let pass who holds any of the permissions at this site.

    Raises:
        Forbidden: the actor holds none of them anywhere.
        NotFound: not at this site, or there is no such site.
    """
    require(actor, *permissions)
    held = (grant for permission in permissions for grant in actor.grants_of(permission))
    if not any(grant.reach is Reach.ORGANISATION or grant.site_id == site_id for grant in held):
        raise NotFound("site")


def on_hand(actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None = None) -> dict[UUID, int]:
    """
    Containers that can be taken today: product -> how many, above zero; what has expired does not count.

    One statement, for the products named or for all.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not this one.
    """
    require_at(actor, site_id, *READ)
    named = list(product_ids) if product_ids is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_ON_HAND, {"site": site_id, "now": clock.now(), "products": named})
        return dict(cursor.fetchall())


def lots(
    actor: Actor, site_id: UUID, product_id: UUID, *, include_empty: bool = False
) -> tuple[LotOnHand, ...]:
    """
    The lots of a product at a site, those that expire first, first; expired ones stand among them.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not this one.
    """
    require_at(actor, site_id, *READ)
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, {"site": site_id, "product": product_id, "empty": include_empty})
        return tuple(LotOnHand(*row) for row in cursor.fetchall())


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
    values: dict[str, object] = {"site": site_id, "product": product_id, "limit": limit + 1}
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
    found = _moves("m.id = %(id)s", {"site": site_id, "id": move_id, "limit": 1})
    if not found:
        raise NotFound("stock move")
    return found[0]


def _moves(which: str, values: dict[str, object]) -> tuple[Move, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVES.format(which=which), values)
        return tuple(Move(*row) for row in cursor.fetchall())


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
