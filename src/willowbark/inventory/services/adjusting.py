"""Make the books say what stands on the shelf, with the reason why it was otherwise."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation.authorisation import Actor
from willowbark.inventory.core.moves import MOST_CONTAINERS
from willowbark.inventory.models import StockMove
from willowbark.inventory.selectors import require_at
from willowbark.inventory.services.ledger import Line, check_containers, check_reason, locked_lot, write
from willowbark.inventory.services.requests import claim, moves_of
from willowbark.kernel.errors import Conflict, Invalid


@transaction.atomic
def adjust_stock(
    *, actor: Actor, site_id: UUID, lot_id: UUID, containers: int, reason: str, request_key: UUID
) -> StockMove:
    """
    Add containers to a lot (above zero) or take them off (below) for a reason that must be given.

    Repeating `request_key` returns the first and moves nothing.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's; no such lot.
        Invalid: no reason, zero containers, or more than 100,000.
        Conflict: more would be taken off than there are.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, "inventory.write")
    said = check_reason(reason)
    if containers == 0 or abs(containers) > MOST_CONTAINERS:
        raise Invalid(f"Say by how many, at most {MOST_CONTAINERS:,}.", field="containers")
    return _move(actor, site_id, lot_id, "adjust", containers, said, request_key)


@transaction.atomic
def waste_stock(
    *, actor: Actor, site_id: UUID, lot_id: UUID, containers: int, reason: str, request_key: UUID
) -> StockMove:
    """
    Throw containers away: expired, broken, recalled. The reason must be given.

    Repeating `request_key` returns the first and moves nothing.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's; no such lot.
        Invalid: no reason, or not 1 to 100,000 containers.
        Conflict: there are fewer.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, "inventory.write")
    said = check_reason(reason)
    check_containers(containers)
    return _move(actor, site_id, lot_id, "waste", -containers, said, request_key)


@transaction.atomic
def count_stock(
    *,
    actor: Actor,
    site_id: UUID,
    lot_id: UUID,
    counted_containers: int,
    seen_containers: int,
    reason: str,
    request_key: UUID,
) -> StockMove | None:
    """
    Set a lot to what was counted, where the books said `seen_containers`. None when that was right.

    Repeating `request_key` returns the first and moves nothing.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's; no such lot.
        Invalid: no reason, or not 0 to 100,000 containers.
        Conflict: the lot moved while it was counted: nobody knows whether before or after.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, "inventory.write")
    said = check_reason(reason)
    check_containers(counted_containers, least=0)
    content = (lot_id, "count", counted_containers, seen_containers, said)
    request = claim(actor, site_id, "adjust", request_key, content)
    if not request.is_first:
        return next(iter(moves_of(request)), None)
    lot = locked_lot(site_id, lot_id)
    if lot.on_hand_containers != seen_containers:
        raise Conflict(
            f"Lot {lot.lot_number} moved while it was counted: {seen_containers:,} then,"
            f" {lot.on_hand_containers:,} now. Count again."
        )
    difference = counted_containers - seen_containers
    return write(actor, request, [Line(lot, difference, said)])[0] if difference else None


def _move(
    actor: Actor, site_id: UUID, lot_id: UUID, kind: str, containers: int, reason: str, request_key: UUID
) -> StockMove:
    request = claim(actor, site_id, kind, request_key, (lot_id, containers, reason))
    if not request.is_first:
        return moves_of(request)[0]
    lot = locked_lot(site_id, lot_id)
    if lot.on_hand_containers + containers < 0:
        raise Conflict(f"{lot.on_hand_containers:,} of lot {lot.lot_number} are left.")
    return write(actor, request, [Line(lot, containers, reason)])[0]
