"""What the record says of an open chart, as the facts of a brief."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import Allergy, Course, Done, Medicine, Note, Problem, Result, Visit
from willowbark.foundation.presentation.numbers import shown_text
from willowbark.foundation.presentation.words import is_telling, phrase, plain_name
from willowbark.record.selectors import lists
from willowbark.record.selectors.chart import AllergyRow
from willowbark.record.selectors.done import done_lately
from willowbark.record.selectors.labs import LabValue, tests_of
from willowbark.record.selectors.shown import Shown
from willowbark.record.selectors.visits import VisitRow


class Written(TypedDict):
    """What every fact of the record has."""

    source: Source
    text: str
    at: datetime | None
    precision: str
    recorded_at: datetime
    recorded_by: str
    is_import: bool


def visit(row: VisitRow, *, is_mine: bool) -> Visit:
    """A visit that took place."""
    return Visit(
        **_written(row),
        ends_at=row.ends_at,
        reason=row.reason,
        practitioner=row.practitioner_name,
        is_mine=is_mine,
    )


def courses(patient_ids: tuple[UUID, ...]) -> tuple[Course, ...]:
    """The latest results of every test; two statements."""
    return tuple(Course(tuple(_result(each) for each in test.recent)) for test in tests_of(patient_ids))


def medicines(found: lists.Medications) -> tuple[Medicine, ...]:
    """What is taken, and what was."""
    taken = [_medicine(row, is_taken=True) for row in (*found.drugs, *found.supplements)]
    return (*taken, *(_medicine(row, is_taken=False) for row in found.stopped))


def problems(patient_ids: tuple[UUID, ...]) -> tuple[Problem, ...]:
    """The problems that stand, and those that are over; two statements."""
    found = lists.problems(patient_ids)
    active = [_problem(row, is_active=True) for row in found.active]
    return (*active, *(_problem(row, is_active=False) for row in found.resolved))


def allergy(row: AllergyRow) -> Allergy:
    """An allergy that stands."""
    return Allergy(
        **_written(row),
        reaction=row.reaction_text,
        is_grave=row.criticality == "high" or row.severity == "severe",
    )


def notes(patient_ids: tuple[UUID, ...], *, reader: str) -> tuple[Note, ...]:
    """The last thirty notes that stand; two statements."""
    return tuple(
        Note(
            **_written(row) | {"text": _first_words(row.text, row.body)},
            kind=phrase(row.note_kind_label),
            author=row.source.author_name or row.source.recorded_by_name,
            is_mine=row.source.author_name == reader,
        )
        for row in lists.notes(patient_ids).rows
        if row.void is None
    )


def done(patient_ids: tuple[UUID, ...]) -> tuple[Done, ...]:
    """Procedures, immunisations, reports and letters of late; four statements."""
    return tuple(
        Done(
            **_written(row),
            status=phrase(row.status) if is_telling(row.status) else "",
            said=row.said,
            is_report=row.is_report,
        )
        for row in done_lately(patient_ids)
    )


def _written(row: Shown) -> Written:
    return {
        "source": Source(row.kind, row.patient_id, row.id, row.source.code),
        "text": plain_name(row.text),
        "at": row.effective_at,
        "precision": row.effective_precision if row.effective_at else "",
        "recorded_at": row.source.recorded_at,
        "recorded_by": row.source.recorded_by_name,
        "is_import": row.source.kind == "import",
    }


def _result(row: LabValue) -> Result:
    number = "" if row.value is None else f"{row.value_comparator}{shown_text(row.value)}"
    return Result(
        **_written(row),
        said=f"{number} {row.unit_text}".strip() if number else row.value_text,
        number=number,
        value=None if row.value_comparator else row.value,
        unit=row.unit_text,
        flag=row.flag,
    )


def _medicine(row: lists.MedicationRow, *, is_taken: bool) -> Medicine:
    return Medicine(
        **_written(row),
        is_supplement=row.medication_kind == "supplement",
        dosage=row.dosage_text,
        is_taken=is_taken,
        ends_at=row.ends_at,
    )


def _problem(row: lists.ProblemRow, *, is_active: bool) -> Problem:
    return Problem(
        **_written(row),
        is_active=is_active,
        abated_at=row.abated_at,
        abated_precision=row.abated_precision,
    )


def _first_words(title: str, body: str) -> str:
    """How a note begins: its title, unless that is all that there is of it."""
    return body if body.startswith(title) else f"{title}: {body}"
