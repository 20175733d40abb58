"""Exports as a Django app."""

from django.apps import AppConfig


class InteropExportConfig(AppConfig):
    """What exports offer to the rest."""

    name = "willowbark.interop.export"
    label = "interop_export"

    def ready(self) -> None:
        """Put the exports into the navigation, and the way to one into the head of a chart."""
        from willowbark.foundation.navigation import Area, PatientPage, offer, offer_of_patient

        may = ("practice.export", "patients.export_one")
        offer(Area("exports", "Exports", "interop_export:exports", "download", 82, may))
        offer_of_patient(
            PatientPage(
                "export", "Export", "interop_export:of_patient", "download", 90, ("patients.export_one",)
            )
        )
