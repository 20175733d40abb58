"""
Signed protocols of all patients, for what counts and compares them: ids, moments and amounts alone.

For whoever reads protocols of the whole practice, as the system does; nothing here names a patient.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from willowbark.foundation.authorisation import Actor, Reach, require
from willowbark.kernel.errors import Forbidden, NotFound
from willowbark.protocols.models import ProtocolLine, ProtocolOverride, SignedProtocol

READ = "protocols.read"


@dataclass(frozen=True, slots=True)
class Signing:
    """
    Who signed which protocol where; when its draft was opened, and when it was signed.

    `is_changed` says that its signer left out, added or fixed something by hand.
    """

    patient_id: UUID
    protocol_id: UUID
    site_id: UUID
    signed_by: UUID
    opened_at: datetime
    signed_at: datetime
    is_changed: bool


@dataclass(frozen=True, slots=True)
class LineInForce:
    """One product of a protocol in force: what is taken, and the containers that were signed for."""

    patient_id: UUID
    protocol_id: UUID
    line_id: UUID
    product_id: UUID
    units_a_day: int
    units_per_container: int
    containers: int
    days: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class Needs:
    """From whose shelf a protocol is dispensed, and which products it has; in force or not."""

    site_id: UUID
    product_ids: frozenset[UUID]


_SIGNING = ("patient_id", "pk", "site_id", "signed_by_id", "opened_at", "signed_at", "is_changed")
_LINE = (
    "patient_id",
    "protocol_id",
    "pk",
    "product_id",
    "units_a_day",
    "units_per_container",
    "containers",
    "days",
    "protocol__starts_on",
)


def signing(actor: Actor, patient_id: UUID, protocol_id: UUID) -> Signing:
    """
    One signature.

    Raises:
        Forbidden: the actor does not read protocols of the whole practice.
        NotFound: no such protocol.
    """
    _require_everywhere(actor)
    row = _signings().filter(patient_id=patient_id, pk=protocol_id).values_list(*_SIGNING).first()
    if row is None:
        raise NotFound("protocol")
    return Signing(*row)


def signings(actor: Actor, *, after: UUID | None = None, limit: int = 500) -> tuple[Signing, ...]:
    """
    Every signature there is, in the order of the protocols' ids, from the one after `after` on.

    Raises:
        Forbidden: the actor does not read protocols of the whole practice.
    """
    _require_everywhere(actor)
    rows = _signings().order_by("pk", "patient_id")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return tuple(Signing(*row) for row in rows.values_list(*_SIGNING)[:limit])


def lines_in_force(
    actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None = None
) -> tuple[LineInForce, ...]:
    """
    The lines of all protocols in force at a site, of these products or of all. One statement.

    Raises:
        Forbidden: the actor does not read protocols of the whole practice.
    """
    _require_everywhere(actor)
    rows = ProtocolLine.objects.filter(protocol__site_id=site_id, protocol__ended_at__isnull=True)
    if product_ids is not None:
        rows = rows.filter(product_id__in=product_ids)
    return tuple(LineInForce(*row) for row in rows.order_by("product_id", "pk").values_list(*_LINE))


def needs_of(actor: Actor, patient_id: UUID, protocol_id: UUID) -> Needs:
    """
    Which products of which shelf a protocol is about.

    Raises:
        Forbidden: the actor does not read protocols of the whole practice.
        NotFound: no such protocol.
    """
    site_id = signing(actor, patient_id, protocol_id).site_id
    lines = ProtocolLine.objects.filter(patient_id=patient_id, protocol_id=protocol_id)
    return Needs(site_id, frozenset(lines.values_list("product_id", flat=True)))


def _signings() -> QuerySet[SignedProtocol]:
    overrides = ProtocolOverride.objects.filter(patient=OuterRef("patient"), protocol_id=OuterRef("pk"))
    return SignedProtocol.objects.annotate(is_changed=Exists(overrides))


def _require_everywhere(actor: Actor) -> None:
    require(actor, READ)
    if all(grant.reach is not Reach.ORGANISATION for grant in actor.grants_of(READ)):
        raise Forbidden("reads protocols of some patients alone")
