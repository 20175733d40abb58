"""Take from the shelf what is dispensed, those that expire first, first; and put it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from willowbark.catalog import selectors as catalog
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.core.stock import LotOnHand, Short, Taken, pick_first_expiring
from willowbark.inventory.models import Lot, StockMove
from willowbark.inventory.selectors import recalls, require_at, site_day
from willowbark.inventory.services.ledger import Line, check_containers, locked, write
from willowbark.inventory.services.requests import Request, claim, moves_of
from willowbark.kernel.errors import Conflict, Invalid, NotFound

TAKE = ("inventory.write", "dispensary.dispense")
MOST_TAKES = 200


class OutOfStock(Conflict):
    """There is less on the shelf than was asked for, and nothing was taken. `short` says of what."""

    code = "out_of_stock"

    def __init__(self, message: str, short: tuple[Short, ...]) -> None:
        self.short = short
        super().__init__(message)


@transaction.atomic
def take_first_expiring(
    *,
    actor: Actor,
    site_id: UUID,
    takes: Sequence[tuple[UUID, int]],
    source_id: UUID,
    request_key: UUID,
) -> tuple[Taken, ...]:
    """
    Take containers of products, `takes` as (product, how many), all of them or none.

    Of each product the lots that expire first go first; what has expired by the calendar of the site is
    never taken, nor what is recalled. Repeating `request_key` takes nothing and returns what the first took.
    The answer goes by product, in the order asked, then by expiry. `source_id` is what it is taken for: a
    dispensing.

    Lots are locked in the order of their ids, so that two who take the same products in another order
    cannot wait for each other for ever.

    Raises:
        Forbidden, NotFound: the actor does not dispense, or not at this site.
        Invalid: nothing is asked for, or not 1 to 100,000 containers of each.
        OutOfStock: naming each product of which there is too little, with what was asked and what there is.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, *TAKE)
    if not 1 <= len(takes) <= MOST_TAKES:
        raise Invalid(f"Ask for 1 to {MOST_TAKES} products.", field="takes")
    for _, containers in takes:
        check_containers(containers)
    request = claim(actor, site_id, "dispense", request_key, content_of(takes), source_id)
    if not request.is_first:
        return _taken_before(request, takes)
    product_ids = [product_id for product_id, _ in takes]
    there = locked(site_id, product_ids=product_ids)
    held = recalls(actor, product_ids)
    lots = [lot for lot in there if not any(each.is_of(lot.product_id, lot.lot_number) for each in held)]
    picked = pick_first_expiring(lots, takes, site_day(site_id))
    if picked.short:
        raise OutOfStock(_words(actor, picked.short), picked.short)
    by_id = {lot.lot_id: lot for lot in lots}
    write(actor, request, [Line(by_id[taken.lot_id], -taken.containers) for taken in picked.taken])
    return picked.taken


def content_of(takes: Sequence[tuple[UUID, int]]) -> tuple[object, ...]:
    """What is asked for, whatever the order and however it is divided."""
    asked = Counter[UUID]()
    for product_id, containers in takes:
        asked[product_id] += containers
    return tuple(sorted((str(product_id), containers) for product_id, containers in asked.items()))


def _taken_before(request: Request, takes: Sequence[tuple[UUID, int]]) -> tuple[Taken, ...]:
    moves = moves_of(request)
    lots = Lot.objects.filter(site_id=request.site_id).in_bulk([move.lot_id for move in moves])
    taken = [
        Taken(lot.pk, lot.lot_number, lot.expires_on, lot.product_id, -move.containers)
        for move in moves
        for lot in [lots[move.lot_id]]
    ]
    order = {product_id: place for place, (product_id, _) in reversed(list(enumerate(takes)))}
    return tuple(
        sorted(taken, key=lambda one: (order[one.product_id], one.expires_on, one.lot_number, one.lot_id))
    )


def _words(actor: Actor, short: Sequence[Short]) -> str:
    names = catalog.products_by_id(actor, [each.product_id for each in short])
    parts = [
        f"{names[each.product_id].name if each.product_id in names else each.product_id}:"
        f" {each.asked_containers:,} asked for, {each.on_hand_containers:,} on hand"
        for each in short
    ]
    return f"Not enough on the shelf. {'; '.join(parts)}."


@transaction.atomic
def return_stock(
    *,
    actor: Actor,
    site_id: UUID,
    returns: Sequence[tuple[UUID, int]],
    source_id: UUID,
    request_key: UUID,
    reason: str = "",
) -> None:
    """
    Put back what was taken for `source_id`, `returns` as (lot, how many): into the lots it came from.

    Repeating `request_key` puts nothing back.

    Raises:
        Forbidden, NotFound: the actor does not dispense, or not at this site; no such lot.
        Invalid: nothing comes back, a lot is there twice, or not 1 to 100,000 containers of each.
        Conflict: more would come back than was taken.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, *TAKE)
    wanted = dict(returns)
    if not wanted or len(wanted) < len(returns):
        raise Invalid("Say for each lot once how much comes back.", field="returns")
    for containers in wanted.values():
        check_containers(containers)
    content = tuple(sorted((str(lot_id), containers) for lot_id, containers in wanted.items()))
    request = claim(actor, site_id, "return", request_key, content, source_id)
    if not request.is_first:
        return
    lots = locked(site_id, lot_ids=list(wanted))
    _check_were_taken(site_id, source_id, wanted, lots)
    write(actor, request, [Line(lot, wanted[lot.lot_id], reason.strip()[:300]) for lot in lots])


def _check_were_taken(
    site_id: UUID, source_id: UUID, wanted: dict[UUID, int], lots: Sequence[LotOnHand]
) -> None:
    """Read after locking: what another has put back meanwhile counts."""
    if len(lots) < len(wanted):
        raise NotFound("lot")
    moved = StockMove.objects.filter(site_id=site_id, source_id=source_id, lot_id__in=wanted)
    out = dict(moved.values_list("lot_id").annotate(containers=Sum("containers")))
    for lot in lots:
        there = max(0, -int(out.get(lot.lot_id) or 0))
        if wanted[lot.lot_id] > there:
            raise Conflict(
                f"{wanted[lot.lot_id]:,} of lot {lot.lot_number} cannot come back: {there:,} are out."
            )
