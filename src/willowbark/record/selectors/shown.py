"""What every entry shows: what, when, from whom, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.practice.selectors import names_of_users
from willowbark.record.models import Entry

SYSTEM_LABELS = {"import": "FHIR import", "patient": "Told by the patient", "staff": ""}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact came from. `file_id` is the original that an import read it from."""

    kind: str
    author_name: str
    recorded_by_name: str
    recorded_at: datetime
    system_label: str
    code_system: str
    code: str
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class Void:
    """When, by whom and why an entry was taken back."""

    at: datetime
    by_name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The part that all entries have in common. `patient_id` is the row's own, which may be a linked one."""

    id: UUID
    patient_id: UUID
    kind: str
    text: str
    effective_at: datetime | None
    effective_precision: str
    source: Source
    void: Void | None


def common(entry: Entry, kind: str, names: dict[UUID, str]) -> dict[str, object]:
    """The common part of an entry, as arguments of a `Shown`."""
    return {
        "id": entry.pk,
        "patient_id": entry.patient_id,
        "kind": kind,
        "text": entry.text or entry.code or kind,
        "effective_at": entry.effective_at,
        "effective_precision": entry.effective_precision,
        "source": source_of(entry, names),
        "void": void_of(entry, names),
    }


def source_of(entry: Entry, names: dict[UUID, str]) -> Source:
    """Where an entry came from."""
    return Source(
        kind=entry.source_kind,
        author_name=entry.author_name,
        recorded_by_name=names.get(entry.recorded_by_id, ""),
        recorded_at=entry.recorded_at,
        system_label=SYSTEM_LABELS[entry.source_kind],
        code_system=entry.code_system,
        code=entry.code,
        file_id=entry.source_file,
    )


def void_of(entry: Entry, names: dict[UUID, str]) -> Void | None:
    """Whether and why an entry was taken back."""
    if entry.voided_at is None:
        return None
    by = names.get(entry.voided_by_id, "") if entry.voided_by_id else ""
    return Void(entry.voided_at, by, entry.void_reason)


def names_for(entries: Iterable[Entry]) -> dict[UUID, str]:
    """The names of everyone who wrote or voided these, in one statement."""
    ids: set[UUID] = set()
    for entry in entries:
        ids.add(entry.recorded_by_id)
        if entry.voided_by_id:
            ids.add(entry.voided_by_id)
    return names_of_users(ids)
