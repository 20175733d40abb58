"""Results by test: the latest of each, its recent course, and the whole course of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from django.db.models import Q

from willowbark.record.core.flags import flag_of
from willowbark.record.models import Observation
from willowbark.record.selectors.shown import Shown, common, names_for

RECENT = 12
TREND_POINTS = 500
CATEGORIES = {
    "laboratory": "Laboratory",
    "vital-signs": "Vital signs",
    "survey": "Questionnaires and scores",
    "social-history": "Social history",
    "exam": "Examination",
    "imaging": "Imaging",
    "procedure": "Procedures",
    "": "Other",
}

# A loose index scan: one probe of (patient, code, ...) for each test, not a walk over every result.
_LATEST = """
WITH RECURSIVE tests AS (
  (SELECT code FROM record_observation WHERE {where} ORDER BY code LIMIT 1)
  UNION ALL
  SELECT (SELECT o.code FROM record_observation o WHERE {where_o} AND o.code > t.code ORDER BY o.code LIMIT 1)
  FROM tests t WHERE t.code IS NOT NULL
)
SELECT r.* FROM tests t, LATERAL (
  SELECT o.* FROM record_observation o
  WHERE {where_o} AND o.code = t.code AND o.voided_at IS NULL
    AND (o.value IS NOT NULL OR o.value_text <> '')
  ORDER BY o.effective_at DESC, o.id DESC LIMIT {recent}
) r WHERE t.code IS NOT NULL ORDER BY r.code, r.effective_at DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabValue(Shown):
    """One result with its range."""

    value: Decimal | None
    value_comparator: str
    value_text: str
    unit_text: str
    reference_low: Decimal | None
    reference_high: Decimal | None
    reference_text: str
    flag: str
    status: str


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a chart: its latest result and up to twelve recent ones, newest first."""

    text: str
    code_system: str
    code: str
    category: str
    latest: LabValue
    recent: Sequence[LabValue]


def tests_of(patient_ids: tuple[UUID, ...]) -> list[Test]:
    """Every test with a standing result, by its name; two statements, however many results."""
    one = len(patient_ids) == 1
    where = "patient_id = %s" if one else "patient_id = ANY (%s)"
    value = patient_ids[0] if one else list(patient_ids)
    statement = _LATEST.format(where=where, where_o=f"o.{where}", recent=RECENT)
    found = list(Observation.objects.raw(statement, [value, value, value]))
    names = names_for(found)
    tests = []
    for _, group in groupby(found, lambda row: row.code or row.text):
        rows = list(group)
        recent = [lab_value(row, names) for row in rows]
        newest = rows[0]
        tests.append(
            Test(recent[0].text, newest.code_system, newest.code, newest.category, recent[0], recent)
        )
    return sorted(tests, key=lambda test: test.text.casefold())


def lab_value(row: Observation, names: dict[UUID, str]) -> LabValue:
    """An observation as a result."""
    return LabValue(
        **common(row, "observation", names),  # type: ignore[arg-type]
        value=row.value,
        value_comparator=row.value_comparator,
        value_text=row.value_text,
        unit_text=row.unit_text or row.unit,
        reference_low=row.reference_low,
        reference_high=row.reference_high,
        reference_text=row.reference_text,
        flag=flag_of(
            value=row.value,
            comparator=row.value_comparator,
            low=row.reference_low,
            high=row.reference_high,
            interpretation=row.interpretation,
        ),
        status=row.status,
    )


@dataclass(frozen=True, slots=True)
class Course:
    """The results of one test, newest first; `older` is the cursor of what does not fit, None at the end."""

    rows: Sequence[LabValue]
    older: tuple[datetime, UUID] | None


def course_of(
    patient_ids: tuple[UUID, ...],
    code: str,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = TREND_POINTS,
) -> Course:
    """The course of one test, voided results included (they are shown as such, and not drawn)."""
    rows = Observation.objects.filter(patient__in=patient_ids, code=code, effective_at__isnull=False)
    if before:
        rows = rows.filter(Q(effective_at__lt=before[0]) | Q(effective_at=before[0], id__lt=before[1]))
    found = list(rows.order_by("-effective_at", "-id")[: limit + 1])
    names = names_for(found)
    page = [lab_value(row, names) for row in found[:limit]]
    last = page[-1] if len(found) > limit else None
    return Course(page, (last.effective_at, last.id) if last and last.effective_at else None)
