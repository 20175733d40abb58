"""The labs tab, and the course of one test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from willowbark.foundation import cursors
from willowbark.foundation.charts import Band, LineChart, Point, Series, Sparkline, line_chart, sparkline
from willowbark.foundation.presentation.numbers import shown_text
from willowbark.kernel.errors import NotFound
from willowbark.record.selectors import labs as selector
from willowbark.record.selectors.chart import Chart
from willowbark.record.selectors.labs import CATEGORIES, LabValue


@dataclass(frozen=True, slots=True)
class LabRow:
    """One test with its latest result."""

    text: str
    code_system: str
    code: str
    latest: LabValue
    count: int
    trend_url: str
    spark: Sparkline | None


@dataclass(frozen=True, slots=True)
class LabGroup:
    """Tests of one category."""

    title: str
    rows: Sequence[LabRow]


@dataclass(frozen=True, slots=True)
class Labs:
    """The labs tab as its template reads it."""

    groups: Sequence[LabGroup]
    query: str


def labs_of(chart: Chart, query: str) -> Labs:
    """Tests by category; `query` keeps those whose name holds it."""
    wanted = query.strip().casefold()
    tests = [test for test in selector.tests_of(chart.patient_ids) if wanted in test.text.casefold()]
    groups = []
    for category in sorted({test.category for test in tests}, key=_category_order):
        rows = [_row(chart.record.patient.pk, test) for test in tests if test.category == category]
        groups.append(LabGroup(CATEGORIES.get(category, category.capitalize()), rows))
    return Labs(groups, query)


def _category_order(category: str) -> tuple[int, str]:
    known = list(CATEGORIES)
    return (known.index(category) if category in known else len(known), category)


def _row(patient_id: UUID, test: selector.Test) -> LabRow:
    unit = test.latest.unit_text
    values = [
        each.value for each in reversed(test.recent) if each.value is not None and each.unit_text == unit
    ]
    return LabRow(
        text=test.text,
        code_system=test.code_system,
        code=test.code,
        latest=test.latest,
        count=len(test.recent),
        trend_url=_trend_url(patient_id, test.code) if test.code else "",
        spark=sparkline(values, band=_band(test.latest), title=test.text) if len(values) > 1 else None,
    )


def _trend_url(patient_id: UUID, code: str) -> str:
    return reverse("record:lab_trend", kwargs={"patient_id": patient_id, "code": code})


def _band(value: LabValue) -> Band | None:
    if value.reference_low is None and value.reference_high is None:
        return None
    return Band(value.reference_low, value.reference_high, label="Reference range")


@dataclass(frozen=True, slots=True)
class LabTrend:
    """The course of one test as its template reads it."""

    text: str
    code_system: str
    code: str
    unit_text: str
    chart: LineChart | None
    rows: Sequence[LabValue]
    older_url: str
    note_text: str
    labs_url: str


def trend_of(chart: Chart, code: str, before: str) -> LabTrend:
    """
    The course of one test. Only results in the latest unit are drawn together.

    Raises:
        NotFound: the chart has no result of this test.
    """
    course = selector.course_of(chart.patient_ids, code, before=cursors.read_instant(before))
    if not course.rows:
        raise NotFound("test")
    patient_id = chart.record.patient.pk
    latest = next((row for row in course.rows if row.value is not None), course.rows[0])
    drawn = [
        row
        for row in reversed(course.rows)
        if row.value is not None and row.void is None and row.unit_text == latest.unit_text
    ]
    units = {row.unit_text for row in course.rows if row.value is not None}
    return LabTrend(
        text=latest.text,
        code_system=latest.source.code_system,
        code=code,
        unit_text=latest.unit_text,
        chart=_chart(latest, drawn) if drawn else None,
        rows=course.rows,
        older_url=f"{_trend_url(patient_id, code)}?{urlencode({'before': cursors.write(*course.older)})}"
        if course.older
        else "",
        note_text=f"{len(units)} units were used; the chart shows {latest.unit_text} only."
        if len(units) > 1
        else "",
        labs_url=reverse("record:labs", kwargs={"patient_id": patient_id}),
    )


def _chart(latest: LabValue, drawn: Sequence[LabValue]) -> LineChart:
    points = [
        Point(
            at=row.effective_at,
            value=row.value,
            text=f"{row.value_comparator}{shown_text(row.value)} {row.unit_text}".strip(),
            flag=row.flag,
            precision=row.effective_precision,
        )
        for row in drawn
        if row.effective_at is not None and row.value is not None
    ]
    return line_chart(
        [Series(label=latest.text, points=points)],
        unit=latest.unit_text,
        title=latest.text,
        band=_band(latest),
        zone=timezone.get_current_timezone(),
    )
