"""Entries of the record, for the tests of every business above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PracticeForTests
from willowbark.record.core.entries import ENTRY_KINDS, Entry
from willowbark.record.kinds import TABLES
from willowbark.record.services.adding import add_entry

AT = datetime(2024, 3, 5, 10, 30, tzinfo=UTC)
# What an entry of each kind says at the least.
SAYS: dict[str, dict[str, Any]] = {
    "encounter": {"text": "Follow-up visit", "status": "finished", "class_code": "AMB"},
    "condition": {"text": "Hypertension", "clinical_status": "active", "code": "38341003"},
    "observation": {"text": "Glucose", "code": "2345-7", "status": "final", "value": 95, "unit": "mg/dL"},
    "medication": {"text": "Metformin 500 mg", "kind": "drug", "status": "active"},
    "allergy": {"text": "Penicillin", "clinical_status": "active", "criticality": "high"},
    "procedure": {"text": "Spirometry", "status": "completed"},
    "immunization": {"text": "Influenza vaccine", "status": "completed"},
    "document": {"text": "Discharge letter", "kind": "document", "status": "current"},
    "note": {"text": "First words", "kind": "clinical", "body": "First words of a note"},
}


def entry_of(kind: str, /, **said: Any) -> Entry:
    """An entry of this kind as a value."""
    values: dict[str, Any] = {"effective_at": AT, "effective_precision": "instant"} | SAYS[kind] | said
    return ENTRY_KINDS[kind](**values)


def make_entry(actor: Actor, patient_id: UUID, kind: str, /, **said: Any) -> UUID:
    """Have `actor` write an entry; its id."""
    with acting_as(actor):
        return add_entry(
            actor=actor, patient_id=patient_id, entry=entry_of(kind, **said), request_key=uuid7()
        )


def import_entries(
    practice: PracticeForTests, patient_id: UUID, kind: str, rows: Iterable[dict[str, Any]]
) -> list[UUID]:
    """Put many entries in at once, as an import does; their ids in order. A row may leave out its date."""
    table = TABLES[kind]
    made = [
        table(
            **{
                "id": uuid7(),
                "patient_id": patient_id,
                "source_kind": "import",
                "recorded_by_id": practice.system.user_id,
                "recorded_at": AT,
            }
            | SAYS[kind]
            | row
            | {
                "effective_precision": row.get(
                    "effective_precision", "instant" if row.get("effective_at") else ""
                )
            }
        )
        for row in rows
    ]
    with acting_as(practice.system):
        table._default_manager.bulk_create(made)
    return [entry.pk for entry in made]


def daily(number: int, *, start: datetime = AT) -> list[dict[str, Any]]:
    """Rows for `import_entries`, a day apart, the newest first."""
    return [{"effective_at": start - timedelta(days=day)} for day in range(number)]
