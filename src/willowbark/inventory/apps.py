"""Inventory as a Django app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Lots on the shelf and every move of them."""

    name = "willowbark.inventory"
    label = "inventory"

    def ready(self) -> None:
        """Listen to its own facts, to keep open shelves current."""
        from willowbark.foundation import live, outbox
        from willowbark.inventory import handlers
        from willowbark.inventory.events import TOPIC, StockMoved

        live.declare(TOPIC, "inventory.read")
        outbox.subscribe(StockMoved, handlers.tell_open_shelves)
