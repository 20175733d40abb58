"""Take back what was handed out by mistake."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid5

from django.db import transaction

from willowbark.dispensary.core.due import checked_text
from willowbark.dispensary.events import TakenBack
from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.dispensary.selectors.handed import is_of_today
from willowbark.dispensary.services.dispensing import DISPENSE, hold
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.inventory.services import return_stock
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients.selectors import require_reach

# The request that puts the stock back follows from the dispensing: it is taken back once.
_RETURNS = UUID("0d6c2b0e-5e6b-5d8a-8c37-5a1f2f6d9b11")


@transaction.atomic
def take_back(*, actor: Actor, patient_id: UUID, dispensing_id: UUID, reason: str) -> None:
    """
    Put all of a dispensing back onto the shelf it came from, on the day it was handed out.

    What has been out for longer is not sold to somebody else: it is a matter of waste, not of taking back.
    It is due again from then on. Doing so again for the same reason changes nothing.

    Raises:
        Forbidden: the actor does not dispense.
        NotFound: no such dispensing of a patient within reach; not a site of the actor's.
        Invalid: no reason, or more than 300 characters.
        Conflict: it was handed out before today, by the calendar of its site; or it was taken back for
            another reason.
    """
    require_reach(actor, patient_id, DISPENSE)
    why = checked_text(reason, least=1, field="reason")
    rows = Dispensing.objects.filter(patient=patient_id, pk=dispensing_id)
    protocol_id = rows.values_list("protocol_id", flat=True).first()
    if protocol_id is None:
        raise NotFound("dispensing")
    # As those who dispense: nobody else hands out or takes back of this protocol meanwhile.
    hold(patient_id, protocol_id)
    row = rows.get()
    access.record_write(actor, "dispensary.taken_back", patient_id=patient_id, subject=str(dispensing_id))
    if row.taken_back_at is not None:
        if row.taken_back_reason != why:
            raise Conflict("This was taken back before.")
        return
    if not is_of_today(actor, row.site_id, row.at):
        raise Conflict("Only what was handed out today can go back onto the shelf.")
    lots = Counter[UUID]()
    for lot_id, containers in DispensedLine.objects.filter(
        patient=patient_id, dispensing=dispensing_id
    ).values_list("lot_id", "containers"):
        lots[lot_id] += containers
    return_stock(
        actor=actor,
        site_id=row.site_id,
        returns=list(lots.items()),
        source_id=dispensing_id,
        request_key=uuid5(_RETURNS, f"{patient_id}/{dispensing_id}"),
        reason=why,
    )
    # Whatever was the last of it before: something is due again.
    completing = Dispensing.objects.filter(patient=patient_id, protocol=row.protocol_id, completes=True)
    completing.update(completes=False)
    row.completes = False
    row.taken_back_at, row.taken_back_by_id, row.taken_back_reason = clock.now(), actor.user_id, why
    row.save(update_fields=["taken_back_at", "taken_back_by", "taken_back_reason", "completes"])
    outbox.publish(actor, TakenBack(patient_id=patient_id, dispensing_id=dispensing_id))
