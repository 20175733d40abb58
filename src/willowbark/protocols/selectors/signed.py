"""Signed protocols, and what others need to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import OpenRecord, open_record, require_reach
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.models import ProtocolLine, SignedProtocol

READ = "protocols.read"


@dataclass(frozen=True, slots=True)
class LineView:
    """
    One product of a signed protocol, taken as `moments` say: (moment, units) in the order of the day.

    `containers` were signed for `days` days. `reasons` are sentences, `fact_keys` what they rest on.
    """

    id: UUID
    position: int
    product_id: UUID
    product_key: str
    product_name: str
    layer: str
    moments: tuple[tuple[str, int], ...]
    units_a_day: int
    unit_name: str
    days: int
    containers: int
    units_per_container: int
    container_cents: int
    reasons: tuple[str, ...]
    fact_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedProtocolView:
    """
    A signed protocol. `ended_at` is None while it is in force; `ending` is then '', else 'superseded' or
    'ended'. `masters` are the Master Protocols that it came from, each with its version.
    `patient_id` is the row it was signed for, which may have been merged into another since.
    """

    id: UUID
    patient_id: UUID
    composition_id: UUID
    supersedes_id: UUID | None
    number: int
    site_id: UUID
    days: int
    starts_on: date
    opened_at: datetime
    signed_at: datetime
    signed_by: UUID
    signed_by_name: str
    content_sha256: str
    masters: tuple[tuple[str, int], ...]
    ended_at: datetime | None
    ending: str
    end_reason: str
    lines: tuple[LineView, ...]

    @property
    def is_in_force(self) -> bool:
        """Whether it is what the patient takes now."""
        return self.ended_at is None


def current_protocol(actor: Actor, patient_id: UUID) -> SignedProtocolView | None:
    """
    The protocol in force of a patient, with its lines; None when there is none. The reading is logged.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such patient within reach.
    """
    return current_of(open_record(actor, patient_id, READ, action="protocols.read"))


def current_of(record: OpenRecord) -> SignedProtocolView | None:
    """The protocol in force of an open record: the last signed, should merged rows have one each."""
    rows = SignedProtocol.objects.filter(patient__in=record.patient_ids, ended_at__isnull=True)
    views = _views(rows.order_by("-signed_at", "-id")[:1])
    return views[0] if views else None


def protocol(actor: Actor, patient_id: UUID, protocol_id: UUID) -> SignedProtocolView:
    """
    One signed protocol with its lines, in force or not. The reading is logged.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    record = open_record(actor, patient_id, READ, action="protocols.read")
    views = _views(SignedProtocol.objects.filter(patient__in=record.patient_ids, pk=protocol_id))
    if not views:
        raise NotFound("protocol")
    return views[0]


def protocols(actor: Actor, patient_id: UUID) -> Sequence[SignedProtocolView]:
    """
    Every signed protocol of a patient, the last first, without their lines. The reading is logged.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such patient within reach.
    """
    record = open_record(actor, patient_id, READ, action="protocols.read")
    rows = SignedProtocol.objects.filter(patient__in=record.patient_ids)
    return _views(rows.order_by("-signed_at", "-id"), with_lines=False)


def signed_of(record: OpenRecord, *, limit: int) -> Sequence[SignedProtocolView]:
    """The last signed protocols of an open record, the last first, without their lines. Two statements."""
    rows = SignedProtocol.objects.filter(patient__in=record.patient_ids)
    return _views(rows.order_by("-signed_at", "-id")[:limit], with_lines=False)


def content_of(actor: Actor, patient_id: UUID, protocol_id: UUID) -> bytes:
    """
    The canonical bytes that were signed. The reading is logged.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    require_reach(actor, patient_id, READ)
    access.record_read(actor, "protocols.content_read", patient_id=patient_id, subject=str(protocol_id))
    row = (
        SignedProtocol.objects.filter(patient_id=patient_id, pk=protocol_id)
        .values_list("content", flat=True)
        .first()
    )
    if row is None:
        raise NotFound("protocol")
    return bytes(row)


def _views(rows: Iterable[SignedProtocol], *, with_lines: bool = True) -> list[SignedProtocolView]:
    found = list(rows)
    names = names_of_users({row.signed_by_id for row in found})
    lines: dict[UUID, list[ProtocolLine]] = {row.pk: [] for row in found}
    if with_lines and found:
        for line in ProtocolLine.objects.filter(
            patient__in={row.patient_id for row in found}, protocol__in=list(lines)
        ).order_by("position"):
            lines[line.protocol_id].append(line)
    return [_view(row, lines[row.pk], names) for row in found]


def _view(row: SignedProtocol, lines: Iterable[ProtocolLine], names: dict[UUID, str]) -> SignedProtocolView:
    return SignedProtocolView(
        id=row.pk,
        patient_id=row.patient_id,
        composition_id=row.composition_id,
        supersedes_id=row.supersedes_id,
        number=row.number,
        site_id=row.site_id,
        days=row.days,
        starts_on=row.starts_on,
        opened_at=row.opened_at,
        signed_at=row.signed_at,
        signed_by=row.signed_by_id,
        signed_by_name=names.get(row.signed_by_id, ""),
        content_sha256=row.content_sha256,
        masters=tuple((each["key"], each["version"]) for each in row.masters),
        ended_at=row.ended_at,
        ending=row.ending,
        end_reason=row.end_reason,
        lines=tuple(map(_line, lines)),
    )


def _line(row: ProtocolLine) -> LineView:
    return LineView(
        id=row.pk,
        position=row.position,
        product_id=row.product_id,
        product_key=row.product_key,
        product_name=row.product_name,
        layer=row.layer,
        moments=tuple((each["moment"], each["units"]) for each in row.moments),
        units_a_day=row.units_a_day,
        unit_name=row.unit_name,
        days=row.days,
        containers=row.containers,
        units_per_container=row.units_per_container,
        container_cents=row.container_cents,
        reasons=tuple(row.reasons),
        fact_keys=tuple(row.fact_keys),
    )
