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
from willowbark.protocols.testing import make_bare_protocol

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
    is_changed: bool = False,
    starts_on: date | None = None,
) -> UUID:
    """
    A protocol as signing leaves it, with its fact in the outbox; the one in force before is superseded.

    The rows are written as they are, since these tests are about what is counted, not about composing.
    """
    with acting_as(actor):
        access.record_write(actor, "protocols.signed", patient_id=patient_id)
        before = _signed_protocols().filter(patient_id=patient_id)
        for old in before.filter(ended_at__isnull=True):
            end(actor, patient_id, old.pk, at=signed_at)
        made, _ = make_bare_protocol(
            actor,
            patient_id,
            site_id,
            lines,
            number=before.count() + 1,
            opened_at=opened_at,
            signed_at=signed_at,
            starts_on=starts_on or signed_at.date(),
        )
        if is_changed:
            _override(patient_id, made)
        outbox.publish(actor, ProtocolSigned(patient_id, made))
    return made


def _override(patient_id: UUID, protocol_id: UUID) -> None:
    """A product that its signer added by hand."""
    apps.get_model("protocols", "ProtocolOverride").objects.create(
        patient_id=patient_id,
        protocol_id=protocol_id,
        position=0,
        kind="added",
        product_key="a_product",
        layer="chosen",
        master_keys=[],
        text="A product: added",
        reason="preference",
    )


def _signed_protocols() -> Any:
    return apps.get_model("protocols", "SignedProtocol").objects


def end(actor: Actor, patient_id: UUID, protocol_id: UUID, *, at: datetime) -> None:
    """End a protocol, in the transaction of the caller."""
    _signed_protocols().filter(patient_id=patient_id, pk=protocol_id).update(
        ended_at=at, ended_by_id=actor.user_id, ending="ended", end_reason="For a test"
    )
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
