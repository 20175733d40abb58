"""Patients as a Django app."""

from django.apps import AppConfig

GLASS = ("patients.break_glass", "patients.review_break_glass")


class PatientsConfig(AppConfig):
    """What patients offers to the floors above."""

    name = "willowbark.patients"
    label = "patients"

    def ready(self) -> None:
        """Offer navigation and the day sheet's panel; have the worker match whom staff registered."""
        from willowbark.foundation import live, outbox, panels
        from willowbark.foundation.encryption import columns
        from willowbark.foundation.navigation import Area, PatientPage, offer, offer_of_patient
        from willowbark.patients import events, handlers, pages
        from willowbark.patients.selectors.numbers import SEALED

        columns.register(SEALED)

        panels.register(
            panels.Panel("day", "in_your_care", "In your care", 20, ("record.read",), pages.in_your_care)
        )
        live.declare(events.MATCHES_TOPIC, "patients.match")
        outbox.subscribe(events.PatientRegistered, handlers.match_registered)
        outbox.subscribe(events.MatchDecided, handlers.tell_open_queues)
        live.declare(events.BREAK_GLASS_TOPIC, *GLASS)
        outbox.subscribe(events.BreakGlassOpened, handlers.tell_of_opening)
        outbox.subscribe(events.BreakGlassEnded, handlers.tell_of_ending)
        outbox.subscribe(events.BreakGlassReviewed, handlers.tell_of_review)
        offer(Area("patients", "Patients", "patients:list", "patients", 10, ("patients.read",)))
        offer(Area("matches", "Who is who", "patients:matches", "match", 15, ("patients.match",)))
        offer(Area("glass", "Break-glass", "patients:break_glass", "lock", 18, GLASS))
        offer(Area("audit", "Access log", "patients:access_log", "audit", 85, ("audit.read",)))
        offer_of_patient(
            PatientPage("access", "Who sees them", "patients:access", "lock", 80, ("audit.read",))
        )
