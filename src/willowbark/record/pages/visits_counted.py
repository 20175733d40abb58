"""How often somebody came, where two patient rows are compared."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.record.selectors import visits


def visits_counted(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """How often this person came, and when last; nothing where the record is not the actor's to read."""
    if patient_id is None:
        return ""
    counted = visits.visits_counted(actor, patient_id, now=clock.now())
    return render_to_string("record/visits_counted.html", {"counted": counted}, request) if counted else ""
