"""Lines of the ledger: locked, written, told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.core.moves import MOST_CONTAINERS
from willowbark.inventory.core.stock import LotOnHand
from willowbark.inventory.events import StockMoved
from willowbark.inventory.models import StockMove
from willowbark.inventory.services.requests import Request
from willowbark.kernel.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Line:
    """What a move is to be: containers that come to a lot (above zero) or leave it (below)."""

    lot: LotOnHand
    containers: int
    reason: str = ""
    undoes_id: UUID | None = None


def locked(
    site_id: UUID, *, product_ids: Collection[UUID] = (), lot_ids: Collection[UUID] = ()
) -> tuple[LotOnHand, ...]:
    """
    Every lot of these products, and these lots, as they are once nobody else can move them.

    They are locked in the order of their ids until this transaction ends. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lot_id, product_id, lot_number, expires_on, on_hand_containers"
            " FROM willow_lock_stock(%s, %s, %s)",
            [site_id, list(product_ids), list(lot_ids)],
        )
        return tuple(LotOnHand(*row) for row in cursor.fetchall())


def locked_lot(site_id: UUID, lot_id: UUID) -> LotOnHand:
    """
    One lot, locked.

    Raises:
        NotFound: the site has no such lot.
    """
    found = locked(site_id, lot_ids=[lot_id])
    if not found:
        raise NotFound("lot")
    return found[0]


def write(actor: Actor, request: Request, lines: Iterable[Line]) -> list[StockMove]:
    """
    Append to the ledger, in the order of the lots, and tell of it; balances follow in the database.

    One statement for all lines, and one message for each product.
    """
    moves = new_moves(actor, request, lines)
    StockMove.objects.bulk_create(moves)
    access.record_change(actor, f"inventory.{request.kind}", subject=f"{request.site_id} {request.id}")
    for product_id in sorted({move.product_id for move in moves}):
        outbox.publish(actor, StockMoved(request.site_id, product_id))
    return moves


def new_moves(actor: Actor, request: Request, lines: Iterable[Line]) -> list[StockMove]:
    """The rows of moves that the actor makes now, in the order of the lots; not stored yet."""
    now = clock.now()
    return [
        StockMove(
            id=uuid7(),
            site_id=request.site_id,
            lot_id=line.lot.lot_id,
            request_id=request.id,
            product_id=line.lot.product_id,
            kind=request.kind,
            containers=line.containers,
            left_containers=line.lot.on_hand_containers + line.containers,
            reason=line.reason,
            source_id=request.source_id,
            undoes_id=line.undoes_id,
            at=now,
            by_id=actor.user_id,
        )
        for line in sorted(lines, key=lambda line: line.lot.lot_id)
    ]


def check_containers(containers: int, *, least: int = 1) -> None:
    """
    Let a number of containers pass.

    Raises:
        Invalid: below `least`, or so many that it must be a slip.
    """
    if not least <= containers <= MOST_CONTAINERS:
        raise Invalid(f"A number of containers is {least:,} to {MOST_CONTAINERS:,}.", field="containers")


def check_reason(reason: str) -> str:
    """
    The reason without spaces around it.

    Raises:
        Invalid: there is none, or it is longer than 300 characters.
    """
    text = reason.strip()
    if not text or len(text) > 300 or "\0" in text:
        raise Invalid("Say why, in at most 300 characters.", field="reason")
    return text
