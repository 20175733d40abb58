"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """What patients offers to the floors above."""

    name = "willowbark.patients"
    label = "patients"

    def ready(self) -> None:
        """Put the patients into the navigation, and those in one's care onto the day sheet."""
        from willowbark.foundation import panels
        from willowbark.foundation.navigation import Area, offer
        from willowbark.patients import pages

        panels.register(
            panels.Panel("day", "in_your_care", "In your care", 20, ("record.read",), pages.in_your_care)
        )
        offer(Area("patients", "Patients", "patients:list", "patients", 10, ("patients.read",)))
