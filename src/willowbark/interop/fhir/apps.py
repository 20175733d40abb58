"""FHIR import as a Django app."""

from django.apps import AppConfig


class InteropFhirConfig(AppConfig):
    """What the import offers to the rest."""

    name = "willowbark.interop.fhir"
    label = "interop_fhir"

    def ready(self) -> None:
        """Put the imports into the navigation, and have what they bring looked at."""
        from willowbark.foundation import outbox
        from willowbark.foundation.navigation import Area, offer
        from willowbark.interop.fhir import handlers
        from willowbark.interop.fhir.events import ImportFinished

        outbox.subscribe(ImportFinished, handlers.recheck_protocols)
        offer(Area("interop_fhir", "Imports", "interop_fhir:imports", "import", 80, ("import.read",)))
