"""Answers for what goes wrong outside our own views: a page, or under `/api/` always one shape of JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

API = "/api/"

# What an answer of the API says when whoever refused said nothing of ours.
_SAYINGS = {
    400: ("bad_request", "That request cannot be read. Nothing was changed."),
    401: ("sign_in", "Sign in first."),
    403: ("forged", "The request's protection against forgery did not match. Nothing was changed."),
    404: ("not_found", "There is no such page, or it is not yours to see."),
    405: ("method_not_allowed", "That cannot be done at this address."),
    413: ("too_large", "That is more than is taken in one request."),
    500: ("unexpected", "Something unexpected went wrong. Nothing was changed."),
    503: ("database_away", "The database does not answer. Nothing was changed."),
}


class Refused(BadRequest):
    """A request that is not read any further. `status`, `code` and the words are the answer."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


class JsonErrors:
    """
    Middleware: whatever fails under `/api/` answers `{"code", "message"}`, whoever refused it.

    An address that is not there, a method, an unreadable request or a fault of ours is answered by
    Django, which knows pages alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if (
            response.status_code >= 400
            and not is_json
            and request.path.startswith(API)
            and isinstance(response, HttpResponse)
        ):
            response.content = saying(response.status_code).content
            response.headers["Content-Type"] = "application/json"
            response.headers.pop("Content-Length", None)
        return response


def saying(status: int) -> JsonResponse:
    """The API's answer for a status about which nothing more can be said."""
    code, message = _SAYINGS.get(status, _SAYINGS[500 if status >= 500 else 400])
    return JsonResponse({"code": code, "message": message}, status=status)


def refuse(request: HttpRequest, refused: Refused) -> HttpResponse:
    """What was refused before it was read, as JSON or as a page."""
    if request.path.startswith(API):
        return JsonResponse({"code": refused.code, "message": str(refused)}, status=refused.status)
    error = {
        "status": refused.status,
        "title": "That cannot be accepted",
        "text": str(refused),
        "code": refused.code,
    }
    response = render(request, "foundation/error.html", {"error": error}, status=refused.status)
    response["X-Willow-Message"] = str(refused)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read: what we refused says why, anything else only that it is so."""
    if isinstance(exception, RequestDataTooBig):
        exception = Refused(413, *_SAYINGS[413])
    if isinstance(exception, Refused):
        return refuse(request, exception)
    return render(request, "400.html", status=400)


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """
    No such address.

    Django's own pages for failures read the form that came along, which fails once more.
    """
    return render(request, "404.html", status=404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself denies."""
    return render(request, "403.html", status=403)


def unexpected(request: HttpRequest) -> HttpResponse:
    """A fault of ours; Django has logged it."""
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection against forgery did not match: usually a page left open too long."""
    if request.path.startswith(API):
        return saying(403)
    return render(request, "403_csrf.html", status=403)


def database_away(request: HttpRequest) -> HttpResponse:
    """The database does not answer: nothing was changed, and trying again soon is right."""
    if request.path.startswith(API):
        response: HttpResponse = saying(503)
    else:
        response = render(request, "foundation/offline.html", status=503)
    response["Retry-After"] = "2"
    return response
