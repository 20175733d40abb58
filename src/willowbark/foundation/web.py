"""
From a request to an actor's one transaction, and from a failure to an answer.

`endpoint` is the only way a page or a call of ours reaches a service: it declares who may come,
opens `acting_as`, and turns anticipated failures into answers in which absent and forbidden look
the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from willowbark.foundation import access, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.encryption.errors import EncryptionProblem
from willowbark.kernel.errors import DomainError, Forbidden, Invalid

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Actor, Parameters], HttpResponseBase]

STATUS = {
    "forbidden": 404,
    "not_found": 404,
    "invalid": 422,
    "conflict": 409,
    "request_key_reused": 409,
    "out_of_stock": 409,
    "busy": 503,
    "encryption_problem": 503,
    "not_confirmed": 403,
    "too_many": 429,
}
_TITLES = {
    403: "Confirm who you are",
    404: "Not found",
    409: "That has changed meanwhile",
    422: "That cannot be accepted",
}
# What the failure itself says names files of the server, and is for who looks after it.
_SEALED_TEXT = (
    "What is sealed cannot be opened now. Nothing was changed. On the server, `willow doctor` says why."
)


@dataclass(frozen=True, slots=True)
class Declared:
    """
    What an endpoint declares: any one of these permissions opens it; none at all, any signed-in actor.

    `confirmed` says that the actor must have confirmed lately who they are (`step_up`).
    """

    permissions: tuple[str, ...]
    public: bool = False
    confirmed: bool = False


def endpoint(
    *permissions: str, methods: tuple[str, ...] = ("GET",), confirmed: bool = False
) -> Callable[[View[Parameters]], Any]:
    """
    Make a view of `view(request, actor, ...)`.

    `permissions` documents who may come, for the role matrix; the service itself checks them. A
    refused call is rolled back, logged as refused and answered as if nothing were there. With
    `confirmed`, who has not said within the last 15 minutes who they are is asked that first.
    """

    def decorate(view: View[Parameters]) -> Any:
        @require_http_methods([*methods, "HEAD"] if "GET" in methods else list(methods))
        @functools.wraps(view)
        def run(
            request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs
        ) -> HttpResponseBase:
            actor = actor_of(request)
            if actor is None:
                return ask_to_sign_in(request)
            try:
                _check_form(request)
                if confirmed:
                    step_up.require_confirmed(request)
                with acting_as(actor):
                    response = view(request, actor, *args, **kwargs)
                if response.streaming and not connection.in_atomic_block:
                    # What streams may wait for minutes; meanwhile others use its connection.
                    connection.close()
                return response
            except DomainError as error:
                return _refused(request, actor, view.__qualname__, error, kwargs.get("patient_id"))

        run.declares = Declared(permissions, confirmed=confirmed)  # type: ignore[attr-defined]
        return run

    return decorate


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Declare a view that anyone may call, signed in or not."""
    view.declares = Declared((), public=True)  # type: ignore[attr-defined]
    return view


def actor_of(request: HttpRequest) -> Actor | None:
    """Who makes this request; None when nobody has signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    return actor


def _check_form(request: HttpRequest) -> None:
    """
    No value of a form may hold what the database cannot.

    Raises:
        Invalid: a NUL character, by the field's name.
    """
    for name, values in request.POST.lists():
        if "\0" in name or any("\0" in str(value) for value in values):
            raise Invalid("A NUL character cannot be kept.", field=name.replace("\0", ""))


def _refused(
    request: HttpRequest, actor: Actor, view: str, error: DomainError, patient_id: object
) -> HttpResponse:
    log_refusal(request, actor, view, error, patient_id)
    if isinstance(error, step_up.NotConfirmed):
        return step_up.ask(request, error)
    return answer(request, error, status_of(error))


def log_refusal(
    request: HttpRequest, actor: Actor, view: str, error: DomainError, patient_id: object
) -> None:
    """Log that somebody may not do something; what only cannot be done like this is no refusal."""
    if status_of(error) in (403, 404):
        about = patient_id if isinstance(patient_id, UUID) else None
        access.record_refusal(actor, f"{request.method} {view}", patient_id=about, reason=error.code)


def status_of(error: DomainError) -> int:
    """The status of an anticipated failure: that of its code, else of the kind of failure that it is."""
    codes = (getattr(kind, "code", "") for kind in type(error).__mro__)
    return next((STATUS[code] for code in codes if code in STATUS), 400)


def answer(request: HttpRequest, error: DomainError, status: int) -> HttpResponse:
    """An anticipated failure as JSON, as a fragment or as a page; what is forbidden reads as absent."""
    hidden = status == 404
    code = "not_found" if hidden else error.code
    text = "There is no such page, or it is not yours to see." if hidden else str(error)
    if isinstance(error, EncryptionProblem):
        text = _SEALED_TEXT
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": text}, status=status)
    context = {
        "error": {
            "status": status,
            "title": _TITLES.get(status, "That did not work"),
            "text": text,
            "code": code,
        }
    }
    response = render(request, "foundation/error.html", context, status=status)
    response["X-Willow-Message"] = text.encode("ascii", "replace").decode()[:300]
    return response


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Where to sign in: as JSON, as a page to go to, or as an instruction to htmx."""
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "sign_in", "message": "Sign in first."}, status=401)
    url = f"{reverse('practice:sign_in')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def uuid_of(text: str) -> UUID:
    """
    A form's id.

    Raises:
        Forbidden: not an id at all, which looks the same as one that is not there.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise Forbidden("not an id") from error
