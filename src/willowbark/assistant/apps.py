"""Assistant as a Django app."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The chief of staff: what somebody should know before they begin."""

    name = "willowbark.assistant"
    label = "assistant"

    def ready(self) -> None:
        """Show who comes on the day sheet, the brief in every chart's head, and words beside the composer."""
        from willowbark.assistant.pages.visits import visits_of_day
        from willowbark.assistant.pages.words import panel as words
        from willowbark.foundation import panels
        from willowbark.foundation.navigation import PatientPage, offer_of_patient

        panels.register(
            panels.Panel("day", "visits", "Visits", 0, ("record.read",), visits_of_day, is_wide=True)
        )
        offer_of_patient(PatientPage("brief", "Brief", "assistant:brief", "document", 10, ("record.read",)))
        panels.register(
            panels.Panel("compose", "words", "Describe in your words", 10, ("protocols.compose",), words)
        )
