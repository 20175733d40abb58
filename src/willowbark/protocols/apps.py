"""Protocols as a Django app."""

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Master Protocols, composition, signing."""

    name = "willowbark.protocols"
    label = "protocols"

    def ready(self) -> None:
        """Offer navigation and panels, keep open pages current, and explain lines and compositions."""
        from django.urls import reverse

        from willowbark.foundation import explaining, live, navigation, outbox, panels
        from willowbark.inventory.events import RecallChanged
        from willowbark.patients.events import PatientLinked, PatientUnlinked
        from willowbark.protocols import events, handlers
        from willowbark.protocols.pages import panels as shown
        from willowbark.protocols.selectors import overrides, why
        from willowbark.record.events import EntryAdded, EntryVoided
        from willowbark.worklist.selectors import Story, offer_story

        live.declare(events.TOPIC, "protocols.read", "protocols.compose", of_patient=True)
        outbox.subscribe(events.ProtocolSigned, handlers.tell_of_signing)
        outbox.subscribe(events.ProtocolEnded, handlers.tell_of_ending)
        outbox.subscribe(events.ConcernsChanged, handlers.tell_of_concerns)
        outbox.subscribe(EntryAdded, handlers.recheck_after_entry)
        outbox.subscribe(EntryVoided, handlers.recheck_after_entry)
        outbox.subscribe(RecallChanged, handlers.recheck_after_recall)
        outbox.subscribe(PatientLinked, handlers.recheck_after_link)
        outbox.subscribe(PatientUnlinked, handlers.recheck_after_unlinking)
        panels.register(panels.Panel("chart", "protocol", "Protocol", 10, ("protocols.read",), shown.current))
        panels.register(
            panels.Panel("day", "drafts", "Drafts you left open", 30, ("protocols.compose",), shown.drafts)
        )
        navigation.offer(
            navigation.Area(
                "protocols", "Protocols", "protocols:library", "supplement", 30, ("protocols.library",)
            )
        )
        navigation.offer_of_patient(
            navigation.PatientPage(
                "compose",
                "Compose protocol",
                "protocols:composer",
                "supplement",
                20,
                ("protocols.compose",),
            )
        )
        offer_story(
            Story(
                "protocol",
                "See the protocol",
                "protocols.read",
                lambda patient_id, protocol_id: reverse("protocols:protocol", args=[patient_id, protocol_id]),
            )
        )
        explaining.register("line", why.line)
        explaining.register("protocol", why.protocol)
        explaining.register("composition", why.composition)
        explaining.register("overrides", overrides.explained)
