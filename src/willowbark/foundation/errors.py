"""Answers for what goes wrong outside our own views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection against forgery did not match: usually a page left open too long."""
    return render(request, "403_csrf.html", status=403)
