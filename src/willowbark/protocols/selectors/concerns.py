"""What speaks against protocols in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, When

from willowbark.foundation.authorisation import Actor
from willowbark.patients.selectors import OpenRecord, opened_record
from willowbark.protocols.core.concerns import STOP
from willowbark.protocols.models import ProtocolConcern


@dataclass(frozen=True, slots=True)
class ConcernView:
    """
    Something that speaks against a protocol since it was signed; `severity` is '' for what nobody checked.

    `weight` orders them and `because` says why; `is_stop` is of the few that ask to stop. `task_id` is the
    task that was filed about it, None when nobody could be asked.
    """

    id: UUID
    patient_id: UUID
    protocol_id: UUID
    kind: str
    severity: str
    text: str
    fact_key: str
    entry_ids: tuple[UUID, ...]
    weight: int
    because: str
    found_at: datetime
    task_id: UUID | None

    @property
    def is_stop(self) -> bool:
        """Whether it asks to stop; everything else is ranked."""
        return self.severity == STOP


def concerns(actor: Actor, patient_id: UUID, protocol_id: UUID) -> tuple[ConcernView, ...]:
    """
    What speaks against a protocol now; of one that has ended, nothing.

    What asks to stop comes first, then what weighs most.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such patient within reach.
    """
    record = opened_record(actor, patient_id, "protocols.read", action="protocols.read")
    return concerns_in(record, protocol_id)


def concerns_in(record: OpenRecord, protocol_id: UUID) -> tuple[ConcernView, ...]:
    """What speaks against a protocol of an open record now; see `concerns`."""
    rows = ProtocolConcern.objects.filter(
        patient__in=record.patient_ids,
        protocol=protocol_id,
        protocol__ended_at__isnull=True,
        gone_at__isnull=True,
    )
    is_stop = Case(When(severity=STOP, then=0), default=1)
    return tuple(_views(rows.order_by(is_stop, "-weight", "found_at", "id")))


def _views(rows: Iterable[ProtocolConcern]) -> Iterable[ConcernView]:
    for row in rows:
        yield ConcernView(
            id=row.pk,
            patient_id=row.patient_id,
            protocol_id=row.protocol_id,
            kind=row.kind,
            severity=row.severity,
            text=row.text,
            fact_key=row.fact_key,
            entry_ids=tuple(map(UUID, row.entry_ids)),
            weight=row.weight,
            because=row.because,
            found_at=row.found_at,
            task_id=row.task_id,
        )
