"""The pages of the command center."""

from __future__ import annotations

from typing import Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from willowbark.command_center import pages
from willowbark.command_center.services import answer
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.kernel.errors import Invalid

TASK_KIND = "command_center"


@endpoint("command_center.read")
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The figures of the mission and what somebody must do; for htmx the part that moves."""
    page = pages.home(actor, pages.span_of(request.GET.get("days", "")))
    is_part = request.headers.get("HX-Target") == "command-center"
    template = "command_center/home.html#figures" if is_part else "command_center/home.html"
    context = {
        "page": page,
        "is_part": is_part,
        "page_task_kind": TASK_KIND,
        "page_live_topics": pages.TOPICS,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@endpoint("command_center.read", methods=("GET", "POST"))
def alert(request: HttpRequest, actor: Actor, site_id: UUID, alert_id: UUID) -> HttpResponse:
    """One alert: why it was raised, and its answer."""
    error, reason, state = "", "", ""
    if request.method == "POST":
        reason, state = request.POST.get("reason", ""), request.POST.get("state", "")
        try:
            chosen = cast(Literal["acted", "dismissed"], state)
            answer(actor=actor, site_id=site_id, alert_id=alert_id, state=chosen, reason=reason)
            return redirect("command_center:home")
        except Invalid as refused:
            error = str(refused)
    page = pages.alert(actor, site_id, alert_id, reason=reason, error=error)
    context = {"page": page, "page_task_kind": TASK_KIND}
    return render(request, "command_center/alert.html", context, status=422 if error else 200)
