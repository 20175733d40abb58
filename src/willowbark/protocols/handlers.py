"""What protocols do when something has happened to one."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.events import RecallChanged
from willowbark.patients.events import PatientLinked, PatientUnlinked
from willowbark.protocols.events import TOPIC, ConcernsChanged, ProtocolEnded, ProtocolSigned
from willowbark.protocols.services.rechecking import recheck, recheck_for_recall, recheck_for_result
from willowbark.record.events import EntryAdded, EntryVoided

# Entries that say what somebody takes or must not take.
_LOOKED_AT = frozenset({"medication", "allergy", "condition"})


def tell_of_signing(actor: Actor, event: ProtocolSigned) -> None:
    """A protocol was signed: whoever has something of this patient's protocols open sees it."""
    live.publish(TOPIC, {"protocol_id": str(event.protocol_id)}, patient_id=event.patient_id)


def tell_of_ending(actor: Actor, event: ProtocolEnded) -> None:
    """A protocol was ended: whoever has something of this patient's protocols open sees it."""
    live.publish(TOPIC, {"protocol_id": str(event.protocol_id)}, patient_id=event.patient_id)


def tell_of_concerns(actor: Actor, event: ConcernsChanged) -> None:
    """Something speaks against a protocol, or does no longer: whoever has it open sees it."""
    live.publish(TOPIC, {"protocol_id": str(event.protocol_id)}, patient_id=event.patient_id)


def recheck_after_entry(actor: Actor, event: EntryAdded | EntryVoided) -> None:
    """Something is taken, found or must not be, or never was so: is what was signed still safe?"""
    if event.kind in _LOOKED_AT:
        recheck(actor=actor, patient_id=event.patient_id)
    elif event.kind == "observation":
        recheck_for_result(actor=actor, patient_id=event.patient_id, observation_id=event.entry_id)


def recheck_after_recall(actor: Actor, event: RecallChanged) -> None:
    """A product was recalled, or is no longer: whoever takes it by protocol is looked at."""
    recheck_for_recall(actor=actor, recall_id=event.recall_id)


def recheck_after_link(actor: Actor, event: PatientLinked) -> None:
    """Two rows are one person: what one takes concerns what was signed for the other."""
    for patient_id in (event.patient_id, event.linked_to_id):
        recheck(actor=actor, patient_id=patient_id)


def recheck_after_unlinking(actor: Actor, event: PatientUnlinked) -> None:
    """Two rows are two people again."""
    for patient_id in (event.patient_id, event.unlinked_from_id):
        recheck(actor=actor, patient_id=patient_id)
