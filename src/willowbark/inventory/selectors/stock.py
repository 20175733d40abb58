"""What is on a shelf."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.core.stock import LotOnHand
from willowbark.inventory.selectors.reach import READ, require_at

_ON_HAND = """
WITH days AS MATERIALIZED (
  SELECT site_id, willow_site_day(site_id, %(now)s) AS today FROM unnest(%(sites)s::uuid[]) AS site_id
)
SELECT l.site_id, l.product_id, sum(b.on_hand_containers)::integer
FROM days d
JOIN inventory_lot l ON l.site_id = d.site_id
JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
WHERE b.on_hand_containers > 0 AND l.expires_on >= d.today
  AND NOT EXISTS (
    SELECT 1 FROM inventory_recall r
    WHERE r.lifted_at IS NULL AND r.product_ids @> ARRAY[l.product_id]
      AND (r.lot_numbers = '{}' OR l.lot_number = ANY (r.lot_numbers)))
  AND (%(products)s::uuid[] IS NULL OR l.product_id = ANY (%(products)s::uuid[]))
GROUP BY l.site_id, l.product_id
"""

_LOTS = """
SELECT l.id, l.product_id, l.lot_number, l.expires_on, b.on_hand_containers
FROM inventory_lot l
JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
WHERE l.site_id = %(site)s AND l.product_id = %(product)s
  AND (%(empty)s OR b.on_hand_containers > 0)
ORDER BY l.expires_on, l.lot_number, l.id
"""


def on_hand(actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None = None) -> dict[UUID, int]:
    """
    Containers that can be taken today: product -> how many, above zero; what has expired or is recalled does
    not count.

    One statement, for the products named or for all.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not this one.
    """
    at = on_hand_at(actor, [site_id], product_ids)
    return {product_id: containers for (_, product_id), containers in at.items()}


def on_hand_at(
    actor: Actor, site_ids: Collection[UUID], product_ids: Collection[UUID] | None = None
) -> dict[tuple[UUID, UUID], int]:
    """
    The same for several sites: (site, product) -> containers that can be taken today. One statement.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not one of these.
    """
    for site_id in site_ids:
        require_at(actor, site_id, *READ)
    named = list(product_ids) if product_ids is not None else None
    with connection.cursor() as cursor:
        cursor.execute(_ON_HAND, {"sites": list(site_ids), "now": clock.now(), "products": named})
        return {(site_id, product_id): containers for site_id, product_id, containers in cursor.fetchall()}


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
