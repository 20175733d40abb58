"""How often signers decide otherwise than composed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.protocols.pages.overrides import overrides_page


@endpoint("metrics.read")
def overrides(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The rates by practitioner, Master Protocol and layer; each opens to what it is made of."""
    page = overrides_page(actor, request.GET.get("days", ""))
    return render(request, "protocols/overrides.html", {"page": page})
