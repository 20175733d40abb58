"""Change what the catalog holds."""

from willowbark.catalog.services.applying import apply_portion, ask_to_apply, undo
from willowbark.catalog.services.editing import edit_product
from willowbark.catalog.services.loading import Loaded, load_products
from willowbark.catalog.services.price_lists import dismiss, hand_in, map_columns, read_again
from willowbark.catalog.services.retiring import restore_product, retire_product

__all__ = [
    "Loaded",
    "apply_portion",
    "ask_to_apply",
    "dismiss",
    "edit_product",
    "hand_in",
    "load_products",
    "map_columns",
    "read_again",
    "restore_product",
    "retire_product",
    "undo",
]
