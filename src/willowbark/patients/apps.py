"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """What patients offers to the floors above."""

    name = "willowbark.patients"
    label = "patients"

    def ready(self) -> None:
        """Put the patients into the navigation."""
        from willowbark.foundation.navigation import Area, offer

        offer(Area("patients", "Patients", "patients:list", "patients", 10, ("patients.read",)))
