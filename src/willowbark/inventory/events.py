"""Facts of the shelf."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StockMoved:
    """Containers of a product came to a site or left it."""

    site_id: UUID
    product_id: UUID
