"""Record as a Django app."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """What the record offers to the floors above."""

    name = "willowbark.record"
    label = "record"

    def ready(self) -> None:
        """Keep open charts current; say how often somebody came, where people are compared."""
        from willowbark.foundation import live, outbox, panels
        from willowbark.patients.events import PatientLinked, PatientUnlinked
        from willowbark.record import handlers
        from willowbark.record.events import TOPIC, EntryAdded, EntryVoided
        from willowbark.record.pages.visits_counted import visits_counted

        live.declare(TOPIC, "record.read", of_patient=True)
        outbox.subscribe(EntryAdded, handlers.tell_open_charts_of_addition)
        outbox.subscribe(EntryVoided, handlers.tell_open_charts_of_voiding)
        outbox.subscribe(PatientLinked, handlers.tell_open_charts_of_link)
        outbox.subscribe(PatientUnlinked, handlers.tell_open_charts_of_unlinking)
        panels.register(panels.Panel("match", "visits", "Visits", 10, ("record.read",), visits_counted))
