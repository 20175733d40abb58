"""Catalog as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What can be dispensed: products and what is in them."""

    name = "willowbark.catalog"
    label = "catalog"

    def ready(self) -> None:
        """Put the products into the navigation."""
        from willowbark.foundation.navigation import Area, offer

        offer(Area("products", "Products", "catalog:products", "product", 55, ("catalog.read",)))
