"""Pages of the Master Protocol library; it is read only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import endpoint
from willowbark.protocols.pages.library import library_page, master_page


@endpoint("protocols.library")
def library(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every Master Protocol."""
    return render(request, "protocols/library.html", {"page": library_page(actor)})


@endpoint("protocols.library")
def master(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """One Master Protocol, each line with its evidence."""
    return render(request, "protocols/master.html", {"page": master_page(actor, key)})
