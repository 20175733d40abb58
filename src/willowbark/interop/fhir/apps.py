"""FHIR import as a Django app."""

from django.apps import AppConfig


class InteropFhirConfig(AppConfig):
    """What the import offers to the rest."""

    name = "willowbark.interop.fhir"
    label = "interop_fhir"
