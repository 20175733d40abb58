"""What the record does when something has happened in it."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.patients.events import PatientLinked, PatientUnlinked
from willowbark.record.events import TOPIC, EntryAdded, EntryVoided


def tell_open_charts_of_addition(actor: Actor, event: EntryAdded) -> None:
    """An entry was added: whoever has the chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)


def tell_open_charts_of_voiding(actor: Actor, event: EntryVoided) -> None:
    """An entry was voided: whoever has the chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)


def tell_open_charts_of_link(actor: Actor, event: PatientLinked) -> None:
    """Two rows are one person now: whoever has either chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)
    live.publish(TOPIC, {}, patient_id=event.linked_to_id)


def tell_open_charts_of_unlinking(actor: Actor, event: PatientUnlinked) -> None:
    """Two rows are two people again: whoever has either chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)
    live.publish(TOPIC, {}, patient_id=event.unlinked_from_id)
