"""Facts of the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# The live topic: something moved on some shelf.
TOPIC = "inventory.changed"


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Containers of a product came to a site or left it."""

    site_id: UUID
    product_id: UUID


@dataclass(frozen=True, slots=True)
class RecallChanged:
    """A product or some lots of it were recalled, or a recall was lifted."""

    recall_id: UUID
