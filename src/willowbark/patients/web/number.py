"""One sensitive number in full, for who asks to see it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.patients import selectors
from willowbark.patients.core.identifiers import identifier
from willowbark.patients.web.rows import url_of


@endpoint("patients.write")
def number(request: HttpRequest, actor: Actor, patient_id: UUID, number_id: UUID) -> HttpResponse:
    """The number that pages mask; every look at it is logged."""
    shown = selectors.show_number(actor, patient_id, number_id)
    context = {
        "number": identifier(shown.type_code, shown.value, shown.system),
        "back_url": url_of(actor, patient_id),
        "page_task_kind": "patient_number",
        "page_patient_id": str(patient_id),
    }
    fragment = "#number" if request.headers.get("HX-Request") else ""
    response = render(request, f"patients/number.html{fragment}", context)
    response["Vary"] = "HX-Request"
    return response
