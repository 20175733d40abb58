"""Results by test: the latest of each, its recent course, and the whole course of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from willowbark.foundation.cursors import Instant
from willowbark.record.core.flags import flag_of
from willowbark.record.models import Observation
from willowbark.record.selectors.paging import by_place, page_of
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
# Results that came without a code are few; each name among them counts as a test.
_LATEST = """
WITH RECURSIVE tests AS (
  (SELECT code FROM record_observation WHERE {where} AND code > '' ORDER BY code LIMIT 1)
  UNION ALL
  SELECT (SELECT o.code FROM record_observation o WHERE {where_o} AND o.code > t.code ORDER BY o.code LIMIT 1)
  FROM tests t WHERE t.code IS NOT NULL
), uncoded AS (
  SELECT o.patient_id, o.id, row_number() OVER (
    PARTITION BY o.text ORDER BY o.effective_at DESC NULLS LAST, o.id DESC) AS place
  FROM record_observation o WHERE {where_o} AND o.code = '' AND {says_something}
)
SELECT r.* FROM tests t, LATERAL (
  (SELECT o.* FROM record_observation o
   WHERE {where_o} AND o.code = t.code AND {says_something} AND o.effective_at IS NOT NULL
   ORDER BY o.effective_at DESC, o.id DESC LIMIT {recent})
  UNION ALL
  (SELECT o.* FROM record_observation o
   WHERE {where_o} AND o.code = t.code AND {says_something} AND o.effective_at IS NULL
   ORDER BY o.id DESC LIMIT {recent})
) r WHERE t.code IS NOT NULL
UNION ALL
SELECT o.* FROM uncoded u JOIN record_observation o USING (patient_id, id) WHERE u.place <= {recent}
"""
_SAYS_SOMETHING = "o.voided_at IS NULL AND (o.value IS NOT NULL OR o.value_text <> '')"


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
    return _tests(patient_ids, RECENT)


def latest_of(patient_ids: tuple[UUID, ...]) -> list[Test]:
    """As `tests_of`, with nothing of each but its latest result."""
    return _tests(patient_ids, 1)


def _tests(patient_ids: tuple[UUID, ...], most: int) -> list[Test]:
    one = len(patient_ids) == 1
    where = "patient_id = %s" if one else "patient_id = ANY (%s)"
    value = patient_ids[0] if one else list(patient_ids)
    statement = _LATEST.format(where=where, where_o=f"o.{where}", recent=most, says_something=_SAYS_SOMETHING)
    results: dict[tuple[str, str], list[Observation]] = {}
    for row in Observation.objects.raw(statement, [value] * statement.count("%s")):
        results.setdefault((row.code, "" if row.code else row.text), []).append(row)
    names = names_for(row for rows in results.values() for row in rows)
    tests = []
    for rows in results.values():
        newest, *_ = latest = by_place(rows)[:most]
        recent = [lab_value(row, names) for row in latest]
        tests.append(
            Test(recent[0].text, newest.code_system, newest.code, newest.category, recent[0], recent)
        )
    return sorted(tests, key=lambda test: (test.text.casefold(), test.code))


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
    older: Instant | None


def course_of(
    patient_ids: tuple[UUID, ...],
    code: str,
    *,
    before: Instant | None = None,
    limit: int = TREND_POINTS,
) -> Course:
    """The course of one test, voided results included (they are shown as such, and not drawn)."""
    rows = Observation.objects.filter(patient__in=patient_ids, code=code)
    found, older = page_of(rows, before=before, limit=limit)
    names = names_for(found)
    return Course([lab_value(row, names) for row in found], older)
