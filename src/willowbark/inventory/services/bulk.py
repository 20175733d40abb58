"""
The ledger of a shelf in bulk: prepared request by request in the order of time, stored at once.

What comes out is what `receive_stock` and `take_first_expiring` leave behind, without their messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from willowbark.foundation import clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.inventory.core.stock import LotOnHand, Taken, pick_first_expiring
from willowbark.inventory.models import Lot, StockMove, StockRequest
from willowbark.inventory.selectors import require_at
from willowbark.inventory.services.ledger import Line, new_moves
from willowbark.inventory.services.requests import Request, digest_of
from willowbark.inventory.services.taking import content_of

BATCH = 500


@dataclass(slots=True)
class PreparedShelf:
    """A new site's shelf as it fills and empties, and the rows that say so, not stored yet."""

    site_id: UUID
    _lots: dict[tuple[UUID, str], LotOnHand] = field(default_factory=dict)
    _lot_rows: list[Lot] = field(default_factory=list)
    _requests: list[StockRequest] = field(default_factory=list)
    _moves: list[StockMove] = field(default_factory=list)

    def on_hand(self, today: date) -> dict[UUID, int]:
        """Containers that can be taken on a day: product -> how many, above zero."""
        found: dict[UUID, int] = {}
        for lot in self._lots.values():
            if lot.on_hand_containers > 0 and not lot.is_expired(today):
                found[lot.product_id] = found.get(lot.product_id, 0) + lot.on_hand_containers
        return found

    def receive(
        self,
        actor: Actor,
        *,
        product_id: UUID,
        lot_number: str,
        expires_on: date,
        containers: int,
        request_key: UUID,
    ) -> None:
        """The actor puts a lot onto the shelf now; its number is as the label has it, in capitals."""
        content = (product_id, lot_number, expires_on, containers)
        request = self._request(actor, "receive", request_key, content, None)
        # A lot that is known takes an id all the same, as it does when somebody receives it.
        made = LotOnHand(uuid7(), product_id, lot_number, expires_on, 0)
        lot = self._lots.setdefault((product_id, lot_number), made)
        if lot is made:
            self._lot_rows.append(
                Lot(
                    id=lot.lot_id,
                    site_id=self.site_id,
                    product_id=product_id,
                    lot_number=lot_number,
                    expires_on=expires_on,
                    first_seen_at=clock.now(),
                )
            )
        self._move(actor, request, [Line(lot, containers)])

    def take(
        self,
        actor: Actor,
        *,
        takes: Sequence[tuple[UUID, int]],
        today: date,
        source_id: UUID,
        request_key: UUID,
    ) -> tuple[Taken, ...]:
        """The actor takes containers of products now, those that expire first; all of it is there."""
        request = self._request(actor, "dispense", request_key, content_of(takes), source_id)
        picked = pick_first_expiring(self._lots.values(), takes, today)
        by_id = {lot.lot_id: lot for lot in self._lots.values()}
        self._move(actor, request, [Line(by_id[one.lot_id], -one.containers) for one in picked.taken])
        return picked.taken

    def _request(
        self, actor: Actor, kind: str, key: UUID, content: tuple[object, ...], source_id: UUID | None
    ) -> Request:
        row = StockRequest(
            id=uuid7(),
            site_id=self.site_id,
            request_key=key,
            kind=kind,
            content_sha256=digest_of(kind, content, source_id),
            source_id=source_id,
            at=clock.now(),
            by_id=actor.user_id,
        )
        self._requests.append(row)
        return Request(row.pk, self.site_id, kind, source_id, True)

    def _move(self, actor: Actor, request: Request, lines: Sequence[Line]) -> None:
        self._moves += new_moves(actor, request, lines)
        for line in lines:
            left = line.lot.on_hand_containers + line.containers
            self._lots[line.lot.product_id, line.lot.lot_number] = replace(line.lot, on_hand_containers=left)
        for _ in {line.lot.product_id for line in lines}:
            outbox.pass_over()

    def rows(self) -> tuple[list[Lot], list[StockRequest], list[StockMove]]:
        """What is to be stored, in the order of time."""
        return self._lot_rows, self._requests, self._moves


@transaction.atomic
def store_shelf(*, actor: Actor, shelf: PreparedShelf) -> None:
    """
    Store a prepared shelf. Logging is the caller's; nobody is told. Balances follow in the database.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's.
        IntegrityError: a lot or a request was there before, or more was taken than there was.
    """
    require_at(actor, shelf.site_id, "inventory.write")
    lots, requests, moves = shelf.rows()
    Lot.objects.bulk_create(lots, batch_size=BATCH)
    StockRequest.objects.bulk_create(requests, batch_size=BATCH)
    StockMove.objects.bulk_create(moves, batch_size=BATCH)
