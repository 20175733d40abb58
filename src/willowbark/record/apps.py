"""Record as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """What the record offers to the floors above."""

    name = "willowbark.record"
    label = "record"

    def ready(self) -> None:
        """Listen to its own facts, to keep open charts current."""
        from willowbark.foundation import live, outbox
        from willowbark.record import handlers
        from willowbark.record.events import TOPIC, EntryAdded, EntryVoided

        live.declare(TOPIC, "record.read", of_patient=True)
        outbox.subscribe(EntryAdded, handlers.tell_open_charts_of_addition)
        outbox.subscribe(EntryVoided, handlers.tell_open_charts_of_voiding)
