"""Rows of one table newest first, from a place in the list on; what has no date comes last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from willowbark.foundation.cursors import Instant
from willowbark.record.models import Entry

Row = TypeVar("Row", bound=Entry)


def page_of(rows: QuerySet[Row], *, before: Instant | None, limit: int) -> tuple[list[Row], Instant | None]:
    """At most `limit` rows that stand after `before`, and the cursor of the page after (None at the end)."""
    if before:
        at, row_id = before
        if at is None:
            rows = rows.filter(effective_at__isnull=True, id__lt=row_id)
        else:
            older = Q(effective_at__lt=at) | Q(effective_at=at, id__lt=row_id)
            rows = rows.filter(older | Q(effective_at__isnull=True))
    found = list(rows.order_by(F("effective_at").desc(nulls_last=True), "-id")[: limit + 1])
    return found[:limit], place_of(found[limit - 1]) if len(found) > limit else None


def place_of(row: Entry) -> Instant:
    """Where a row stands."""
    return row.effective_at, row.pk


def by_place(rows: Sequence[Row]) -> list[Row]:
    """Rows that came in any order, newest first, what has no date last."""
    dated = [row for row in rows if row.effective_at is not None]
    undated = [row for row in rows if row.effective_at is None]
    return [
        *sorted(dated, key=place_of, reverse=True),
        *sorted(undated, key=lambda row: row.pk, reverse=True),
    ]
