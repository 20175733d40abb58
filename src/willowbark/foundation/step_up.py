"""
Step-up: what matters most is done only by who said a short while ago who they are.

Signing in counts, and so does confirming it since. `@endpoint(..., confirmed=True)` and
`@operation(..., confirmed=True)` ask for it; the page that confirms is the practice's.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from willowbark.foundation import clock
from willowbark.kernel.errors import DomainError

CONFIRMED_FOR = timedelta(minutes=15)

# The key under which a session says when its person last confirmed who they are, in seconds.
CONFIRMED = "willowbark_confirmed"


class NotConfirmed(DomainError):
    """Who is signed in has not confirmed lately who they are. Nothing was changed."""

    code = "not_confirmed"


class SendAgain(HttpResponseRedirect):
    """An answer on which the browser sends the same form, unchanged, to another address."""

    status_code = 307


def confirm(request: HttpRequest) -> None:
    """Note in the session that its person has just said who they are."""
    request.session[CONFIRMED] = int(clock.now().timestamp())


def is_confirmed(request: HttpRequest) -> bool:
    """Whether whoever is signed in said within the last 15 minutes who they are."""
    confirmed = request.session.get(CONFIRMED)
    return confirmed is not None and clock.now().timestamp() - confirmed < CONFIRMED_FOR.total_seconds()


def require_confirmed(request: HttpRequest) -> None:
    """
    Let a request pass whose person confirmed lately who they are.

    Raises:
        NotConfirmed: they did not within the last 15 minutes.
    """
    if not is_confirmed(request):
        raise NotConfirmed("Confirm who you are first. Nothing was changed.")


def ask(request: HttpRequest, error: NotConfirmed) -> HttpResponse:
    """
    Lead to the page that confirms, and from there back.

    A form is sent along and sent again from there, so that nothing that was typed is lost. htmx cannot do
    that: it is led to the page and back to where it was.
    """
    if request.headers.get("HX-Request"):
        url = _asking(_page_of(request))
        return HttpResponse(status=403, headers={"HX-Redirect": url, "X-Willow-Message": str(error)})
    url = _asking(request.get_full_path())
    return redirect(url) if request.method in ("GET", "HEAD") else SendAgain(url)


def is_ours(request: HttpRequest, url: str) -> bool:
    """Whether an address is one of our own pages."""
    hosts = {request.get_host()}
    return bool(url) and url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure())


def _asking(url: str) -> str:
    return f"{reverse('practice:confirm')}?{urlencode({'next': url})}"


def _page_of(request: HttpRequest) -> str:
    """The page on which htmx made a request."""
    url = request.headers.get("HX-Current-URL", "")
    if not is_ours(request, url):
        return "/"
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
