"""Read the catalog, as an actor."""

from willowbark.catalog.selectors.places import Place, offer_places, places_of
from willowbark.catalog.selectors.reading import READ, product, products, products_by_id, products_of_key
from willowbark.catalog.selectors.searching import Asked, Found, Summary, ingredient_keys, search, summaries

__all__ = [
    "READ",
    "Asked",
    "Found",
    "Place",
    "Summary",
    "ingredient_keys",
    "offer_places",
    "places_of",
    "product",
    "products",
    "products_by_id",
    "products_of_key",
    "search",
    "summaries",
]
