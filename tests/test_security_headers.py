"""What every answer says to the browser about what it may load, tell and be framed by."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from willowbark.practice.testing import make_practice, signed_in


@pytest.fixture(scope="module")
def practice(module_database):
    return make_practice()


PATHS = (
    "/sign-in",
    "/",
    "/account/second-factor/app",
    "/no/such/page",
    "/api/patients",
    "/static/no-such-file",
)


def directives(answer) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", PATHS)
def test_a_page_loads_from_its_own_origin_alone_and_is_framed_by_nobody(practice, path):
    policy = directives(signed_in(practice.owner).get(path))

    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == ["'none'"]
    loaded = {name: values for name, values in policy.items() if values != ["'none'"]}
    assert set(map(tuple, loaded.values())) == {("'self'",)}, (
        "no inline script or style, no data, nobody else"
    )


@pytest.mark.parametrize("path", PATHS)
def test_what_a_page_may_ask_of_the_device_is_a_passkey_and_nothing_else(practice, path):
    answer = signed_in(practice.owner).get(path)
    features = dict(part.split("=") for part in answer.headers["Permissions-Policy"].split(", "))

    assert {name for name, who in features.items() if who != "()"} == {
        "publickey-credentials-get",
        "publickey-credentials-create",
    }
    assert {features[f"publickey-credentials-{name}"] for name in ("get", "create")} == {"(self)"}
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_behind_tls_a_browser_is_told_to_come_over_tls_alone_and_at_localhost_it_is_not(practice, settings):
    header = "Strict-Transport-Security"
    assert header not in Client().get("/sign-in").headers
    settings.WILLOWBARK = settings.WILLOWBARK.model_copy(update={"https": True})
    for path in PATHS:
        assert Client().get(path).headers[header] == "max-age=31536000"


def test_a_session_cookie_is_read_by_no_script_and_sent_by_no_other_site(practice):
    client = Client()
    client.get(reverse("practice:passkey"))
    cookie = client.cookies["willowbark_session"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
