"""
Every address, called as every role: who may come is let in, everybody else finds nothing there.

An address that is added must be added to `CALLS`, with the roles that may come written out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from willowbark.config.api import api
from willowbark.foundation import clock, live, step_up
from willowbark.foundation.ids import uuid7
from willowbark.foundation.security import HEADERS
from willowbark.patients.testing import first_wall_down
from willowbark.practice.roles import shipped_roles
from willowbark.practice.testing import (
    signed_in,
)

from .calls import CALLS, REACHES_BEN, Call
from .world import CHART_READERS, EVERY_ROLE, ROLELESS, ROLES, SIGNED_IN, give_back_the_passwords

# Addresses that declare nothing, and why they need not.
UNDECLARED = {
    "api/openapi.json": "describes the calls; holds nothing of the practice",
    "api/": "answers that there is no such page",
}


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        else:
            yield route, each


def names_of(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from names_of(each, f"{each.namespace}:" if each.namespace else space)
        else:
            yield f"{space}{each.name}", each


def operations() -> dict[str, Any]:
    """The calls of the JSON API: their name -> what they declare."""
    found = {}
    for _, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                name = f"{api.urls_namespace}:{operation.url_name or operation.view_func.__name__}"
                for method in operation.methods:
                    found[f"{method} {name}"] = getattr(operation.view_func, "declares", None)
    return found


def declared() -> dict[str, Any]:
    """Everything that can be called: `METHOD name` -> what it declares."""
    found = operations()
    for name, pattern in names_of():
        if name.startswith(f"{api.urls_namespace}:"):
            continue
        declares = getattr(pattern.callback, "declares", None)
        for method in methods_of(pattern):
            found[f"{method} {name}"] = declares
    return found


def methods_of(pattern: URLPattern) -> list[str]:
    """What the address answers to, as its refusal of another method says; GET if it refuses none."""
    request = HttpRequest()
    request.method = "TRACE"
    wrapped = pattern.callback
    if not hasattr(wrapped, "__wrapped__"):
        return ["GET"]
    answer = wrapped(request)
    assert answer.status_code == 405, pattern
    return [method for method in re.split(", *", answer.headers["Allow"]) if method != "HEAD"]


def test_no_address_is_left_out_of_the_matrix():
    assert sorted({str(call) for call in CALLS}) == sorted(declared())


def test_every_address_declares_who_may_come_or_stands_in_the_list_with_a_reason():
    # A call of the API shares its address with others; each declares for itself, which `declared` looks at.
    called = {operation.rpartition(":")[2] for operation in operations()}
    undeclared = {
        route
        for route, pattern in patterns()
        if not hasattr(pattern.callback, "declares")
        and not (route.startswith("api/") and pattern.name in called)
    }
    assert undeclared == set(UNDECLARED)
    assert None not in declared().values()


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_an_address_declares_is_what_the_matrix_says(call):
    declares = declared()[str(call)]
    assert declares.public is call.public
    if declares.public:
        return
    holders = {
        role for role in ROLES if set(shipped_roles()[role]["permissions"]) & set(declares.permissions)
    }
    may_come = holders if declares.permissions else SIGNED_IN
    assert call.allowed < may_come if call.is_for_fewer else call.allowed == may_come


# What is done only by who confirmed lately who they are.
CONFIRMED = {
    "POST protocols:sign",
    "POST protocols:approve_master",
    "POST protocols:adopt_master",
    "POST protocols:retire_master",
    f"POST {api.urls_namespace}:library_approve",
    f"POST {api.urls_namespace}:library_adopt",
    f"POST {api.urls_namespace}:library_retire",
    "POST interop_export:ask_practice",
    "POST interop_export:ask_patient",
    "GET interop_export:download",
    "GET practice:new_person",
    "POST practice:new_person",
    "POST practice:details",
    "POST practice:give_role",
    "POST practice:take_role",
    "POST practice:active",
    "POST practice:password",
    "POST practice:reset_factors",
    "POST practice:ask_second_factor",
    "GET practice:add_app",
    "POST practice:add_app",
    "GET practice:add_passkey",
    "POST practice:add_passkey",
    "GET practice:new_passkey_asked",
    "POST practice:remove_factor",
    "GET practice:recovery_codes",
    "POST practice:recovery_codes",
}


def test_what_asks_for_confirmation_stands_here_by_name():
    assert {name for name, declares in declared().items() if declares.confirmed} == CONFIRMED


@pytest.mark.parametrize("call", [call for call in CALLS if str(call) in CONFIRMED], ids=str)
def test_who_has_not_confirmed_lately_who_they_are_is_asked_and_nothing_moves(world, rows, call):
    client = signed_in(world.actors[sorted(call.allowed)[0]])
    prepared = call.prepared(world, world.ann)
    before = rows()
    with clock.at(clock.now() + step_up.CONFIRMED_FOR + timedelta(seconds=1)):
        answer = prepared.by(client)

    if call.is_api:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_confirmed")
    else:
        assert answer.status_code in (302, 307)
        assert answer.headers["Location"].startswith("/account/confirm?next=")
    assert has_guarding_headers(answer)
    assert rows() == before


def is_the_same_nothing(call: Call, answer) -> bool:
    """What is forbidden reads exactly like what is not there."""
    if answer.status_code != 404:
        return False
    if call.is_api:
        return answer.json()["code"] == "not_found"
    text = answer.content.decode()
    return "There is no such page, or it is not yours to see." in text


def has_guarding_headers(answer) -> bool:
    guarded = all(answer.headers.get(name) for name in HEADERS)
    return guarded and answer.headers.get("Cache-Control") == "no-store" and "X-Request-Id" in answer.headers


@pytest.mark.parametrize("role", [*ROLES, ROLELESS])
@pytest.mark.parametrize("call", [call for call in CALLS if not call.public], ids=str)
def test_whoever_may_come_is_let_in_and_nobody_else(world, rows, call, role):
    client, prepared = signed_in(world.actors[role]), call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(client)

    assert has_guarding_headers(answer)
    if role in call.allowed:
        done = 200 <= answer.status_code < 400
        assert done if not call.cannot else answer.status_code == call.cannot, answer.content.decode()[:2000]
    else:
        assert is_the_same_nothing(call, answer), answer.content.decode()[:2000]
        assert not re.search("secret|whois|anntask|bentask", answer.content.decode())
        assert rows() == before, "a refused call changed something"
    answer.close()
    give_back_the_passwords(world)


@pytest.mark.parametrize("call", [call for call in CALLS if not call.public], ids=str)
def test_who_has_not_signed_in_is_asked_to_and_nothing_moves(world, rows, call):
    prepared = call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(signed_in(None))

    assert has_guarding_headers(answer)
    if call.is_api:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in?next=")
    assert not re.search(b"secret|whois-", answer.content)
    assert rows() == before


@pytest.mark.parametrize("role", [*ROLES, ROLELESS])
@pytest.mark.parametrize("call", [call for call in CALLS if call.of_patient], ids=str)
def test_a_patient_out_of_reach_is_not_there_and_nothing_moves(world, rows, call, role):
    client = signed_in(world.actors[role])
    of_ben, of_nobody = call.prepared(world, world.ben), call.prepared(world, uuid7())
    before = rows()
    answer, absent = of_ben.by(client), of_nobody.by(client)

    if role in REACHES_BEN.get(call.name, ()):
        assert answer.status_code in (200, 204, 302)
        return
    assert is_the_same_nothing(call, answer)
    assert answer.content == absent.content, "it reads otherwise than a patient who does not exist"
    assert rows() == before


def test_the_test_that_takes_the_first_wall_down_really_does(world):
    """Else what follows would prove nothing: without the wall, the desk gets as far as the chart's head."""
    client, path = signed_in(world.actors["front_desk"]), reverse("record:chart", args=[world.ann])
    assert client.get(path).status_code == 404
    with first_wall_down():
        answer = client.get(path)

    assert answer.status_code == 200
    assert b"annwhois" in answer.content
    assert b"annsecret" not in answer.content


# What the database lets happen without the code's consent, and why nobody is worse off.
HARMLESS = {
    ("POST foundation:effort", ROLELESS): "one writes one's own working time, and no other's",
    ("POST knowledge:check", ROLELESS): "facts of a file, of no person; nothing is kept",
    (f"POST {api.urls_namespace}:knowledge_check", ROLELESS): "the same",
    ("POST assistant:words_form", "owner"): "one's own words come back; nothing is kept",
    ("POST assistant:words_preview", "owner"): "one's own words and the practice's lists; nothing is kept",
    ("POST patients:add_carer", "owner"): "who manages the practice says who works with whom",
    ("POST patients:put_first", "owner"): "the same; it opens nobody's chart to the owner",
    ("POST patients:end_care", "owner"): "the same",
    ("POST patients:resume", "owner"): "the same",
    **{
        ("POST patients:done_with_glass", role): "one ends one's own access, and no other's"
        for role in ("owner", "front_desk", "dispensary", ROLELESS)
    },
}
# Words that a role may read of Ben: the owner reads everywhere who a patient is and what is to be done.
MAY_READ = {"owner": {"benwhois", "bentask"}}


def foreign_calls() -> Iterator[tuple[Call, str]]:
    """Every call by every role that it is not for; about Ben, if it is about a patient."""
    for call in CALLS:
        for role in (*ROLES, ROLELESS):
            theirs = role in (REACHES_BEN.get(call.name, ()) if call.of_patient else call.allowed)
            if not call.public and not theirs and (str(call), role) not in HARMLESS:
                yield call, role


@pytest.mark.parametrize(("call", "role"), [*foreign_calls()], ids=str)
def test_with_no_permission_asked_for_the_database_still_refuses(world, rows, call, role):
    """Every check in the code lets everybody through: no foreign word comes out, no row moves."""
    client = signed_in(world.actors[role])
    prepared = call.prepared(world, world.ben if call.of_patient else world.ann)
    before = rows()
    with first_wall_down():
        answer = prepared.by(client)
    content = answer.streaming_content if answer.streaming else [answer.content]
    words = set(re.findall("(?:ann|ben)(?:whois|secret|task)", b"".join(content).decode()))

    theirs = {"annwhois", "annsecret", "anntask"} if role in EVERY_ROLE else set()
    assert not words - theirs - MAY_READ.get(role, set())
    assert call.method == "GET" or answer.status_code >= 400, "it says that it was done"
    assert rows() == before, "a row moved"


@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "POST" and call.allowed], ids=str)
def test_a_forged_form_is_refused_and_nothing_moves(world, rows, call):
    role = sorted(call.allowed & EVERY_ROLE)[0]
    client = signed_in(world.actors[role], enforce_csrf_checks=True)
    prepared = call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(client)

    assert answer.status_code == 403
    assert has_guarding_headers(answer)
    assert rows() == before


@pytest.fixture(scope="module")
def paths(world) -> dict[Call, str]:
    """Where each call goes about Ann; many put something there first."""
    return {call: call.path(world, world.ann) for call in CALLS}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_an_address_answers_to_no_other_method(world, rows, paths, call):
    path = paths[call]
    same = {each.method for each, its in paths.items() if each.name == call.name or its == path}
    if call.name in {"foundation:alive", "foundation:ready", "foundation:metrics"}:
        pytest.skip("it reads nothing of a patient and changes nothing, whatever the method")
    client = signed_in(world.actors["owner"])
    before = rows()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - same:
        answer = client.generic(method, path)
        assert answer.status_code == 405, method
        assert has_guarding_headers(answer)
    assert rows() == before


@pytest.mark.parametrize("path", ["/no/such/page", "/api/no-such-call", "/static/no-such-file", "/api/"])
def test_what_is_not_there_guards_itself_too(world, path):
    answer = signed_in(world.actors["owner"]).get(path)

    assert answer.status_code == 404
    assert all(answer.headers.get(name) for name in HEADERS)


def test_metrics_are_there_for_who_holds_the_token_alone(world, settings):
    client = signed_in(world.actors["owner"])
    assert client.get("/metrics").status_code == 404
    settings.WILLOWBARK = settings.WILLOWBARK.model_copy(update={"metrics_token": "a token"})
    for header in ("", "Bearer", "Bearer wrong", "a token2"):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.status_code == 200
    assert b"willowbark_outbox_waiting" in answer.content
    assert not re.search(b"secret|whois", answer.content)


def test_a_stream_of_events_tells_each_role_only_what_it_may_hear(world, monkeypatch):
    """Of a patient, only those who reach them."""
    heard: dict[str, frozenset[str]] = {}
    monkeypatch.setattr(live, "stream", lambda user_id, topics, **_: iter([*map(str.encode, topics)]))
    ann, ben = f"record.changed:{world.ann}", f"record.changed:{world.ben}"
    for role in (*ROLES, ROLELESS):
        asked = f"{ann}+{ben}+record.changed+record.changed:nonsense+no.such.topic"
        answer = signed_in(world.actors[role]).get(f"/live?topics={asked}")
        heard[role] = frozenset(part.decode() for part in answer.streaming_content)

    assert heard == {role: {ann} if role in CHART_READERS else set() for role in heard}


def test_the_description_of_the_api_is_valid_and_says_nothing_of_anybody(world):
    answer = signed_in(None).get("/api/openapi.json")
    described = answer.json()

    assert described["openapi"].startswith("3.1")
    assert not re.search(b"secret|whois", answer.content)
    for path in described["paths"].values():
        for operation in path.values():
            assert {"401", "404", "422"} <= set(operation["responses"])
