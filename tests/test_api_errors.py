"""Whatever fails under /api/ has one shape, and the description of the API says so."""

from __future__ import annotations

import json
import re

import pytest

from willowbark.config.api import api
from willowbark.foundation.ids import uuid7
from willowbark.patients import selectors
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import make_practice, signed_in

OPERATIONS = [
    (path, method, operation)
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items()
    for method, operation in methods.items()
]


@pytest.fixture
def practice(db):
    return make_practice()


def said(answer, status: int, code: str) -> str:
    """What was said, when it is of the one shape."""
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert (answer.status_code, sorted(body), body["code"]) == (status, ["code", "message"], code)
    assert isinstance(body["message"], str)
    return body["message"]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_each_operation_declares_its_failures(path, method, operation):
    assert OPERATIONS
    for status in (400, 401, 403, 404, 409, 422, 500):
        content = operation["responses"][status]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorOut"}, (path, method, status)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_each_operation_asks_who_is_there(practice, path, method, operation):
    address = re.sub(r"\{\w+_id\}", str(uuid7()), path).replace("{key}", "zinc").replace("{number}", "1")
    said(getattr(signed_in(None), method)(address), 401, "sign_in")


def test_a_field_that_is_wrong_is_named_and_what_it_held_is_not_repeated(practice):
    client, patient = signed_in(practice.owner), make_patient(practice)
    address = f"/api/patients/{patient.pk}/observations"
    body = {
        "code": "1",
        "text": "secretword",
        "effective_at": "secretword",
        "request_key": "secretword",
        "value": "zzz",
    }
    message = said(client.post(address, body, content_type="application/json"), 422, "invalid")

    assert "secretword" not in message
    assert all(name in message for name in ("effective_at", "request_key", "value"))
    assert "code is missing" in said(client.get(address), 422, "invalid")
    assert "limit" in said(client.get("/api/patients?limit=secretword"), 422, "invalid")


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 100_000, b"{} {}", b'{"value": NaN}', b'{"value": ' + b"9" * 10_000 + b"}"]
)
def test_what_is_no_json_is_refused(practice, body):
    address = f"/api/patients/{make_patient(practice).pk}/observations"
    answer = signed_in(practice.owner).generic("POST", address, body, content_type="application/json")
    said(answer, 400, "bad_request")


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800"])
def test_text_that_the_database_cannot_keep_is_refused(practice, text):
    address = f"/api/patients/{make_patient(practice).pk}/observations"
    for body in ({"text": text}, {text: 1}, {"more": [{"deep": [text]}]}):
        sent = json.dumps(body).encode()
        answer = signed_in(practice.owner).generic("POST", address, sent, content_type="application/json")
        assert "cannot be kept" in said(answer, 422, "invalid")


def test_an_address_that_is_not_there_and_a_method_that_does_not_belong(practice):
    client = signed_in(practice.owner)
    said(client.get("/api/nowhere"), 404, "not_found")
    said(client.get("/api/patients/no-id"), 404, "not_found")
    said(client.get(f"/api/patients/{uuid7()}"), 404, "not_found")
    answer = client.delete("/api/patients")
    said(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


def test_a_request_that_may_be_forged_is_refused(practice):
    client = signed_in(practice.owner, enforce_csrf_checks=True)
    said(
        client.post(f"/api/patients/{uuid7()}/observations", {}, content_type="application/json"),
        403,
        "forged",
    )


def test_a_request_under_another_name_is_refused(practice):
    said(signed_in(practice.owner).get("/api/patients", headers={"Host": "evil.test"}), 400, "bad_request")


def test_a_fault_of_ours_says_nothing_of_what_it_was(practice, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("secretword")

    monkeypatch.setattr(selectors, "search", fail)
    message = said(signed_in(practice.owner).get("/api/patients"), 500, "unexpected")

    assert "secretword" not in message
    assert "secretword" not in caplog.messages
