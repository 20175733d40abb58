"""
Every page of the role matrix in a real browser, as somebody who may see it: no request leaves the origin, and
the console says nothing, least of all that the content security policy stopped something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, ConsoleMessage

from willowbark.foundation.security import CONTENT_SECURITY_POLICY
from willowbark.foundation.testing import chromium
from willowbark.practice.testing import signed_in

from ..matrix.calls import CALLS
from ..matrix.world import ROLES, World

AT_LEAST = 35


@dataclass(frozen=True, slots=True)
class Visit:
    """One page, and the session of somebody who may see it; '' for a page that anybody may."""

    name: str
    path: str
    role: str
    cookie: str


@dataclass(slots=True)
class Seen:
    """What the browser did on one page."""

    policy: str = ""
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def visits(live_server) -> list[Visit]:
    """Every page that is a document; asked once before a browser's loop runs here, which the ORM refuses."""
    world, found = World(), []
    for call in CALLS:
        if call.method != "GET" or call.is_api or not (call.allowed or call.public):
            continue
        role = next((role for role in ROLES if role in call.allowed), "")
        client = signed_in(world.actors[role] if role else None)
        path = call.path(world, world.ann)
        answer = client.get(path)
        is_page = not answer.streaming and b"<html" in answer.content[:500]
        answer.close()
        if answer.status_code == 200 and is_page:
            session = client.cookies.get("willowbark_session")
            found.append(Visit(call.name, path, role, session.value if session else ""))
    return found


def seen_at(context: BrowserContext, origin: str, visit: Visit) -> Seen:
    """Open the page, and let what it asks for by itself come."""
    seen, page = Seen(), context.new_page()
    page.on("request", lambda one: _elsewhere(one.url, origin) and seen.elsewhere.append(one.url))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("console", lambda said: _is_complaint(said) and seen.complaints.append(said.text))
    answer = page.goto(origin + visit.path, wait_until="load")
    assert answer is not None
    seen.policy = answer.headers.get("content-security-policy", "")
    seen.complaints += page.evaluate("window.stopped")
    page.close()
    return seen


def _is_complaint(said: ConsoleMessage) -> bool:
    # Whoever opens fifty pages within seconds has more live streams than one may: the page asks again later.
    is_of_stream = urlsplit(said.location["url"]).path == reverse("foundation:live")
    return said.type in ("error", "warning") and not is_of_stream


def _elsewhere(url: str, origin: str) -> bool:
    return urlsplit(url).scheme not in ("data", "blob", "about") and not url.startswith(origin + "/")


def test_no_page_asks_anybody_else_and_none_breaks_its_policy(live_server, visits):
    found: dict[str, Seen] = {}
    with chromium() as browser:
        for role in sorted({visit.role for visit in visits}):
            context = browser.new_context()
            context.add_init_script(
                "window.stopped = [];"
                "addEventListener('securitypolicyviolation', event =>"
                " window.stopped.push(`${event.violatedDirective}: ${event.blockedURI}`))"
            )
            for visit in (one for one in visits if one.role == role):
                if visit.cookie:
                    session = {"name": "willowbark_session", "value": visit.cookie, "url": live_server.url}
                    context.add_cookies([session])
                found[visit.name] = seen_at(context, live_server.url, visit)
            context.close()

    assert len(found) >= AT_LEAST
    assert {name: seen.elsewhere for name, seen in found.items() if seen.elsewhere} == {}
    assert {name: seen.complaints for name, seen in found.items() if seen.complaints} == {}
    assert {name: seen.policy for name, seen in found.items() if seen.policy != CONTENT_SECURITY_POLICY} == {}
