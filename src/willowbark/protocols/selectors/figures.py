"""Signed protocols as figures and shelves see them: who signed when, and what is needed where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import NotFound
from willowbark.protocols.models import ProtocolLine, SignedProtocol
from willowbark.protocols.selectors.signed import READ

MOST = 1000


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signed a protocol where and when, and when its draft was opened."""

    protocol_id: UUID
    patient_id: UUID
    site_id: UUID
    signed_by: UUID
    opened_at: datetime
    signed_at: datetime


_SIGNING = ("id", "patient_id", "site_id", "signed_by_id", "opened_at", "signed_at")


def signing(actor: Actor, patient_id: UUID, protocol_id: UUID) -> Signing:
    """
    One signature.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    require(actor, READ)
    rows = SignedProtocol.objects.filter(patient_id=patient_id, pk=protocol_id)
    row = rows.values_list(*_SIGNING).first()
    if row is None:
        raise NotFound("protocol")
    return Signing(*row)


def signings(actor: Actor, *, after: UUID | None = None, limit: int = 500) -> Sequence[Signing]:
    """
    Signatures within reach in the order of their protocols' ids, those after `after`; at most 1,000.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    rows = SignedProtocol.objects.order_by("id")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [Signing(*row) for row in rows.values_list(*_SIGNING)[: min(limit, MOST)]]


@dataclass(frozen=True, slots=True)
class LineInForce:
    """A line of a protocol in force: `units_a_day` for `days` days from `starts_on`, `containers` in all."""

    patient_id: UUID
    protocol_id: UUID
    line_id: UUID
    product_id: UUID
    units_a_day: int
    units_per_container: int
    containers: int
    starts_on: date
    days: int


def lines_in_force(
    actor: Actor, site_id: UUID, product_ids: Collection[UUID] | None = None
) -> Sequence[LineInForce]:
    """
    The lines of all protocols in force that are dispensed at a site, for these products or for all.

    One statement. Nobody's record is opened: a line says a product and how much of it.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    rows = ProtocolLine.objects.filter(protocol__site_id=site_id, protocol__ended_at__isnull=True)
    if product_ids is not None:
        rows = rows.filter(product_id__in=product_ids)
    return [
        LineInForce(*row)
        for row in rows.order_by("patient_id", "id").values_list(
            "patient_id",
            "protocol_id",
            "id",
            "product_id",
            "units_a_day",
            "units_per_container",
            "containers",
            "protocol__starts_on",
            "days",
        )
    ]


@dataclass(frozen=True, slots=True)
class Needs:
    """Where a protocol is dispensed, and which products it needs."""

    site_id: UUID
    product_ids: frozenset[UUID]


def needs_of(actor: Actor, patient_id: UUID, protocol_id: UUID) -> Needs:
    """
    What a signed protocol needs, in force or not.

    Raises:
        Forbidden: the actor reads no protocols.
        NotFound: no such protocol of a patient within reach.
    """
    site_id = signing(actor, patient_id, protocol_id).site_id
    products = ProtocolLine.objects.filter(patient_id=patient_id, protocol_id=protocol_id)
    return Needs(site_id, frozenset(products.values_list("product_id", flat=True)))


@dataclass(frozen=True, slots=True)
class InForce:
    """A protocol in force at a site's shelf."""

    patient_id: UUID
    protocol_id: UUID
    number: int
    signed_at: datetime
    containers: int


def in_force_at(actor: Actor, site_id: UUID, *, limit: int = 200) -> Sequence[InForce]:
    """
    The protocols in force that are dispensed at a site, the last signed first, at most 1,000.

    Who shows the patients logs that.

    Raises:
        Forbidden: the actor reads no protocols.
    """
    require(actor, READ)
    rows = (
        SignedProtocol.objects.filter(site_id=site_id, ended_at__isnull=True)
        .order_by("-signed_at", "-id")
        .values_list("patient_id", "id", "number", "signed_at")[: min(limit, MOST)]
    )
    found = list(rows)
    totals: dict[UUID, int] = {}
    for protocol_id, containers in ProtocolLine.objects.filter(
        patient__in={row[0] for row in found}, protocol__in=[row[1] for row in found]
    ).values_list("protocol_id", F("containers")):
        totals[protocol_id] = totals.get(protocol_id, 0) + containers
    return [InForce(*row, totals.get(row[1], 0)) for row in found]
