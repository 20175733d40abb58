"""FHIR import as a Django app."""

from django.apps import AppConfig


class InteropFhirConfig(AppConfig):
    """What the import offers to the rest."""

    name = "willowbark.interop.fhir"
    label = "interop_fhir"

    def ready(self) -> None:
        """Put the imports into the navigation."""
        from willowbark.foundation.navigation import Area, offer

        offer(Area("interop_fhir", "Imports", "interop_fhir:imports", "import", 80, ("import.read",)))
