"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """What patients offers to the floors above."""

    name = "willowbark.patients"
    label = "patients"
