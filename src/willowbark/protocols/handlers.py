"""What protocols do when something has happened to one."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.protocols.events import TOPIC, ProtocolEnded, ProtocolSigned


def tell_of_signing(actor: Actor, event: ProtocolSigned) -> None:
    """A protocol was signed: whoever has something of this patient's protocols open sees it."""
    live.publish(TOPIC, {"protocol_id": str(event.protocol_id)}, patient_id=event.patient_id)


def tell_of_ending(actor: Actor, event: ProtocolEnded) -> None:
    """A protocol was ended: whoever has something of this patient's protocols open sees it."""
    live.publish(TOPIC, {"protocol_id": str(event.protocol_id)}, patient_id=event.patient_id)
