"""Take back one's own mistake by a counter-move; the ledger keeps both."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation.authorisation import Actor, allows
from willowbark.inventory.core.moves import UNDOABLE
from willowbark.inventory.models import StockMove
from willowbark.inventory.selectors import Move, move, require_at
from willowbark.inventory.services.ledger import Line, locked_lot, write
from willowbark.inventory.services.requests import claim, moves_of
from willowbark.kernel.errors import Conflict


@transaction.atomic
def undo_move(*, actor: Actor, site_id: UUID, move_id: UUID, request_key: UUID) -> StockMove:
    """
    Undo what one has received, adjusted or thrown away by mistake; who manages the practice, anybody's.

    Others adjust somebody else's move with a reason instead; what was dispensed comes back where it was
    dispensed. Repeating `request_key` returns the first and moves nothing.

    Raises:
        Forbidden, NotFound: the actor keeps no shelf, or not this site's; no such move.
        Conflict: not one's own, of another kind, undone already, or fewer are left than came by it.
        RequestKeyReused: the key came before with something else.
    """
    require_at(actor, site_id, "inventory.write")
    request = claim(actor, site_id, "adjust", request_key, ("undo", move_id))
    if not request.is_first:
        return moves_of(request)[0]
    lot = locked_lot(site_id, move(actor, site_id, move_id).lot_id)
    # Read again now that the lot is locked: it may have been undone meanwhile.
    mistaken = move(actor, site_id, move_id)
    _check(actor, mistaken)
    if lot.on_hand_containers < mistaken.containers:
        raise Conflict(f"{lot.on_hand_containers:,} of lot {lot.lot_number} are left: adjust it instead.")
    line = Line(lot, -mistaken.containers, f"Undone: {mistaken.kind}", undoes_id=move_id)
    return write(actor, request, [line])[0]


def _check(actor: Actor, mistaken: Move) -> None:
    if mistaken.by_id != actor.user_id and not allows(actor, "practice.manage"):
        raise Conflict("Somebody else made this move: adjust the lot with a reason instead.")
    if mistaken.kind not in UNDOABLE or mistaken.undoes_id:
        raise Conflict("This move is not undone here.")
    if mistaken.undone_by_id:
        raise Conflict("This move is undone already.")
