"""From a JSON call to an actor's one transaction: what `endpoint` is for pages."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import APIKeyCookie

from willowbark.foundation import step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.errors import saying
from willowbark.foundation.web import Declared, actor_of, answer, log_refusal, status_of
from willowbark.kernel.errors import DomainError, Forbidden, Invalid

_FAULTS_SHOWN = 10


class ErrorOut(Schema):
    """An anticipated failure: a stable code, and words for a person."""

    code: str
    message: str


REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422, 500), ErrorOut)


class ExactParser(Parser):
    """Reads a body's numbers digit by digit: a float would lose what was measured."""

    def parse_body(self, request: HttpRequest) -> Any:
        """
        The body as JSON, its numbers as decimals.

        Raises:
            ValueError: no JSON; a number that is none (NaN).
            Invalid: a string holds what the database cannot keep.
        """
        body = json.loads(request.body, parse_float=Decimal, parse_constant=_no_number)
        _check_strings(body)
        return body


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _check_strings(body: Any) -> None:
    """
    Text without NUL characters and without halves of characters.

    Raises:
        Invalid: there is one, in a value or in a field's name.
    """
    waiting = [body]
    while waiting:
        match waiting.pop():
            case str(text) if "\0" in text:
                raise Invalid("A NUL character cannot be kept.")
            case str(text) if any("\ud800" <= letter <= "\udfff" for letter in text):
                raise Invalid("Half of a character cannot be kept.")
            case dict(entries):
                waiting += [*entries, *entries.values()]
            case list(items):
                waiting += items


def answer_failures_of(api: NinjaAPI) -> None:
    """Make every failure of `api` an `ErrorOut`; what it does not catch, `foundation.errors` does."""

    @api.exception_handler(DomainError)
    def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
        return answer(request, error, status_of(error))

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        cause = error.__cause__
        return domain_error(request, cause) if isinstance(cause, DomainError) else saying(error.status_code)

    @api.exception_handler(Http404)
    def absent(request: HttpRequest, error: Http404) -> HttpResponse:
        return saying(404)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return domain_error(request, Invalid("; ".join(map(_fault, error.errors[:_FAULTS_SHOWN]))))


def _fault(error: dict[str, Any]) -> str:
    """What is wrong with which field. pydantic's own words may quote what was sent; its code does not."""
    # The place begins with where the value came from, and for a body with the parameter's name.
    source, *place = error["loc"]
    inner = place[1:] if source == "body" else place
    name = ".".join(str(part) for part in inner)[:100] or str(source)
    code = str(error["type"])
    return f"{name} is missing" if code == "missing" else f"{name} cannot be accepted ({code})"


class SignedIn(APIKeyCookie):
    """The session's cookie, with the protection against forged requests that cookies need."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Who is signed in."""
        return actor_of(request)


def operation(
    *permissions: str, confirmed: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    Make an operation of `view(request, actor, ...)`.

    `permissions` documents who may come, for the role matrix; the service itself checks them. With
    `confirmed`, who has not said within the last 15 minutes who they are is refused (`not_confirmed`).
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            actor = actor_of(request)
            if actor is None:
                raise Forbidden("nobody is signed in")
            try:
                if confirmed:
                    step_up.require_confirmed(request)
                with acting_as(actor):
                    return view(request, actor, *args, **kwargs)
            except DomainError as error:
                log_refusal(request, actor, view.__qualname__, error, kwargs.get("patient_id"))
                raise

        signature = inspect.signature(view, eval_str=True)
        shown = [parameter for name, parameter in signature.parameters.items() if name != "actor"]
        run.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
        run.declares = Declared(permissions, confirmed=confirmed)  # type: ignore[attr-defined]
        return run

    return decorate
