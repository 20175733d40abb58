"""Assistant as a Django app."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The chief of staff: what somebody should know before they begin."""

    name = "willowbark.assistant"
    label = "assistant"

    def ready(self) -> None:
        """Put who comes onto the day sheet, and the brief into the head of every chart."""
        from willowbark.assistant.pages.visits import visits_of_day
        from willowbark.foundation import panels
        from willowbark.foundation.navigation import PatientPage, offer_of_patient

        panels.register(
            panels.Panel("day", "visits", "Visits", 0, ("record.read",), visits_of_day, is_wide=True)
        )
        offer_of_patient(PatientPage("brief", "Brief", "assistant:brief", "document", 10, ("record.read",)))
