"""What patients shows on the day sheet."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string

from willowbark.foundation.authorisation import Actor
from willowbark.patients.selectors import in_care_of

SHOWN = 8


def in_your_care(request: HttpRequest, actor: Actor, patient_id: UUID | None) -> str:
    """The patients whom the person took on last."""
    found, count = in_care_of(actor, limit=SHOWN)
    context = {"patients": found, "count": count, "more": count - len(found)}
    return render_to_string("patients/panels/in_your_care.html", context, request)
