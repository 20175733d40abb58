"""Dispensary as a Django app."""

from django.apps import AppConfig


class DispensaryConfig(AppConfig):
    """Handing out what was signed."""

    name = "willowbark.dispensary"
    label = "dispensary"

    def ready(self) -> None:
        """Offer navigation and panels, keep open pages current, and explain what was handed out."""
        from willowbark.dispensary import events, handlers, pages
        from willowbark.dispensary.selectors import why
        from willowbark.foundation import explaining, live, outbox, panels
        from willowbark.foundation.navigation import Area, PatientPage, offer, offer_of_patient
        from willowbark.inventory.events import RecallChanged
        from willowbark.protocols.events import ProtocolEnded, ProtocolSigned

        live.declare(events.TOPIC, "dispensary.read")
        live.declare(events.TOPIC_OF_PATIENT, "dispensary.read", of_patient=True)
        outbox.subscribe(events.Dispensed, handlers.tell_of_dispensing)
        outbox.subscribe(events.TakenBack, handlers.tell_of_taking_back)
        outbox.subscribe(ProtocolSigned, handlers.tell_of_signature)
        outbox.subscribe(ProtocolEnded, handlers.tell_of_ending)
        outbox.subscribe(RecallChanged, handlers.ask_back_after_recall)
        explaining.register("dispensed", why.of_dispensed)
        panels.register(
            panels.Panel("day", "to_dispense", "To dispense", 12, ("dispensary.dispense",), pages.to_dispense)
        )
        panels.register(
            panels.Panel("chart", "dispensed", "Dispensed", 40, ("dispensary.read",), pages.dispensed)
        )
        offer(Area("dispensary", "Dispensary", "dispensary:queue", "medication", 30, ("dispensary.read",)))
        offer_of_patient(
            PatientPage(
                "dispensed", "Dispensed", "dispensary:history", "medication", 40, ("dispensary.read",)
            )
        )
