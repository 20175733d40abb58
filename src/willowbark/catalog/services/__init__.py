"""Write the catalog, as an actor."""

from willowbark.catalog.services.loading import Loaded, load_products
from willowbark.catalog.services.retiring import restore_product, retire_product

__all__ = ["Loaded", "load_products", "restore_product", "retire_product"]
