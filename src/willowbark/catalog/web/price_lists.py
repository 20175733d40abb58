"""Pages of price lists: hand one in, say what its columns hold, look, carry it out, take it back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from willowbark.catalog import services
from willowbark.catalog.core.price_lists.columns import FIELDS
from willowbark.catalog.core.price_lists.sheet import MOST_BYTES
from willowbark.catalog.pages import price_lists as pages
from willowbark.catalog.selectors import price_lists as selectors
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid

TASK = "catalog"


@endpoint("catalog.manage")
def price_lists(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every file of a supplier, newest first, and the form for another."""
    return _list(request, actor)


def _list(request: HttpRequest, actor: Actor, error_text: str = "") -> HttpResponse:
    page = pages.list_of(
        selectors.price_lists(actor),
        uuid7(),
        supplier=request.POST.get("supplier", "")[:100],
        currency=request.POST.get("currency", "USD")[:3],
        error_text=error_text,
    )
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "catalog/price_lists.html", context, status=422 if error_text else 200)


@endpoint("catalog.manage", methods=("POST",))
def upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep a file and preview it."""
    given = request.FILES.get("file")
    try:
        if given is None:
            raise Invalid("Choose a file.", field="file")
        if (given.size or 0) > MOST_BYTES:
            raise Invalid(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", field="file")
        list_id = services.hand_in(
            actor=actor,
            supplier=request.POST.get("supplier", ""),
            name=given.name or "file",
            content=given.read(),
            request_key=uuid_of(request.POST.get("request_key", "")),
            currency=request.POST.get("currency", ""),
        )
    except Invalid as error:
        return _list(request, actor, str(error))
    return redirect("catalog:price_list", price_list_id=list_id)


@endpoint("catalog.manage")
def price_list(request: HttpRequest, actor: Actor, price_list_id: UUID) -> HttpResponse:
    """One file: its columns and what it would do."""
    return _one(request, actor, price_list_id)


def _one(request: HttpRequest, actor: Actor, price_list_id: UUID, error_text: str = "") -> HttpResponse:
    page = pages.page_of(
        selectors.price_list(actor, price_list_id),
        watch_url=reverse("catalog:price_list", args=[price_list_id]),
        error_text=error_text,
    )
    fragment = "#report" if request.headers.get("HX-Target") == "price-list" else ""
    context = {"page": page, "page_task_kind": TASK}
    response = render(
        request, f"catalog/price_list.html{fragment}", context, status=422 if error_text else 200
    )
    response["Vary"] = "HX-Request, HX-Target"
    return response


@endpoint("catalog.manage", methods=("POST",))
def columns(request: HttpRequest, actor: Actor, price_list_id: UUID) -> HttpResponse:
    """Say which column holds what, and preview by that."""
    said = {field: request.POST[field][:100] for field in FIELDS if request.POST.get(field)}
    currency = request.POST.get("currency_of_list", "")
    return _done(
        request,
        actor,
        price_list_id,
        lambda: services.map_columns(
            actor=actor, price_list_id=price_list_id, columns=said, currency=currency
        ),
    )


@endpoint("catalog.manage", methods=("POST",))
def act(request: HttpRequest, actor: Actor, price_list_id: UUID, verb: str) -> HttpResponse:
    """Carry a file out, take it back, read it again, or put it away."""
    service = {
        "apply": services.ask_to_apply,
        "undo": services.undo,
        "read-again": services.read_again,
        "dismiss": services.dismiss,
    }[verb]
    return _done(request, actor, price_list_id, lambda: service(actor=actor, price_list_id=price_list_id))


def _done(request: HttpRequest, actor: Actor, price_list_id: UUID, work: Callable[[], None]) -> HttpResponse:
    try:
        work()
    except (Invalid, Conflict) as error:
        return _one(request, actor, price_list_id, str(error))
    return redirect("catalog:price_list", price_list_id=price_list_id)


@endpoint("catalog.manage")
def original(request: HttpRequest, actor: Actor, price_list_id: UUID) -> HttpResponse:
    """The file as it came, to be saved: never shown, since it may be anything."""
    name, content = selectors.file_of(actor, price_list_id)
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )
