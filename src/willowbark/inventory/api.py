"""Stock as JSON."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from willowbark.foundation.api import REFUSALS, operation
from willowbark.foundation.authorisation import Actor
from willowbark.inventory import selectors
from willowbark.inventory.services import receive_stock

router = Router(tags=["stock"])


class StockOut(Schema):
    """
    What a site has of a product, in containers. `on_hand` can be taken today; `expired` is there and cannot.

    `cover_days` is how long it lasts at the pace of the last 90 days; null when nothing was dispensed.
    """

    product_id: UUID
    on_hand: int
    lot_count: int
    earliest_on: date | None
    expiring: int
    expired: int
    cover_days: int | None


class ShelfOut(Schema):
    """Everything that ever stood on the shelf of a site, in the order of the products' ids."""

    site_id: UUID
    stock: list[StockOut]


class DeliveryIn(Schema):
    """Containers of one lot that came. The same `request_key` again receives nothing."""

    product_id: UUID
    lot_number: str
    expires_on: date
    containers: int
    request_key: UUID
    source_id: UUID | None = None


class MoveOut(Schema):
    """The line of the ledger that was written, and what was left of the lot after it."""

    id: UUID
    lot_id: UUID
    containers: int
    left_containers: int


@router.get("/{uuid:site_id}", response={200: ShelfOut, **REFUSALS}, url_name="stock")
@operation("inventory.read")
def read_stock(request: HttpRequest, actor: Actor, site_id: UUID) -> ShelfOut:
    """What is on the shelf of a site."""
    found = sorted(selectors.levels(actor, [site_id]), key=lambda level: level.product_id)
    return ShelfOut(
        site_id=site_id,
        stock=[StockOut(**{name: getattr(level, name) for name in StockOut.model_fields}) for level in found],
    )


@router.post("/{uuid:site_id}/deliveries", response={201: MoveOut, **REFUSALS}, url_name="receive_stock")
@operation("inventory.write")
def receive(request: HttpRequest, actor: Actor, site_id: UUID, body: DeliveryIn) -> Status[MoveOut]:
    """Receive containers of one lot."""
    move = receive_stock(
        actor=actor,
        site_id=site_id,
        product_id=body.product_id,
        lot_number=body.lot_number,
        expires_on=body.expires_on,
        containers=body.containers,
        request_key=body.request_key,
        source_id=body.source_id,
    )
    return Status(
        201,
        MoveOut(
            id=move.pk,
            lot_id=move.lot_id,
            containers=move.containers,
            left_containers=move.left_containers,
        ),
    )
