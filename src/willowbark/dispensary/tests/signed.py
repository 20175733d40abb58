"""A signed protocol straight in the tables: what dispensing needs of one, without composing it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from willowbark.catalog.core.products import ProductInfo
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.protocols.models import Composition, Draft, ProtocolLine, SignedProtocol

SHA = hashlib.sha256(b"{}").hexdigest()


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
    with acting_as(actor):
        draft = Draft.objects.create(
            patient_id=patient_id,
            site_id=site_id,
            master_keys=[],
            choices={},
            state="signed",
            opened_by_id=actor.user_id,
            opened_at=now,
            changed_at=now,
        )
        composition = Composition.objects.create(
            patient_id=patient_id,
            draft=draft,
            master_keys=[],
            problem=b"{}",
            problem_sha256=SHA,
            plan=b"{}",
            explanation=b"{}",
            situation=b"{}",
            basis_sha256=SHA,
            release_id=SHA,
            library_id=SHA,
            solver="none",
            status="proven",
            composed_by_id=actor.user_id,
            composed_at=now,
        )
        protocol = SignedProtocol.objects.create(
            patient_id=patient_id,
            composition=composition,
            site_id=site_id,
            number=number,
            content=b"{}",
            content_sha256=SHA,
            days=90,
            starts_on=now.date() + timedelta(days=1),
            opened_at=now,
            signed_by_id=actor.user_id,
            signed_at=now,
            request_key=uuid7(),
        )
        made = [
            ProtocolLine.objects.create(
                patient_id=patient_id,
                protocol=protocol,
                position=position,
                product_id=product.id,
                product_key=product.key,
                product_name=product.name,
                layer="foundation",
                moments=[{"moment": "breakfast", "units": 2}],
                units_a_day=2,
                unit_name=product.unit_name,
                days=90,
                containers=containers,
                units_per_container=product.units_per_container,
                container_cents=product.container_price_cents,
                reasons=["It is needed."],
                fact_keys=[],
            )
            for position, (product, containers) in enumerate(lines)
        ]
    return protocol.pk, [line.pk for line in made]


def end(actor: Actor, patient_id: UUID, protocol_id: UUID) -> None:
    """End a protocol."""
    with acting_as(actor):
        ended = SignedProtocol.objects.filter(patient=patient_id, pk=protocol_id).update(
            ended_at=clock.now(), ended_by=actor.user_id, ending="ended", end_reason="Over"
        )
    assert ended == 1
