"""Answers for what goes wrong outside our own views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection against forgery did not match: usually a page left open too long."""
    return render(request, "403_csrf.html", status=403)


def database_away(request: HttpRequest) -> HttpResponse:
    """The database does not answer: nothing was changed, and trying again soon is right."""
    if request.path.startswith("/api/"):
        body = {"code": "database_away", "message": "The database does not answer. Nothing was changed."}
        response: HttpResponse = JsonResponse(body, status=503)
    else:
        response = render(request, "foundation/offline.html", status=503)
    response["Retry-After"] = "2"
    return response
