"""How often a request may guess, by whose secret it is and by where the request comes from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from willowbark.practice.services import guessing
from willowbark.practice.services.guessing import Guess


def begin_guess(request: HttpRequest, action: str, whose: str) -> Guess:
    """
    Count a guess that is about to be checked.

    Raises:
        SignInLocked: too many wrong ones lately.
    """
    return guessing.begin(
        action=action,
        address=whose,
        client=client_of(request),
        request_id=getattr(request, "request_id", None),
    )


def client_of(request: HttpRequest) -> str:
    """The network address a request came from; behind TLS, the one that our own proxy saw."""
    seen = request.headers.get("X-Forwarded-For", "") if settings.WILLOWBARK.https else ""
    return seen.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
