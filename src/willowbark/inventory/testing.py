"""Stock for the tests of every business above."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from uuid import UUID

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory import services
from willowbark.inventory.core.stock import LotOnHand
from willowbark.inventory.selectors import lots, site_day

_numbers = count(1)


def put_on_shelf(
    actor: Actor,
    site_id: UUID,
    product_id: UUID,
    containers: int,
    *,
    expires_on: date | None = None,
    lot_number: str = "",
) -> LotOnHand:
    """Receive containers, in a transaction of their own; they keep for a year unless a day is given."""
    number = (lot_number or f"T{next(_numbers):04}").upper()
    with acting_as(actor):
        services.receive_stock(
            actor=actor,
            site_id=site_id,
            product_id=product_id,
            lot_number=number,
            expires_on=expires_on or site_day(site_id) + timedelta(days=365),
            containers=containers,
            request_key=uuid7(),
        )
        (lot,) = (lot for lot in lots(actor, site_id, product_id) if lot.lot_number == number)
    return lot
