"""Review, preview, sign; and what was signed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.protocols.core.overrides import Reason
from willowbark.protocols.events import TOPIC
from willowbark.protocols.pages.paper import paper_of, signed_bytes_of
from willowbark.protocols.pages.review import preview_of, review_page
from willowbark.protocols.pages.signed import signed_page
from willowbark.protocols.pages.whose import whose_of
from willowbark.protocols.selectors.compositions import composition, reasons_of
from willowbark.protocols.selectors.signed import protocols
from willowbark.protocols.services.signing import end_protocol, sign
from willowbark.protocols.web.composer import COMPOSE, TASK_KIND
from willowbark.record.pages.header import header_of
from willowbark.record.selectors.chart import open_chart


@endpoint(COMPOSE)
def review(request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID) -> HttpResponse:
    """Everything to look at before the signature."""
    return _review(request, actor, patient_id, composition_id)


@endpoint("protocols.sign", methods=("POST",), confirmed=True)
def sign_composition(
    request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID
) -> HttpResponse:
    """Sign it."""
    words = {
        name.removeprefix("ack:"): str(value)
        for name, value in request.POST.items()
        if name.startswith("ack:")
    }
    reasons = {
        name.removeprefix("why:"): Reason(
            str(value), request.POST.get(f"words:{name.removeprefix('why:')}", "")
        )
        for name, value in request.POST.items()
        if name.startswith("why:")
    }
    try:
        protocol_id = sign(
            actor=actor,
            patient_id=patient_id,
            composition_id=composition_id,
            acknowledged=words,
            reasons=reasons,
            request_key=uuid_of(request.POST.get("request_key", "")),
            starts_on=_day(request.POST.get("starts_on", "")),
        )
    except (Invalid, Conflict) as error:
        field = error.field if isinstance(error, Invalid) else ""
        return _review(
            request,
            actor,
            patient_id,
            composition_id,
            words=words,
            reasons=reasons,
            error_text=str(error),
            field=field,
        )
    return redirect("protocols:protocol", patient_id=patient_id, protocol_id=protocol_id)


@endpoint(COMPOSE)
def compare(request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID) -> HttpResponse:
    """What the best plan otherwise would cost: without a product that is in it, with one that is not."""
    view = composition(actor, patient_id, composition_id)
    context = {"reasons": reasons_of(view, request.GET.get("product", ""))}
    return render(request, "protocols/compare.html", context)


@endpoint(COMPOSE)
def preview(request: HttpRequest, actor: Actor, patient_id: UUID, composition_id: UUID) -> HttpResponse:
    """What the patient will be given, in plain words."""
    view = composition(actor, patient_id, composition_id)
    chart = open_chart(actor, patient_id, action="protocols.preview_read")
    context = {
        "header": header_of(chart),
        "page": preview_of(actor, view),
        "page_task_kind": TASK_KIND,
        "page_patient_id": str(patient_id),
    }
    return render(request, "protocols/preview.html", context)


@endpoint("protocols.read")
def protocol(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> HttpResponse:
    """What was signed."""
    return _protocol(request, actor, patient_id, protocol_id)


@endpoint("protocols.read")
def paper(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> HttpResponse:
    """What was signed, as a PDF for the patient; `print=large` is in large print."""
    size = request.GET.get("print", "")
    if size not in ("", "large"):
        raise Invalid("Ask for large print or for none.", field="print")
    name, made = paper_of(actor, patient_id, protocol_id, large=size == "large")
    headers = {"Content-Disposition": content_disposition_header(False, name)}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@endpoint("protocols.read")
def content(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> HttpResponse:
    """The bytes that were signed, as a file: their SHA-256 is the one on the paper."""
    name, signed = signed_bytes_of(actor, patient_id, protocol_id)
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(signed, content_type="application/json", headers=headers)


@endpoint("protocols.read")
def history(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Every signed protocol of a patient."""
    context = {
        "whose": whose_of(actor, patient_id),
        "protocols": protocols(actor, patient_id),
        "patient_id": patient_id,
        "page_task_kind": "chart_review",
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{TOPIC}:{patient_id}",
    }
    return render(request, "protocols/history.html", context)


@endpoint("protocols.sign", methods=("POST",))
def end(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> HttpResponse:
    """End a protocol."""
    reason = request.POST.get("reason", "")
    try:
        end_protocol(actor=actor, patient_id=patient_id, protocol_id=protocol_id, reason=reason)
    except Invalid as error:
        return _protocol(request, actor, patient_id, protocol_id, reason=reason, error_text=str(error))
    return redirect("protocols:protocol", patient_id=patient_id, protocol_id=protocol_id)


def _review(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    composition_id: UUID,
    *,
    words: dict[str, str] | None = None,
    reasons: dict[str, Reason] | None = None,
    error_text: str = "",
    field: str = "",
) -> HttpResponse:
    view = composition(actor, patient_id, composition_id)
    chart = open_chart(actor, patient_id, action="protocols.review_read")
    context = {
        "header": header_of(chart),
        "page": review_page(
            actor, view, words=words or {}, reasons=reasons or {}, error_text=error_text, field=field
        ),
        "request_key": request.POST.get("request_key") or str(uuid7()),
        "page_task_kind": TASK_KIND,
        "page_patient_id": str(patient_id),
    }
    return render(request, "protocols/review.html", context, status=422 if error_text else 200)


def _protocol(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    protocol_id: UUID,
    *,
    reason: str = "",
    error_text: str = "",
) -> HttpResponse:
    context = {
        "whose": whose_of(actor, patient_id),
        "page": signed_page(actor, patient_id, protocol_id),
        "patient_id": patient_id,
        "reason": reason,
        "error_text": error_text,
        "page_task_kind": "chart_review",
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{TOPIC}:{patient_id}",
    }
    return render(request, "protocols/protocol.html", context, status=422 if error_text else 200)


def _day(text: str) -> date | None:
    """
    A day of a form; None when nothing was said.

    Raises:
        Invalid: it is none.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="starts_on") from error
