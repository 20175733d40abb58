"""What follows from what was signed and handed out: open pages are told."""

from __future__ import annotations

from uuid import UUID

from willowbark.dispensary.events import TOPIC, TOPIC_OF_PATIENT, Dispensed, TakenBack
from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.protocols.events import ProtocolEnded, ProtocolSigned


def tell_of_dispensing(actor: Actor, event: Dispensed) -> None:
    """Something was handed out."""
    _tell(event.patient_id)


def tell_of_taking_back(actor: Actor, event: TakenBack) -> None:
    """Something came back."""
    _tell(event.patient_id)


def tell_of_signature(actor: Actor, event: ProtocolSigned) -> None:
    """Something new is to be handed out."""
    _tell(event.patient_id)


def tell_of_ending(actor: Actor, event: ProtocolEnded) -> None:
    """Something need not be handed out any more."""
    _tell(event.patient_id)


def _tell(patient_id: UUID) -> None:
    live.publish(TOPIC, {})
    live.publish(TOPIC_OF_PATIENT, {}, patient_id=patient_id)
