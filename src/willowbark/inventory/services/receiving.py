"""Put onto the shelf what was delivered."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from willowbark.catalog import selectors as catalog
from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.core.stock import LotOnHand
from willowbark.inventory.models import Lot, StockMove
from willowbark.inventory.selectors import require_at, site_day
from willowbark.inventory.services.ledger import Line, check_containers, locked_lot, write
from willowbark.inventory.services.requests import claim, moves_of
from willowbark.kernel.errors import Conflict, Invalid, NotFound

LONGEST_LOT_NUMBER = 60
# Nothing on this shelf keeps longer: a later year is a slip of the fingers.
LONGEST_SHELF_YEARS = 15


@transaction.atomic
def receive_stock(
    *,
    actor: Actor,
    site_id: UUID,
    product_id: UUID,
    lot_number: str,
    expires_on: date,
    containers: int,
    request_key: UUID,
    source_id: UUID | None = None,
) -> StockMove:
    """
    Receive containers of one lot. Repeating `request_key` returns the first and receives nothing.

    `source_id` names what it came from, an order for instance.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's; no such product.
        Invalid: no lot number, not 1 to 100,000 containers, expired, or implausibly far from it.
        Conflict: the product was retired; the lot is on the shelf with another day of expiry.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, "inventory.write")
    number = _lot_number(lot_number)
    check_containers(containers)
    content = (product_id, number, expires_on, containers)
    request = claim(actor, site_id, "receive", request_key, content, source_id)
    if not request.is_first:
        return moves_of(request)[0]
    _check_product(actor, product_id)
    _check_expiry(site_id, expires_on)
    lot = _lot(site_id, product_id, number, expires_on)
    return write(actor, request, [Line(lot, containers)])[0]


def _lot_number(text: str) -> str:
    number = text.strip().upper()
    if not number or len(number) > LONGEST_LOT_NUMBER or "\0" in number:
        raise Invalid(f"A lot number has 1 to {LONGEST_LOT_NUMBER} characters.", field="lot_number")
    return number


def _check_product(actor: Actor, product_id: UUID) -> None:
    product = catalog.products_by_id(actor, [product_id]).get(product_id)
    if product is None:
        raise NotFound("product")
    if not product.is_active:
        raise Conflict(f"{product.name}, version {product.version}, is no longer in the catalog.")


def _check_expiry(site_id: UUID, expires_on: date) -> None:
    today = site_day(site_id)
    if expires_on < today:
        raise Invalid(f"It expired on {expires_on:%Y-%m-%d}.", field="expires_on")
    if expires_on.year > today.year + LONGEST_SHELF_YEARS:
        raise Invalid(f"Nothing keeps until {expires_on.year}: is the year right?", field="expires_on")


def _lot(site_id: UUID, product_id: UUID, number: str, expires_on: date) -> LotOnHand:
    """The lot, made if it is not there, and locked."""
    # Whoever makes the same lot at the same moment waits here, and finds it.
    Lot.objects.bulk_create(
        [
            Lot(
                id=uuid7(),
                site_id=site_id,
                product_id=product_id,
                lot_number=number,
                expires_on=expires_on,
                first_seen_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )
    known = Lot.objects.get(site_id=site_id, product_id=product_id, lot_number=number)
    if known.expires_on != expires_on:
        raise Conflict(
            f"Lot {number} is on the shelf as expiring on {known.expires_on:%Y-%m-%d}: look at the label."
        )
    return locked_lot(site_id, known.pk)
