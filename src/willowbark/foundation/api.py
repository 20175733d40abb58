"""From a JSON call to an actor's one transaction: what `endpoint` is for pages."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Schema
from ninja.parser import Parser
from ninja.security import APIKeyCookie

from willowbark.foundation import access
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.web import STATUS, Declared, actor_of
from willowbark.kernel.errors import DomainError, Forbidden


class ErrorOut(Schema):
    """An anticipated failure: a stable code, and words for a person."""

    code: str
    message: str


REFUSALS: dict[int, Any] = {401: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut}


class ExactParser(Parser):
    """Reads a body's numbers digit by digit: a float would lose what was measured."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as JSON, its numbers as decimals."""
        return json.loads(request.body, parse_float=Decimal)


class SignedIn(APIKeyCookie):
    """The session's cookie, with the protection against forged requests that cookies need."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Who is signed in."""
        return actor_of(request)


def operation(*permissions: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    Make an operation of `view(request, actor, ...)`.

    `permissions` documents who may come, for the role matrix; the service itself checks them.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            actor = actor_of(request)
            if actor is None:
                raise Forbidden("nobody is signed in")
            try:
                with acting_as(actor):
                    return view(request, actor, *args, **kwargs)
            except DomainError as error:
                if STATUS.get(error.code) == 404:
                    about = kwargs.get("patient_id")
                    access.record_refusal(
                        actor,
                        f"{request.method} {view.__qualname__}",
                        patient_id=about if isinstance(about, UUID) else None,
                        reason=error.code,
                    )
                raise

        signature = inspect.signature(view, eval_str=True)
        shown = [parameter for name, parameter in signature.parameters.items() if name != "actor"]
        run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        run.declares = Declared(permissions)  # type: ignore[attr-defined]
        return run

    return decorate
