"""What shelves hold of everything that ever stood on them, and how fast it leaves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.core.cover import EXPIRING_DAYS, LEAST_RATE_DAYS, RATE_DAYS, Level
from willowbark.inventory.selectors.reach import READ, require_at

__all__ = ["Level", "levels"]

_LEVELS = """
WITH days AS MATERIALIZED (
  SELECT site_id, willow_site_day(site_id, %(now)s) AS today FROM unnest(%(sites)s::uuid[]) AS site_id
), gone AS (
  SELECT m.site_id, m.product_id, -sum(m.containers) AS containers
  FROM inventory_stockmove m
  WHERE m.site_id = ANY (%(sites)s::uuid[]) AND m.kind IN ('dispense', 'return') AND m.at > %(since)s
    AND (%(products)s::uuid[] IS NULL OR m.product_id = ANY (%(products)s::uuid[]))
  GROUP BY m.site_id, m.product_id
)
SELECT l.site_id, l.product_id,
       coalesce(sum(b.on_hand_containers) FILTER (WHERE l.expires_on >= d.today AND NOT r.holds), 0)::integer,
       (count(*) FILTER (WHERE b.on_hand_containers > 0))::integer,
       min(l.expires_on) FILTER (WHERE b.on_hand_containers > 0),
       coalesce(sum(b.on_hand_containers) FILTER (
         WHERE l.expires_on >= d.today AND l.expires_on < d.today + %(expiring)s::integer
           AND NOT r.holds), 0)::integer,
       coalesce(sum(b.on_hand_containers) FILTER (WHERE l.expires_on < d.today AND NOT r.holds), 0)::integer,
       coalesce(sum(b.on_hand_containers) FILTER (WHERE r.holds), 0)::integer,
       greatest(0, coalesce(min(g.containers), 0))::integer,
       least(%(rate)s, greatest(%(least)s, extract(day FROM %(now)s - min(l.first_seen_at))))::integer
FROM days d
JOIN inventory_lot l ON l.site_id = d.site_id
JOIN inventory_balance b ON b.site_id = l.site_id AND b.lot_id = l.id
CROSS JOIN LATERAL (
  SELECT EXISTS (
    SELECT 1 FROM inventory_recall c
    WHERE c.lifted_at IS NULL AND c.product_ids @> ARRAY[l.product_id]
      AND (c.lot_numbers = '{}' OR l.lot_number = ANY (c.lot_numbers))) AS holds
) r
LEFT JOIN gone g ON g.site_id = l.site_id AND g.product_id = l.product_id
WHERE %(products)s::uuid[] IS NULL OR l.product_id = ANY (%(products)s::uuid[])
GROUP BY l.site_id, l.product_id
"""


def levels(
    actor: Actor, site_ids: Collection[UUID], product_ids: Collection[UUID] | None = None
) -> tuple[Level, ...]:
    """
    Of each product that ever stood on these shelves, or of those named, what is there. In no order.

    One statement, however many sites, products, lots and moves there are.

    Raises:
        Forbidden, NotFound: the actor reads no shelf, or not one of these.
    """
    for site_id in site_ids:
        require_at(actor, site_id, *READ)
    now = clock.now()
    values = {
        "sites": list(site_ids),
        "products": list(product_ids) if product_ids is not None else None,
        "now": now,
        "since": now - timedelta(days=RATE_DAYS),
        "rate": RATE_DAYS,
        "least": LEAST_RATE_DAYS,
        "expiring": EXPIRING_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, values)
        return tuple(Level(*row) for row in cursor.fetchall())
