"""Signed protocols and working time for the tests of figures, without composing anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps

from willowbark.foundation import access, clock, effort, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.protocols.events import ProtocolEnded, ProtocolSigned

DIGEST = "0" * 64
TASK_KIND = "protocol_composition"


def line(product_id: UUID | None = None, **said: Any) -> dict[str, Any]:
    """A line of a protocol: two units a day of 60 a container, 3 containers for 90 days, unless said."""
    return {
        "product_id": product_id or uuid4(),
        "units_a_day": 2,
        "units_per_container": 60,
        "containers": 3,
        "days": 90,
    } | said


def make_signed(
    actor: Actor,
    patient_id: UUID,
    site_id: UUID,
    *,
    opened_at: datetime,
    signed_at: datetime,
    lines: Sequence[dict[str, Any]] = (),
    starts_on: date | None = None,
) -> UUID:
    """
    A protocol as signing leaves it, with its fact in the outbox; the one in force before is superseded.

    The rows are written as they are, since these tests are about what is counted, not about composing.
    """
    drafts, compositions, protocols, lines_kept = (
        apps.get_model("protocols", name).objects
        for name in ("Draft", "Composition", "SignedProtocol", "ProtocolLine")
    )
    with acting_as(actor):
        access.record_write(actor, "protocols.signed", patient_id=patient_id)
        draft = drafts.create(
            patient_id=patient_id,
            site_id=site_id,
            master_keys=[],
            choices={},
            state="signed",
            opened_by_id=actor.user_id,
            opened_at=opened_at,
            changed_at=signed_at,
        )
        composition = compositions.create(
            patient_id=patient_id,
            draft=draft,
            master_keys=[],
            problem=b"{}",
            problem_sha256=DIGEST,
            plan=b"{}",
            explanation=b"{}",
            situation=b"{}",
            basis_sha256=DIGEST,
            release_id=DIGEST,
            library_id=DIGEST,
            solver="none",
            status="proven",
            composed_by_id=actor.user_id,
            composed_at=signed_at,
        )
        before = protocols.filter(patient_id=patient_id)
        for old in before.filter(ended_at__isnull=True):
            end(actor, patient_id, old.pk, at=signed_at)
        signed = protocols.create(
            patient_id=patient_id,
            composition=composition,
            site_id=site_id,
            number=before.count() + 1,
            content=b"{}",
            content_sha256=DIGEST,
            days=90,
            starts_on=starts_on or signed_at.date(),
            opened_at=opened_at,
            signed_by_id=actor.user_id,
            signed_at=signed_at,
            request_key=uuid7(),
        )
        for position, one in enumerate(lines):
            lines_kept.create(
                patient_id=patient_id,
                protocol=signed,
                position=position,
                product_key=str(one["product_id"]),
                product_name="A product",
                layer="foundation",
                moments=[],
                unit_name="capsule",
                container_cents=100,
                reasons=[],
                fact_keys=[],
                **one,
            )
        outbox.publish(actor, ProtocolSigned(patient_id, signed.pk))
    return UUID(str(signed.pk))


def end(actor: Actor, patient_id: UUID, protocol_id: UUID, *, at: datetime) -> None:
    """End a protocol, in the transaction of the caller."""
    apps.get_model("protocols", "SignedProtocol").objects.filter(
        patient_id=patient_id, pk=protocol_id
    ).update(ended_at=at, ended_by_id=actor.user_id, ending="ended", end_reason="For a test")
    outbox.publish(actor, ProtocolEnded(patient_id, protocol_id))


def work(
    actor: Actor, patient_id: UUID, begun_at: datetime, *totals: tuple[int, int], visit_id: UUID | None = None
) -> UUID:
    """
    Somebody's work on the pages of one visit: (seconds after its beginning, active seconds by then) each.
    """
    visit = visit_id or uuid7()
    for after, active in totals:
        with clock.at(begun_at + timedelta(seconds=after)), acting_as(actor):
            effort.report(
                actor=actor,
                visit_id=visit,
                task_kind=TASK_KIND,
                active_seconds=active,
                patient_id=patient_id,
            )
    return visit
