"""Inventory as a Django app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Lots on the shelf and every move of them."""

    name = "willowbark.inventory"
    label = "inventory"
