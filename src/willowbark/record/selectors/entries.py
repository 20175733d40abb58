"""One entry of an open chart."""

from __future__ import annotations

from uuid import UUID

from willowbark.kernel.errors import NotFound
from willowbark.record.kinds import table_of
from willowbark.record.selectors.chart import Chart
from willowbark.record.selectors.shown import common, names_for
from willowbark.record.selectors.timeline import TimelineEntry


def find_entry(chart: Chart, kind: str, entry_id: UUID) -> TimelineEntry:
    """
    One entry, whatever its kind, as the timeline shows it.

    Raises:
        NotFound: no such kind, or no such entry of this person.
    """
    row = table_of(kind)._default_manager.filter(patient__in=chart.patient_ids, pk=entry_id).first()
    if row is None:
        raise NotFound("entry")
    return TimelineEntry(
        **common(row, kind, names_for([row])),  # type: ignore[arg-type]
        detail=getattr(row, "dosage_text", "") or getattr(row, "reason_text", ""),
        status=getattr(row, "status", "") or getattr(row, "clinical_status", ""),
        ends_at=getattr(row, "ends_at", None),
        value=getattr(row, "value", None),
        value_comparator=getattr(row, "value_comparator", ""),
        value_text=getattr(row, "value_text", ""),
        unit_text=getattr(row, "unit_text", ""),
        flag="",
    )
