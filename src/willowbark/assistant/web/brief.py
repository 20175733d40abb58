"""Pages of the assistant: the brief."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willowbark.assistant.pages.brief import page_of
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint


@endpoint("record.read")
def brief(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What to know before seeing a patient."""
    page = page_of(actor, patient_id)
    context = {
        "page": page,
        "page_patient_id": str(page.patient_id),
        "page_task_kind": "brief",
        "page_live_topics": page.live_topics,
    }
    fragment = "#brief" if request.headers.get("HX-Target") == "brief" else ""
    response = render(request, f"assistant/brief.html{fragment}", context)
    response["Vary"] = "HX-Request, HX-Target"
    return response
