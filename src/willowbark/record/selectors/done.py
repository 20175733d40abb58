"""What was done or sent lately: procedures, immunisations, reports and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet

from willowbark.record.kinds import TABLES
from willowbark.record.models import Entry
from willowbark.record.selectors.shown import Shown, common, names_for

KINDS = ("procedure", "immunization", "document")
LATEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRow(Shown):
    """One of them; `said` is a report's conclusion, `is_report` tells a report from other documents."""

    status: str
    said: str
    is_report: bool


def done_lately(patient_ids: tuple[UUID, ...]) -> Sequence[DoneRow]:
    """The latest thirty of each kind in an open chart, newest first within the kind; four statements."""
    found = [(kind, row) for kind in KINDS for row in _rows(kind, patient_ids)]
    names = names_for(row for _, row in found)
    return [
        DoneRow(
            **common(row, kind, names),  # type: ignore[arg-type]
            status=getattr(row, "status", ""),
            said=getattr(row, "conclusion", ""),
            is_report=getattr(row, "kind", "") == "report",
        )
        for kind, row in found
    ]


def _rows(kind: str, patient_ids: tuple[UUID, ...]) -> QuerySet[Entry]:
    rows = TABLES[kind]._default_manager.filter(patient__in=patient_ids, voided_at__isnull=True)
    if kind == "document":
        # Megabytes that nobody asked for. The types see an entry of any kind, not that it is a document.
        rows = rows.defer("content")  # type: ignore[misc]
    return rows.order_by(F("effective_at").desc(nulls_last=True), "-id")[:LATEST]
