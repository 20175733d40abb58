"""What the shelf does when something has moved on it."""

from __future__ import annotations

from willowbark.foundation import live
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.events import TOPIC, StockMoved


def tell_open_shelves(actor: Actor, event: StockMoved) -> None:
    """Stock moved: whoever has a shelf open sees it."""
    live.publish(TOPIC, {"site_id": str(event.site_id), "product_id": str(event.product_id)})
