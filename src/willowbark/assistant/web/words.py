"""Describe in your words: what would be sent, the sending, the answer, and taking of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.assistant.pages.words import WordsPage, words_of
from willowbark.assistant.selectors.asking import COMPOSE, asking, question
from willowbark.assistant.services.asking import ask, cancel
from willowbark.assistant.services.taking import take
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.patients.selectors import require_reach
from willowbark.record.pages.header import header_of
from willowbark.record.selectors.chart import open_chart

TASK_KIND = "protocol_composition"


@endpoint(COMPOSE, methods=("GET", "POST"))
def words_form(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """The field, with what was typed before."""
    require_reach(actor, patient_id, COMPOSE)
    return _part(request, actor, words_of(actor, patient_id, text=request.POST.get("text", "")))


@endpoint(COMPOSE, methods=("POST",))
def words_preview(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What would be sent, and where; nothing is."""
    typed = request.POST.get("text", "")
    try:
        page = words_of(actor, patient_id, question=question(actor, patient_id, typed))
    except (Invalid, Conflict) as error:
        return _refused(request, actor, patient_id, error, text=typed)
    return _part(request, actor, page)


@endpoint(COMPOSE, methods=("POST",))
def words_ask(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Send what was shown."""
    typed = request.POST.get("text", "")
    try:
        asking_id = ask(
            actor=actor,
            patient_id=patient_id,
            typed=typed,
            shown_sha256=request.POST.get("shown", ""),
            request_key=uuid_of(request.POST.get("request_key", "")),
        )
    except (Invalid, Conflict) as error:
        return _refused(request, actor, patient_id, error, text=typed)
    return _asked(request, actor, patient_id, asking_id)


@endpoint(COMPOSE)
def words(request: HttpRequest, actor: Actor, patient_id: UUID, asking_id: UUID) -> HttpResponse:
    """How a question stands; the page asks again until it has ended."""
    return _asked(request, actor, patient_id, asking_id)


@endpoint(COMPOSE, methods=("POST",))
def words_cancel(request: HttpRequest, actor: Actor, patient_id: UUID, asking_id: UUID) -> HttpResponse:
    """Want the answer no more."""
    cancel(actor=actor, patient_id=patient_id, asking_id=asking_id)
    return _asked(request, actor, patient_id, asking_id)


@endpoint(COMPOSE, methods=("POST",))
def words_take(request: HttpRequest, actor: Actor, patient_id: UUID, asking_id: UUID) -> HttpResponse:
    """Take what is ticked into the draft; then the composer, composed anew."""
    try:
        take(
            actor=actor,
            patient_id=patient_id,
            asking_id=asking_id,
            masters=request.POST.getlist("master"),
            targets=request.POST.getlist("target"),
        )
    except (Invalid, Conflict) as error:
        return _asked(request, actor, patient_id, asking_id, error_text=str(error))
    composer = reverse("protocols:composer", args=[patient_id])
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": composer})
    return redirect(composer)


def _asked(
    request: HttpRequest, actor: Actor, patient_id: UUID, asking_id: UUID, *, error_text: str = ""
) -> HttpResponse:
    view = asking(actor, patient_id, asking_id)
    page = words_of(actor, patient_id, text=view.text, asking=view, error_text=error_text)
    return _part(request, actor, page, status=422 if error_text else 200)


def _refused(
    request: HttpRequest, actor: Actor, patient_id: UUID, error: Invalid | Conflict, *, text: str
) -> HttpResponse:
    page = words_of(actor, patient_id, text=text, error_text=str(error))
    return _part(request, actor, page, status=422)


def _part(request: HttpRequest, actor: Actor, page: WordsPage, *, status: int = 200) -> HttpResponse:
    """The part alone where a page asked for it, or a page of its own where there are no scripts."""
    context: dict[str, Any] = {
        "page": page,
        "page_task_kind": TASK_KIND,
        "page_patient_id": str(page.patient_id),
    }
    name = "assistant/words.html"
    if request.headers.get("HX-Target") != "words":
        name = "assistant/words_page.html"
        chart = open_chart(actor, page.patient_id, action="assistant.words_read")
        context["header"] = header_of(chart)
    response = render(request, name, context, status=status)
    response["Vary"] = "HX-Request, HX-Target"
    return response
