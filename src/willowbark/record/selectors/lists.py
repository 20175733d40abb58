"""Problems, medicines and supplements, and notes: the short lists of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q

from willowbark.foundation import clock
from willowbark.foundation.cursors import Instant
from willowbark.record.models import Condition, Medication, Note
from willowbark.record.selectors.paging import page_of
from willowbark.record.selectors.shown import Shown, common, names_for

LONGEST_LIST = 500
_GONE = ("inactive", "remission", "resolved")
_STOPPED = ("stopped", "completed", "cancelled", "entered-in-error", "not-taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow(Shown):
    """One problem."""

    clinical_status: str
    verification_status: str
    category: str
    abated_at: datetime | None
    abated_precision: str


@dataclass(frozen=True, slots=True)
class Problems:
    """Problems as the chart groups them, newest first."""

    active: Sequence[ProblemRow]
    resolved: Sequence[ProblemRow]
    voided: Sequence[ProblemRow]


def problems(patient_ids: tuple[UUID, ...]) -> Problems:
    """The problems of an open chart, at most 500."""
    found = list(
        Condition.objects.filter(patient__in=patient_ids).order_by(
            F("effective_at").desc(nulls_last=True), "-id"
        )[:LONGEST_LIST]
    )
    names = names_for(found)
    rows = [
        ProblemRow(
            **common(row, "condition", names),  # type: ignore[arg-type]
            clinical_status=row.clinical_status,
            verification_status=row.verification_status,
            category=row.category,
            abated_at=row.abated_at,
            abated_precision=row.abated_precision,
        )
        for row in found
    ]
    standing = [row for row in rows if row.void is None]
    gone = [row for row in standing if row.clinical_status in _GONE or row.abated_at]
    return Problems(
        active=[row for row in standing if row not in gone],
        resolved=gone,
        voided=[row for row in rows if row.void],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationRow(Shown):
    """One medicine or supplement."""

    medication_kind: str
    status: str
    intent: str
    dosage_text: str
    dose_value: Decimal | None
    dose_unit: str
    as_needed: bool
    ends_at: datetime | None
    reason_text: str


@dataclass(frozen=True, slots=True)
class Medications:
    """What is taken now, and what was."""

    drugs: Sequence[MedicationRow]
    supplements: Sequence[MedicationRow]
    stopped: Sequence[MedicationRow]
    voided: Sequence[MedicationRow]


def medications(patient_ids: tuple[UUID, ...]) -> Medications:
    """The medicines and supplements of an open chart, at most 500 of each group."""
    now = clock.now()
    theirs = Medication.objects.filter(patient__in=patient_ids)
    ended = Q(status__in=_STOPPED) | Q(ends_at__lt=now)
    newest = (F("effective_at").desc(nulls_last=True), "-id")
    found = [
        *theirs.filter(~ended, voided_at__isnull=True).order_by("text", *newest)[:LONGEST_LIST],
        *theirs.filter(ended, voided_at__isnull=True).order_by(*newest)[:LONGEST_LIST],
        *theirs.filter(voided_at__isnull=False).order_by(*newest)[:LONGEST_LIST],
    ]
    names = names_for(found)
    rows = [
        MedicationRow(
            **common(row, "medication", names),  # type: ignore[arg-type]
            medication_kind=row.kind,
            # What has ended by its date is shown by that date; `active` would contradict it.
            status="" if row.status == "active" and row.ends_at and row.ends_at < now else row.status,
            intent=row.intent,
            dosage_text=row.dosage_text,
            dose_value=row.dose_value,
            dose_unit=row.dose_unit,
            as_needed=row.as_needed,
            ends_at=row.ends_at,
            reason_text=row.reason_text,
        )
        for row in found
    ]
    stopped = [row for row in rows if row.void is None and _has_ended(row, now)]
    taken = [row for row in rows if row.void is None and not _has_ended(row, now)]
    return Medications(
        drugs=[row for row in taken if row.medication_kind == "drug"],
        supplements=[row for row in taken if row.medication_kind == "supplement"],
        stopped=stopped,
        voided=[row for row in rows if row.void],
    )


def _has_ended(row: MedicationRow, now: datetime) -> bool:
    return row.status in _STOPPED or (row.ends_at is not None and row.ends_at < now)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Shown):
    """One note."""

    note_kind: str
    note_kind_label: str
    body: str


@dataclass(frozen=True, slots=True)
class NotePage:
    """Notes, newest first; `older` is the cursor of the page after, None at the end."""

    rows: Sequence[NoteRow]
    older: Instant | None


def notes(patient_ids: tuple[UUID, ...], *, before: Instant | None = None, limit: int = 30) -> NotePage:
    """A page of the notes of an open chart."""
    found, older = page_of(Note.objects.filter(patient__in=patient_ids), before=before, limit=limit)
    names = names_for(found)
    rows = [
        NoteRow(
            **common(row, "note", names),  # type: ignore[arg-type]
            note_kind=row.kind,
            note_kind_label=row.get_kind_display(),
            body=row.body,
        )
        for row in found
    ]
    return NotePage(rows, older)
