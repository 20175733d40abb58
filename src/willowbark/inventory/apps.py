"""Inventory as a Django app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Lots on the shelf and every move of them."""

    name = "willowbark.inventory"
    label = "inventory"

    def ready(self) -> None:
        """Show the shelf, on the day sheet and to the catalog too, and keep it current while it is open."""
        from willowbark.catalog.selectors import offer_places
        from willowbark.foundation import explaining, live, outbox, panels
        from willowbark.foundation.navigation import Area, offer
        from willowbark.inventory import handlers, pages
        from willowbark.inventory.events import TOPIC, StockMoved
        from willowbark.inventory.selectors import why

        live.declare(TOPIC, "inventory.read")
        outbox.subscribe(StockMoved, handlers.tell_open_shelves)
        offer(Area("shelf", "Shelf", "inventory:shelf", "shelf", 50, ("inventory.read",)))
        panels.register(
            panels.Panel("day", "shelf", "On the shelf", 40, ("inventory.read",), pages.day_panel)
        )
        offer_places(pages.places)
        explaining.register("stock_move", why.of_move)
        explaining.register("shelf", why.of_shelf)
