"""A signed protocol straight in the tables: what dispensing needs of one, without composing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.practice.testing import today_there
from willowbark.protocols.models import SignedProtocol
from willowbark.protocols.testing import make_bare_protocol


def sign(
    actor: Actor,
    patient_id: UUID,
    site_id: UUID,
    lines: Sequence[tuple[ProductInfo, int]],
    *,
    number: int = 1,
) -> tuple[UUID, list[UUID]]:
    """Sign so many containers of each product; the protocol's id and its lines', in order."""
    now = clock.now()
    said = [
        {
            "product_id": product.id,
            "product_key": product.key,
            "product_name": product.name,
            "moments": [{"moment": "breakfast", "units": 2}],
            "units_a_day": 2,
            "unit_name": product.unit_name,
            "containers": containers,
            "units_per_container": product.units_per_container,
            "container_cents": product.container_price_cents,
            "reasons": ["It is needed."],
        }
        for product, containers in lines
    ]
    with acting_as(actor):
        return make_bare_protocol(
            actor,
            patient_id,
            site_id,
            said,
            number=number,
            opened_at=now,
            signed_at=now,
            starts_on=today_there() + timedelta(days=1),
        )


def end(actor: Actor, patient_id: UUID, protocol_id: UUID) -> None:
    """End a protocol."""
    with acting_as(actor):
        ended = SignedProtocol.objects.filter(patient=patient_id, pk=protocol_id).update(
            ended_at=clock.now(), ended_by=actor.user_id, ending="ended", end_reason="Over"
        )
    assert ended == 1
