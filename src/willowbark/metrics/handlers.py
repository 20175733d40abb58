"""What figures do when something has happened."""

from __future__ import annotations

from willowbark.dispensary.events import Dispensed, TakenBack
from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.effort import EffortReported
from willowbark.metrics import services
from willowbark.metrics.events import TOPIC
from willowbark.protocols.events import ProtocolSigned


def count_signed(actor: Actor, event: ProtocolSigned) -> None:
    """A protocol was signed: it counts, and so does the time that it took."""
    changed = services.count_protocol(actor=actor, patient_id=event.patient_id, protocol_id=event.protocol_id)
    _tell_open_pages(changed)


def count_dispensed(actor: Actor, event: Dispensed) -> None:
    """Something was dispensed: its containers count."""
    changed = services.count_dispensing(
        actor=actor, patient_id=event.patient_id, dispensing_id=event.dispensing_id
    )
    _tell_open_pages(changed)


def count_taken_back(actor: Actor, event: TakenBack) -> None:
    """What was dispensed was taken back: its containers no longer count."""
    changed = services.count_dispensing(
        actor=actor, patient_id=event.patient_id, dispensing_id=event.dispensing_id
    )
    _tell_open_pages(changed)


def count_reported_time(actor: Actor, event: EffortReported) -> None:
    """Working time was reported, perhaps after the signature: protocols that it belongs to count it."""
    changed = services.count_effort(actor=actor, patient_id=event.patient_id, practitioner_id=event.user_id)
    _tell_open_pages(changed)


def _tell_open_pages(changed: bool) -> None:
    """Whoever looks at figures sees them move, as soon as what was counted is kept."""
    if changed:
        live.publish(TOPIC, {})
