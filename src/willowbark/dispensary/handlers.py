"""What follows from what was signed, handed out and recalled."""

from __future__ import annotations

from uuid import UUID

from willowbark.dispensary.events import TOPIC, TOPIC_OF_PATIENT, Dispensed, RecallContactSaid, TakenBack
from willowbark.dispensary.services.recalling import ask_back, follow_contact
from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.events import RecallChanged
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


def ask_back_after_recall(actor: Actor, event: RecallChanged) -> None:
    """A product or lots of it were recalled, or are no longer: whoever was given it is asked for it."""
    ask_back(actor=actor, recall_id=event.recall_id)


def follow_what_was_said(actor: Actor, event: RecallContactSaid) -> None:
    """A patient knows of a recall, or does not: their task follows."""
    follow_contact(actor=actor, patient_id=event.patient_id, recall_id=event.recall_id)


def _tell(patient_id: UUID) -> None:
    live.publish(TOPIC, {})
    live.publish(TOPIC_OF_PATIENT, {}, patient_id=patient_id)
