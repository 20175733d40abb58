"""Protocols as a Django app."""

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Master Protocols, composition, signing."""

    name = "willowbark.protocols"
    label = "protocols"
