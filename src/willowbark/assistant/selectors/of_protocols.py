"""What the patient was given to take, and what of it was handed out, as the facts of a brief."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.assistant.core.lines import Source
from willowbark.assistant.core.situation import EndedProtocol, Handed, Protocol, Taking
from willowbark.dispensary.selectors import containers_out, dispensed_of
from willowbark.foundation.authorisation import Actor, allows
from willowbark.patients.selectors import OpenRecord
from willowbark.protocols.core.day import MOMENTS
from willowbark.protocols.core.wording import units_text
from willowbark.protocols.selectors.signed import LineView, SignedProtocolView, current_of, signed_of

LATEST_PROTOCOLS = 10
LATEST_DISPENSINGS = 20


@dataclass(frozen=True, slots=True)
class Treatment:
    """The protocol in force (None: none), those that ended, and what was handed out."""

    protocol: Protocol | None
    ended: tuple[EndedProtocol, ...]
    handed: tuple[Handed, ...]


def treatment(actor: Actor, record: OpenRecord) -> Treatment:
    """The treatment of an open record, as far as the actor may know of it."""
    if not allows(actor, "protocols.read"):
        return Treatment(None, (), ())
    current = current_of(record)
    sees_dispensary = allows(actor, "dispensary.read")
    return Treatment(
        protocol=_protocol(actor, current, sees_dispensary=sees_dispensary) if current else None,
        ended=tuple(
            EndedProtocol(_source("protocol", each), each.number, each.ended_at, each.ending or "ended")
            for each in signed_of(record, limit=LATEST_PROTOCOLS)
            if each.ended_at
        ),
        handed=_handed(actor, record) if sees_dispensary else (),
    )


def _protocol(actor: Actor, signed: SignedProtocolView, *, sees_dispensary: bool) -> Protocol:
    out = containers_out(actor, signed.patient_id, signed.id) if sees_dispensary else {}
    return Protocol(
        source=_source("protocol", signed),
        number=signed.number,
        days=signed.days,
        starts_on=signed.starts_on,
        signed_at=signed.signed_at,
        signed_by=signed.signed_by_name,
        takings=_takings(signed),
        undispensed=tuple(
            line.product_name for line in signed.lines if sees_dispensary and not out.get(line.id)
        ),
        dispensary=_source("dispense", signed) if allows(actor, "dispensary.dispense") else None,
    )


def _takings(signed: SignedProtocolView) -> tuple[Taking, ...]:
    """What is taken at each moment, in the order of the day."""
    source = _source("protocol", signed)
    return tuple(
        Taking(moment.name, products, source)
        for moment in MOMENTS
        if (products := tuple(_at(moment.key, signed.lines)))
    )


def _at(moment: str, lines: tuple[LineView, ...]) -> list[str]:
    return [
        f"{units_text(units, line.unit_name)} {line.product_name}"
        for line in lines
        for when, units in line.moments
        if when == moment
    ]


def _handed(actor: Actor, record: OpenRecord) -> tuple[Handed, ...]:
    return tuple(
        Handed(
            Source("dispensing", each.patient_id, each.id),
            each.at,
            tuple(dict.fromkeys(line.product_name for line in each.lines)),
        )
        for each in dispensed_of(actor, record, limit=LATEST_DISPENSINGS)
        if each.taken_back_at is None
    )


def _source(kind: str, signed: SignedProtocolView) -> Source:
    return Source(kind, signed.patient_id, signed.id)
