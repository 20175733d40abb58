"""What the record does when something has happened in it."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.record.events import TOPIC, EntryAdded, EntryVoided


def tell_open_charts_of_addition(actor: Actor, event: EntryAdded) -> None:
    """An entry was added: whoever has the chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)


def tell_open_charts_of_voiding(actor: Actor, event: EntryVoided) -> None:
    """An entry was voided: whoever has the chart open sees it."""
    live.publish(TOPIC, {}, patient_id=event.patient_id)
