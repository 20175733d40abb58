"""Dispensary as a Django app."""

from django.apps import AppConfig


class DispensaryConfig(AppConfig):
    """Handing out what was signed."""

    name = "willowbark.dispensary"
    label = "dispensary"
