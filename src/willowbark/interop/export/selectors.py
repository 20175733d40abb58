"""What was asked to be taken out, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.interop.export.models import Export
from willowbark.patients.selectors import persons_of
from willowbark.practice.selectors import names_of_users

MAY = ("practice.export", "patients.export_one")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export; `patient_name` is '' for the whole practice. `is_there`: the actor can take it now."""

    id: UUID
    patient_id: UUID | None
    patient_name: str
    by_name: str
    state: str
    done: int
    total: int
    asked_at: datetime
    expires_at: datetime | None
    fetched_at: datetime | None
    size_bytes: int
    error_text: str
    is_there: bool

    @property
    def is_moving(self) -> bool:
        """Whether it is not decided yet what becomes of it."""
        return self.state in {"waiting", "running"}


def exports(actor: Actor, *, limit: int = 50) -> list[ExportRow]:
    """
    The actor's own exports, the last first; everybody's for who takes the whole practice out. Logged.

    Raises:
        Forbidden: the actor may take nothing out.
    """
    require(actor, *MAY)
    rows = Export.objects.order_by("-asked_at", "-pk")
    if not allows(actor, "practice.export"):
        rows = rows.filter(asked_by=actor.user_id)
    found = list(rows[:limit])
    patients = {row.patient_id for row in found if row.patient_id}
    persons = persons_of(actor, patients) if patients else {}
    names = names_of_users({row.asked_by_id for row in found})
    access.record_list(actor, "exports.listed", patient_ids=sorted(patients))
    now = clock.now()
    return [
        ExportRow(
            id=row.pk,
            patient_id=row.patient_id,
            patient_name=_name(row.patient_id, {key: one.name for key, one in persons.items()}),
            by_name=names.get(row.asked_by_id, ""),
            state=row.state,
            done=row.done,
            total=row.total,
            asked_at=row.asked_at,
            expires_at=row.expires_at,
            fetched_at=row.fetched_at,
            size_bytes=row.size_bytes,
            error_text=row.error_text,
            is_there=row.state == "ready"
            and row.asked_by_id == actor.user_id
            and row.expires_at is not None
            and row.expires_at > now,
        )
        for row in found
    ]


def _name(patient_id: UUID | None, names: dict[UUID, str]) -> str:
    return names.get(patient_id, "A patient") if patient_id else ""
