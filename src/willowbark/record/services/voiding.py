"""Take an entry back. It stays in the record, with the reason; nothing is ever deleted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.authorisation import Actor
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients.selectors import require_reach
from willowbark.record.events import EntryVoided
from willowbark.record.kinds import table_of
from willowbark.record.models import Observation


@transaction.atomic
def void_entry(*, actor: Actor, patient_id: UUID, kind: str, entry_id: UUID, reason: str) -> None:
    """
    Void one entry, and with a compound result its parts.

    Voiding again for the same reason changes nothing.

    Raises:
        Forbidden: the actor may not void entries.
        NotFound: no such patient within reach, or no such entry.
        Invalid: no reason, or one of more than 300 characters.
        Conflict: it is voided already, for another reason.
    """
    require_reach(actor, patient_id, "record.void")
    words = reason.strip()
    if not words or len(words) > 300 or "\0" in words:
        raise Invalid("Give the reason in 1 to 300 characters.", field="reason")
    rows = table_of(kind)._default_manager.filter(patient_id=patient_id)
    entry = rows.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("entry")
    if entry.voided_at is not None:
        if entry.void_reason == words:
            return
        raise Conflict("It is voided already, for another reason.")
    voided = {"voided_at": clock.now(), "voided_by_id": actor.user_id, "void_reason": words}
    rows.filter(pk=entry_id).update(**voided)
    if isinstance(entry, Observation):
        parts = Observation.objects.filter(patient_id=patient_id, parent_id=entry_id, voided_at__isnull=True)
        parts.update(**voided)
    access.record_write(actor, f"record.{kind}_voided", patient_id=patient_id, subject=str(entry_id))
    outbox.publish(actor, EntryVoided(patient_id=patient_id, entry_id=entry_id, kind=kind))
