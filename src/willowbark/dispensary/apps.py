"""Dispensary as a Django app."""

from django.apps import AppConfig


class DispensaryConfig(AppConfig):
    """Handing out what was signed."""

    name = "willowbark.dispensary"
    label = "dispensary"

    def ready(self) -> None:
        """Offer navigation and panels, keep open pages current, and explain what was handed out."""
        from willowbark.dispensary import events, handlers, pages
        from willowbark.dispensary.pages.recalls import contact_url
        from willowbark.dispensary.selectors import why
        from willowbark.foundation import explaining, live, outbox, panels
        from willowbark.foundation.navigation import Area, PatientPage, offer, offer_of_patient
        from willowbark.inventory.events import RecallChanged
        from willowbark.protocols.events import ProtocolEnded, ProtocolSigned
        from willowbark.worklist.selectors import Story, offer_story

        live.declare(events.TOPIC, "dispensary.read")
        live.declare(events.TOPIC_OF_PATIENT, "dispensary.read", of_patient=True)
        live.declare(events.RECALLS, "dispensary.contact")
        outbox.subscribe(events.Dispensed, handlers.tell_of_dispensing)
        outbox.subscribe(events.TakenBack, handlers.tell_of_taking_back)
        outbox.subscribe(ProtocolSigned, handlers.tell_of_signature)
        outbox.subscribe(ProtocolEnded, handlers.tell_of_ending)
        outbox.subscribe(RecallChanged, handlers.ask_back_after_recall)
        outbox.subscribe(events.RecallContactSaid, handlers.follow_what_was_said)
        offer_story(Story("recall", "Tell them", "dispensary.contact", contact_url))
        explaining.register("dispensed", why.of_dispensed)
        panels.register(
            panels.Panel("day", "to_dispense", "To dispense", 12, ("dispensary.dispense",), pages.to_dispense)
        )
        panels.register(
            panels.Panel("chart", "dispensed", "Dispensed", 40, ("dispensary.read",), pages.dispensed)
        )
        offer(Area("dispensary", "Dispensary", "dispensary:queue", "medication", 30, ("dispensary.read",)))
        offer(Area("recalls", "Recalls", "dispensary:recalls", "warn", 52, ("dispensary.contact",)))
        offer_of_patient(
            PatientPage(
                "dispensed", "Dispensed", "dispensary:history", "medication", 40, ("dispensary.read",)
            )
        )
