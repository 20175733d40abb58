"""The timeline tab."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors
from willowbark.foundation.charts import TimelineStrip, YearCount, timeline_strip
from willowbark.kernel.errors import Invalid
from willowbark.record.selectors import timeline as selector
from willowbark.record.selectors.chart import Chart
from willowbark.record.selectors.timeline import DayGroup, TimelineEntry

KIND_LABELS = {
    "": "Everything",
    "encounter": "Visits",
    "condition": "Problems",
    "observation": "Results",
    "medication": "Medications",
    "procedure": "Procedures",
    "immunization": "Immunisations",
    "allergy": "Allergies",
    "document": "Documents",
    "note": "Notes",
}


@dataclass(frozen=True, slots=True)
class KindFilter:
    """One way to narrow the timeline."""

    key: str
    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline as its template reads it."""

    kinds: Sequence[KindFilter]
    strip: TimelineStrip | None
    groups: Sequence[DayGroup]
    newer_url: str
    older_url: str
    shown_from_text: str
    latest_url: str


def timeline_of(chart: Chart, *, kind: str, before: str, after: str, year: str) -> Timeline:
    """
    A page of the timeline.

    Raises:
        Invalid: no such kind, year or place in the list.
    """
    if kind not in KIND_LABELS:
        raise Invalid("There is no such kind of entry.", field="kind")
    patient_id = chart.record.patient.pk
    base = reverse("record:timeline", kwargs={"patient_id": patient_id})
    start = cursors.read_instant(before) if before or not year else _end_of(year)
    page = selector.timeline(chart.patient_ids, kind=kind, before=start, after=cursors.read_instant(after))
    counts = selector.counts(chart.patient_ids)
    years = selector.years(chart.patient_ids)
    return Timeline(
        kinds=_filters(base, kind, counts),
        strip=timeline_strip([_year(base, kind, each, count, year) for each, count in years])
        if years
        else None,
        groups=[_with_urls(patient_id, group) for group in page.groups],
        newer_url=_url(base, kind=kind, after=cursors.write(*page.newer)) if page.newer else "",
        older_url=_url(base, kind=kind, before=cursors.write(*page.older)) if page.older else "",
        shown_from_text=year,
        latest_url=_url(base, kind=kind),
    )


def _filters(base: str, current: str, counts: dict[str, int]) -> list[KindFilter]:
    everything = sum(count for key, count in counts.items() if key != "observation")
    return [
        KindFilter(
            key, label, counts.get(key, 0) if key else everything, _url(base, kind=key), key == current
        )
        for key, label in KIND_LABELS.items()
        if key == "" or key == current or counts.get(key)
    ]


def _year(base: str, kind: str, year: int, count: int, shown: str) -> YearCount:
    return YearCount(
        year=year, count=count, url=_url(base, kind=kind, year=str(year)), is_current=str(year) == shown
    )


def _end_of(year: str) -> cursors.Instant:
    if not (year.isascii() and year.isdigit() and 1800 <= int(year) <= 2200):
        raise Invalid("There is no such year.", field="year")
    return datetime(int(year) + 1, 1, 1, tzinfo=UTC), UUID(int=0)


def _url(base: str, **parameters: str) -> str:
    kept = {name: value for name, value in parameters.items() if value}
    return f"{base}?{urlencode(kept)}" if kept else base


def _with_urls(patient_id: UUID, group: DayGroup) -> DayGroup:
    return dataclasses.replace(
        group,
        entries=[_without_same_day_end(each) for each in group.entries],
        results=[_with_trend(patient_id, each) for each in group.results],
    )


def _without_same_day_end(entry: TimelineEntry) -> TimelineEntry:
    """What ended on the day it began needs no `until`."""
    begun, ended = entry.effective_at, entry.ends_at
    if begun is None or ended is None or begun.date() != ended.date():
        return entry
    return dataclasses.replace(entry, ends_at=None)


def _with_trend(patient_id: UUID, entry: TimelineEntry) -> TimelineEntry:
    if entry.value is None or not entry.source.code:
        return entry
    url = reverse("record:lab_trend", kwargs={"patient_id": patient_id, "code": entry.source.code})
    return dataclasses.replace(entry, lab_trend_url=url)
