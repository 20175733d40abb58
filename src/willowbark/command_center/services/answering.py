"""Answer an alert: say what was done, or why nothing has to be."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.db import transaction

from willowbark.command_center.events import AlertClosed
from willowbark.command_center.models import Alert
from willowbark.command_center.selectors.alerts import answerable, readable
from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor, require
from willowbark.kernel.errors import Conflict, Invalid, NotFound

LONGEST_REASON = 300


def answer(
    *, actor: Actor, site_id: UUID, alert_id: UUID, state: Literal["acted", "dismissed"], reason: str
) -> None:
    """
    Close an alert: `acted`, and what was done; or `dismissed`, and why. The same answer again changes
    nothing.

    Raises:
        Forbidden: the actor reads no command center.
        NotFound: no such alert, or it is not the actor's to answer.
        Invalid: no reason, one that is too long, or no such answer.
        Conflict: it was answered otherwise, or has cleared, meanwhile.
    """
    require(actor, "command_center.read")
    said = reason.strip()
    if state not in ("acted", "dismissed"):
        raise Invalid("An alert is acted on or dismissed.", field="state")
    if not said or len(said) > LONGEST_REASON:
        raise Invalid(f"Say what was done, or why not, in up to {LONGEST_REASON} characters.", field="reason")
    with transaction.atomic():
        mine = Alert.objects.filter(readable(actor)).filter(answerable(actor))
        row = mine.filter(site_id=site_id, pk=alert_id).select_for_update().first()
        if row is None:
            raise NotFound("alert")
        if (row.state, row.closed_by_id, row.close_reason) == (state, actor.user_id, said):
            return
        if row.state != "open":
            raise Conflict("This alert has been closed meanwhile.")
        Alert.objects.filter(site_id=site_id, pk=alert_id).update(
            state=state, closed_at=clock.now(), closed_by_id=actor.user_id, close_reason=said
        )
        outbox.publish(actor, AlertClosed(site_id, alert_id, state))
        access.record_change(actor, f"command_center.{state}", subject=str(alert_id))
