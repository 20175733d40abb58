"""Catalog as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What can be dispensed: products and what is in them."""

    name = "willowbark.catalog"
    label = "catalog"
