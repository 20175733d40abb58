"""Pages of the Master Protocol library: read it, compare versions, see who is on which, decide about them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.protocols.pages.library import library_page, master_page
from willowbark.protocols.pages.library_drafts import compare_page, patients_page
from willowbark.protocols.services.library_versions import (
    adopt_shipped,
    approve_version,
    note_review,
    restore_master,
    retire_master,
)
from willowbark.protocols.services.migrating import ask_for_reviews, migrate

READ, APPROVE = "protocols.library", "protocols.approve"


@endpoint(READ)
def library(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every Master Protocol."""
    return render(request, "protocols/library.html", {"page": library_page(actor)})


@endpoint(READ)
def master(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """One Master Protocol as it is in force, each line with its evidence."""
    return _master(request, actor, key)


@endpoint(READ)
def version(request: HttpRequest, actor: Actor, key: str, number: int) -> HttpResponse:
    """One version of a Master Protocol."""
    return _master(request, actor, key, number)


@endpoint(READ)
def compare(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """What is otherwise between two versions."""
    before, after = _number(request.GET.get("before", "")), _number(request.GET.get("after", ""))
    context = {"page": compare_page(actor, key, before, after)}
    return render(request, "protocols/compare_versions.html", context)


@endpoint("protocols.read")
def patients(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Whose protocol in force came from which version."""
    asked = request.GET.get("version", "")
    context = {
        "page": patients_page(actor, key, _number(asked) if asked else None),
        "filed": request.GET.get("filed", "")[:9],
        "nobody": request.GET.get("nobody", "")[:9],
    }
    return render(request, "protocols/patients_on.html", context)


@endpoint("tasks.write", methods=("POST",))
def ask(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """File a review of each protocol of an older version."""
    asked = ask_for_reviews(actor=actor, key=key)
    response = redirect("protocols:patients_on", key=key)
    response["Location"] += f"?filed={asked.filed}&nobody={asked.nobody}"
    return response


@endpoint(APPROVE, methods=("POST",), confirmed=True)
def approve(request: HttpRequest, actor: Actor, key: str, number: int) -> HttpResponse:
    """Approve the version that waits."""
    try:
        approve_version(
            actor=actor,
            key=key,
            number=number,
            revision=request.POST.get("revision", ""),
            request_key=uuid_of(request.POST.get("request_key", "")),
            effective_on=_day(request.POST.get("effective_on", "")),
        )
    except (Invalid, Conflict) as error:
        return _master(request, actor, key, number, error=error)
    return redirect("protocols:master", key=key)


@endpoint(APPROVE, methods=("POST",), confirmed=True)
def adopt(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Approve what the platform ships as it is."""
    try:
        adopt_shipped(
            actor=actor,
            key=key,
            request_key=uuid_of(request.POST.get("request_key", "")),
            effective_on=_day(request.POST.get("effective_on", "")),
        )
    except (Invalid, Conflict) as error:
        return _master(request, actor, key, error=error)
    return redirect("protocols:master", key=key)


@endpoint(APPROVE, methods=("POST",))
def reviewed(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Say that it was looked at and is still right."""
    note_review(actor=actor, key=key)
    return redirect("protocols:master", key=key)


@endpoint(APPROVE, methods=("POST",), confirmed=True)
def retire(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Compose nothing new with it."""
    try:
        retire_master(actor=actor, key=key, reason=request.POST.get("reason", ""))
    except Invalid as error:
        return _master(request, actor, key, error=error)
    return redirect("protocols:master", key=key)


@endpoint(APPROVE, methods=("POST",))
def restore(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Compose with it again."""
    restore_master(actor=actor, key=key)
    return redirect("protocols:master", key=key)


@endpoint("protocols.compose", methods=("POST",))
def migrate_patient(request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID) -> HttpResponse:
    """Open the composition with the versions in force."""
    draft = migrate(actor=actor, patient_id=patient_id, protocol_id=protocol_id)
    return redirect("protocols:composer", patient_id=draft.patient_id)


def _master(
    request: HttpRequest, actor: Actor, key: str, number: int | None = None, *, error: Exception | None = None
) -> HttpResponse:
    context = {
        "page": master_page(actor, key, number),
        "request_key": request.POST.get("request_key") or str(uuid7()),
        "error_text": str(error) if error else "",
        "error_field": error.field if isinstance(error, Invalid) else "",
        "reason": request.POST.get("reason", ""),
        "effective_on": request.POST.get("effective_on", ""),
    }
    status = 200 if error is None else 422 if isinstance(error, Invalid) else 409
    return render(request, "protocols/master.html", context, status=status)


def _number(text: str) -> int:
    """
    The number of a version in an address.

    Raises:
        Invalid: it is none.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid("Name a version by its number.", field="version")
    return int(text)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="effective_on") from error
