"""Who makes a request, with the roles that they hold at this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from willowbark.foundation import sessions
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.errors import database_away
from willowbark.kernel.errors import NotFound
from willowbark.practice.models import Organisation
from willowbark.practice.selectors import actor_for, has_second_factor, organisation
from willowbark.practice.services.devices import forget_device
from willowbark.practice.sign_in.entering import SECOND_FACTOR_GIVEN, SESSION_MARK, SESSION_USER

# Where somebody may go who has no second factor though everybody needs one: to add it, or out.
_TO_ADD_ONE = frozenset(
    f"practice:{name}"
    for name in (
        "second_factor",
        "add_app",
        "add_passkey",
        "new_passkey_asked",
        "recovery_codes",
        "confirm",
        "passkey_asked",
        "sign_out",
    )
)


class ActorOfRequest:
    """
    Middleware: `request.actor` is who is signed in, with the roles held at this moment, or None.

    Times are shown in the practice's time zone. Where everybody needs a second factor, whoever has none is
    led to add one before anything else, and whoever has one and did not give it is signed out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        try:
            actor = _actor_of_session(request)
            practice = organisation() if actor else None
            if actor and practice and practice.needs_second_factor and _is_over(request, actor):
                actor = practice = None
        except OperationalError:
            return database_away(request)
        request.actor, request.practice = actor, practice  # type: ignore[attr-defined]
        with timezone.override(practice.time_zone if practice else None):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Lead whoever lacks a second factor to where it is added; None lets everybody else pass."""
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        practice: Organisation | None = request.practice  # type: ignore[attr-defined]
        if actor is None or practice is None or not practice.needs_second_factor:
            return None
        at = request.resolver_match
        if getattr(getattr(view, "declares", None), "public", False) or (at and at.view_name in _TO_ADD_ONE):
            return None
        return None if request.session.get(SECOND_FACTOR_GIVEN) else _ask_to_add_one(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that does not answer is said as such; every other failure is Django's to show."""
        return database_away(request) if isinstance(exception, OperationalError) else None


def _actor_of_session(request: HttpRequest) -> Actor | None:
    if request.path.startswith(("/static/", "/health/")):
        return None
    user_id = request.session.get(SESSION_USER)
    if user_id is None:
        return None
    try:
        actor = actor_for(
            UUID(user_id),
            channel="api" if request.path.startswith("/api/") else "web",
            request_id=getattr(request, "request_id", None),
            # A session without one is of nobody's password.
            password_mark=str(request.session.get(SESSION_MARK, "")),
        )
    except NotFound:
        request.session.flush()
        return None
    return actor if sessions.keep_alive(request) else None


def _is_over(request: HttpRequest, actor: Actor) -> bool:
    """Whether there is a second factor that was not given; such a session is ended here."""
    if request.session.get(SECOND_FACTOR_GIVEN):
        return False
    with acting_as(actor):
        if not has_second_factor(actor.user_id):
            return False
        forget_device(session_key=str(request.session.session_key))
    request.session.flush()
    return True


def _ask_to_add_one(request: HttpRequest) -> HttpResponse:
    text = "Your practice asks everybody for a second factor. Add one first."
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "second_factor_needed", "message": text}, status=403)
    url = reverse("practice:second_factor")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Redirect": url, "X-Willow-Message": text})
    return redirect(url)
