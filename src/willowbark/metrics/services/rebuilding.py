"""Count every figure again from the facts, as if nothing had been counted before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, require
from willowbark.metrics.models import MetricDay, MetricPiece
from willowbark.metrics.selectors.facts import all_pieces
from willowbark.metrics.services.counting import columns_of, one_at_a_time

_DAYS = """
INSERT INTO metrics_metricday (id, site_id, metric, day, practitioner_id, count, total)
SELECT willow_uuid7(), site_id, metric, day, practitioner_id, count(*), sum(amount)
FROM metrics_metricpiece
GROUP BY GROUPING SETS ((site_id, metric, day, practitioner_id), (site_id, metric, day))
"""
_KEEP = """
CREATE TEMP TABLE metrics_days_before ON COMMIT DROP AS
SELECT site_id, metric, day, practitioner_id, count, total FROM metrics_metricday
"""
_OTHERWISE = """
WITH now AS (SELECT site_id, metric, day, practitioner_id, count, total FROM metrics_metricday)
SELECT count(*) FROM (
  SELECT site_id, metric, day, practitioner_id FROM (TABLE now EXCEPT ALL TABLE metrics_days_before) AS gained
  UNION
  SELECT site_id, metric, day, practitioner_id FROM (TABLE metrics_days_before EXCEPT ALL TABLE now) AS lost
) AS otherwise
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """
    What counting again came to.

    Attributes:
        pieces, days: how many rows there are now.
        otherwise: days that say something else than before, gone and new ones included.
    """

    pieces: int
    days: int
    otherwise: int


def rebuild(*, actor: Actor, done: Callable[[int], None] = lambda facts: None) -> Rebuilt:
    """
    Count all figures again from the facts; `done` is called with the number of facts of each batch.

    Whoever reads meanwhile sees what there was before; whoever counts waits.

    Raises:
        Forbidden: the actor counts no figures.
    """
    require(actor, "metrics.write")
    with transaction.atomic(), connection.cursor() as cursor:
        one_at_a_time()
        cursor.execute(_KEEP)
        MetricPiece.objects.all().delete()
        MetricDay.objects.all().delete()
        for batch in all_pieces(actor):
            MetricPiece.objects.bulk_create([MetricPiece(**columns_of(piece)) for piece in batch])
            done(len(batch))
        cursor.execute(_DAYS)
        days = cursor.rowcount
        cursor.execute(_OTHERWISE)
        (otherwise,) = cursor.fetchone() or (0,)
        cursor.execute("DROP TABLE metrics_days_before")
    access.record_change(actor, "metrics.rebuilt", subject=f"{days} days")
    return Rebuilt(MetricPiece.objects.count(), days, otherwise)
