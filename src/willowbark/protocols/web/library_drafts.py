"""Write a Master Protocol: begin, change line by line, hand in, take back, drop."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.protocols.pages.library_drafts import editor_page, line_page, new_master_page
from willowbark.protocols.services.library_drafts import (
    AUTHOR,
    NotReady,
    change_head,
    discard_draft,
    hand_in,
    move_line,
    remove_line,
    save_line,
    start_draft,
    start_master,
    take_back,
)

_DIRECTIONS = {"up": -1, "down": 1}


@endpoint(AUTHOR, methods=("GET", "POST"))
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Begin a Master Protocol of the practice's own."""
    error_text, title, copy_of = "", request.POST.get("title", ""), request.POST.get("copy_of", "")
    if request.method == "POST":
        try:
            key = start_master(actor=actor, title=title, copy_of=copy_of)
            return redirect("protocols:master_draft", key=key)
        except Invalid as error:
            error_text = str(error)
    page = new_master_page(actor, title=title, copy_of=copy_of, error_text=error_text)
    return render(request, "protocols/new_master.html", {"page": page}, status=422 if error_text else 200)


@endpoint(AUTHOR, methods=("POST",))
def start(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Open the draft of the next version, or the one that is open."""
    asked = request.POST.get("number", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= 6):
        raise Invalid("Name a version by its number.", field="number")
    start_draft(actor=actor, key=key, number=int(asked) if asked else None)
    return redirect("protocols:master_draft", key=key)


@endpoint(AUTHOR)
def draft(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """The open draft, section by section; the line that was just moved keeps the focus."""
    section, at = request.GET.get("moved", ""), _place(request.GET.get("to", ""))
    return _editor(request, actor, key, moved=None if at is None else (section, at))


@endpoint(AUTHOR, methods=("POST",))
def head(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Change title, summary and age."""
    try:
        change_head(
            actor=actor,
            key=key,
            revision=request.POST.get("revision", ""),
            texts=_texts(request),
            request_key=uuid_of(request.POST.get("request_key", "")),
        )
    except (Invalid, Conflict) as error:
        return _editor(request, actor, key, error=error)
    return redirect("protocols:master_draft", key=key)


@endpoint(AUTHOR)
def line(request: HttpRequest, actor: Actor, key: str, section: str) -> HttpResponse:
    """One line as a form: that at `at`, or a new one."""
    return _line(request, actor, key, section, _place(request.GET.get("at", "")))


@endpoint(AUTHOR, methods=("POST",))
def write_line(request: HttpRequest, actor: Actor, key: str, section: str) -> HttpResponse:
    """Write or remove one line."""
    at = _place(request.POST.get("at", ""))
    revision = request.POST.get("revision", "")
    request_key = uuid_of(request.POST.get("request_key", ""))
    try:
        if request.POST.get("do") == "remove":
            if at is None:
                raise Invalid("Name the line.", field="at")
            remove_line(
                actor=actor, key=key, revision=revision, section=section, at=at, request_key=request_key
            )
        else:
            save_line(
                actor=actor,
                key=key,
                revision=revision,
                section=section,
                at=at,
                texts=_texts(request),
                request_key=request_key,
            )
    except (Invalid, Conflict) as error:
        return _line(request, actor, key, section, at, error=error)
    response = redirect("protocols:master_draft", key=key)
    response["Location"] += f"#{section}"
    return response


@endpoint(AUTHOR, methods=("POST",))
def move(request: HttpRequest, actor: Actor, key: str, section: str) -> HttpResponse:
    """Move one line one place up or down."""
    at, by = _place(request.POST.get("at", "")), _DIRECTIONS.get(request.POST.get("by", ""))
    if at is None or by is None:
        raise Invalid("Name a line, and whether it moves up or down.", field="by")
    try:
        move_line(
            actor=actor,
            key=key,
            revision=request.POST.get("revision", ""),
            section=section,
            at=at,
            by=by,
            request_key=uuid_of(request.POST.get("request_key", "")),
        )
    except (Invalid, Conflict) as error:
        return _editor(request, actor, key, error=error)
    response = redirect("protocols:master_draft", key=key)
    # No fragment: a browser that goes to one leaves the focus where it is.
    response["Location"] += f"?moved={section}&to={at + by}&by={request.POST['by']}"
    return response


@endpoint(AUTHOR, methods=("POST",))
def submit(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Hand the draft in for approval, or take it back."""
    if request.POST.get("do") == "take_back":
        take_back(actor=actor, key=key)
        return redirect("protocols:master_draft", key=key)
    try:
        hand_in(actor=actor, key=key, note=request.POST.get("note", ""))
    except Invalid as error:
        return _editor(request, actor, key, error=error)
    return redirect("protocols:master_draft", key=key)


@endpoint(AUTHOR, methods=("POST",))
def discard(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Drop the draft."""
    asked = request.POST.get("number", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 6):
        raise Invalid("Name a version by its number.", field="number")
    discard_draft(actor=actor, key=key, number=int(asked))
    return redirect("protocols:library")


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:5_000] for name, value in request.POST.items()}


def _place(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Invalid("Name a line by its place.", field="at")
    return int(text)


def _editor(
    request: HttpRequest,
    actor: Actor,
    key: str,
    *,
    error: Invalid | Conflict | None = None,
    moved: tuple[str, int] | None = None,
) -> HttpResponse:
    field = error.field if isinstance(error, Invalid) and not isinstance(error, NotReady) else ""
    typed = _texts(request) if "title" in request.POST else None
    context = {
        "page": editor_page(actor, key, texts=typed, error_text=str(error or ""), field=field, moved=moved),
        "by": request.GET.get("by", ""),
        "request_key": str(uuid7()),
        "note": request.POST.get("note", ""),
        "note_error": str(error) if field == "note" else "",
        "error_text": str(error)
        if error and field not in ("note", "title", "summary", "from_age_years")
        else "",
    }
    return render(request, "protocols/master_draft.html", context, status=_status(error))


def _line(
    request: HttpRequest,
    actor: Actor,
    key: str,
    section: str,
    at: int | None,
    *,
    error: Invalid | Conflict | None = None,
) -> HttpResponse:
    page = line_page(
        actor,
        key,
        section,
        at,
        texts=_texts(request) if error else None,
        error_text=str(error or ""),
        field=error.field if isinstance(error, Invalid) else "",
    )
    context = {"page": page, "request_key": str(uuid7())}
    return render(request, "protocols/master_line.html", context, status=_status(error))


def _status(error: Exception | None) -> int:
    if error is None:
        return 200
    return 422 if isinstance(error, Invalid) else 409
