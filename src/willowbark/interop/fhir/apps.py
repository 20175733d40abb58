"""FHIR import as a Django app."""

from django.apps import AppConfig


class InteropFhirConfig(AppConfig):
    """What the import offers to the rest."""

    name = "willowbark.interop.fhir"
    label = "interop_fhir"

    def ready(self) -> None:
        """Offer navigation, have what imports bring looked at, and say what of it is sealed."""
        from willowbark.foundation import outbox
        from willowbark.foundation.encryption import columns
        from willowbark.foundation.navigation import Area, offer
        from willowbark.interop.fhir import handlers
        from willowbark.interop.fhir.events import ImportFinished
        from willowbark.interop.fhir.models import sealed

        for column in sealed.COLUMNS:
            columns.register(column)
        outbox.subscribe(ImportFinished, handlers.recheck_protocols)
        offer(Area("interop_fhir", "Imports", "interop_fhir:imports", "import", 80, ("import.read",)))
