"""Signing oneself out in another browser."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import NotFound
from willowbark.practice.services.devices import end_device, end_others


@endpoint(methods=("POST",))
def end_one(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponse:
    """Sign oneself out in one browser; that it has ended already is as good."""
    with suppress(NotFound):
        end_device(actor=actor, device_id=device_id)
    return redirect("practice:account")


@endpoint(methods=("POST",))
def end_others_page(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Sign oneself out everywhere but here."""
    end_others(actor=actor, session_key=str(request.session.session_key))
    return redirect("practice:account")
