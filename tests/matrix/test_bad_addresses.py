"""Whatever somebody types into an address or a form is answered: never a crash, never half a change."""

from __future__ import annotations

import dataclasses
import json
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from willowbark.foundation import cursors
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import signed_in

from .calls import CALLS, Call
from .world import ROLES, give_back_the_passwords

NASTY = {
    "a NUL": "a\0b",
    "emoji and accents": "\U0001f600 e\u0301",
    "right to left": "\u202egnp.exe",
    "endless": "x" * 20_000,
    "sql": "'; DROP TABLE patients_patient; --",
    "markup": "<script>alert(1)</script>",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}",
    "like patterns": "%_\\%",
    "an infinite number": "1e999",
    "a negative": "-1",
    "digits of another script": "\u0661\u0662",
    "a date before dates": "0000-00-00",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "a path": "../../../etc/passwd",
    "a header": "a\r\nSet-Cookie: x=1",
    "only spaces": "   ",
    "nothing": "",
    "half an id": str(uuid7())[:20],
    "a cursor with a NUL": cursors.write("a\0b", uuid7()),
    "a cursor of words": cursors.write("words", uuid7()),
    "a cursor without a date": cursors.write(None, uuid7()),
    "a cursor of the first year": cursors.write("0001-01-01T00:00:00+14:00", uuid7()),
    "a broken cursor": "====",
}
# What the pages and calls read from their address.
ASKED = [
    "q",
    "site",
    "after",
    "before",
    "limit",
    "kind",
    "year",
    "id",
    "code",
    "date",
    "next",
    "topics",
    "done",
]
# Each field of each form is given these.
INTO_FORMS = ("a NUL", "endless", "markup", "nothing")


def may_come(call: Call) -> str:
    return next((role for role in ROLES if role in call.allowed), "owner")


def is_data(answer) -> bool:
    """No browser takes it for a page, whatever it says."""
    kind = answer.headers["Content-Type"].partition(";")[0] if "Content-Type" in answer.headers else ""
    return kind == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "GET"], ids=str)
def test_an_address_with_anything_in_it_is_answered(world, rows, call):
    path = call.path(world, world.ann)
    client, before = signed_in(world.actors[may_come(call)]), rows()
    for kind, nasty in NASTY.items():
        answer = client.get(path, dict.fromkeys(ASKED, nasty))
        assert answer.status_code < 500, kind
        assert b"<script>alert(1)" not in (b"" if answer.streaming else answer.content)
        assert "Set-Cookie" not in answer.headers
        answer.close()
    for name in ASKED:
        answer = client.get(path, {name: "a\0b"})
        assert answer.status_code < 500, name
        answer.close()
    assert rows() == before


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_a_place_in_the_path_with_anything_in_it_is_answered(world, nasty):
    client = signed_in(world.actors["senior_practitioner"])
    for path in (
        f"/patients/{world.ann}/labs/{quote(nasty)}",
        f"/patients/{quote(nasty, safe='')}",
        f"/practice/people/{quote(nasty, safe='')}",
        f"/api/patients/{quote(nasty, safe='')}",
        f"/imports/{quote(nasty, safe='')}",
        f"/{quote(nasty, safe='')}",
    ):
        answer = client.get(path)
        assert answer.status_code < 500, path[:100]
        assert b"<script>alert(1)" not in answer.content


@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "POST" and call.allowed], ids=str)
def test_a_form_with_anything_in_it_is_answered_and_a_refusal_changes_nothing(world, rows, call):
    for name in call.prepared(world, world.ann).body:
        for kind in INTO_FORMS:
            prepared = call.prepared(world, world.ann)
            if isinstance(prepared.body[name], SimpleUploadedFile):
                continue
            client, before = signed_in(world.actors[may_come(call)]), rows()
            answer = dataclasses.replace(prepared, body=prepared.body | {name: NASTY[kind]}).by(client)
            assert answer.status_code < 500, f"{name}: {kind}"
            assert is_data(answer) or b"<script>alert(1)" not in answer.content
            if answer.status_code >= 400:
                assert rows() == before, f"{name}: {kind}"
    give_back_the_passwords(world)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"value": NaN}',
        b'{"value": Infinity}',
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": ' * 50_000,
        json.dumps({"visit_id": 7, "task_kind": 7, "active_seconds": {}}).encode(),
        b'{"visit_id": "01a20000-0000-7000-8000-000000000000", "task_kind": "x", "active_seconds": Infinity}',
        b'{"visit_id": "01a20000-0000-7000-8000-000000000000", "task_kind": "x", "active_seconds": 1e400}',
        b'{"visit_id": "01a20000-0000-7000-8000-000000000000", "task_kind": "\\ud800", "active_seconds": 1}',
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
@pytest.mark.parametrize("call", [call for call in CALLS if call.as_json], ids=str)
def test_a_call_with_any_body_is_answered_and_changes_nothing(world, rows, call, body):
    path = call.path(world, world.ann)
    client, before = signed_in(world.actors[may_come(call)]), rows()
    answer = client.post(path, body, content_type="application/json")

    assert 400 <= answer.status_code < 500
    assert rows() == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"effective_at": "2024-03-05T10:00:00"}, "effective_at"),
        ({"effective_at": "0001-01-01T00:00:00+14:00"}, "effective_at"),
        ({"effective_at": "2999-01-01T00:00:00Z"}, "effective_at"),
        ({"value": "NaN"}, "value"),
        ({"value": "1E+100000"}, "value"),
        ({"value": "x"}, "value"),
        ({"text": "a\0b"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"unit": "x" * 61}, "unit"),
        ({"code": ""}, "code"),
        ({"request_key": "nonsense"}, "request_key"),
    ],
    ids=str,
)
def test_a_result_that_cannot_be_kept_is_refused_and_the_chart_still_opens(world, rows, said, field):
    call = next(call for call in CALLS if call.name.endswith(":add_observation"))
    prepared = call.prepared(world, world.ann)
    client, before = signed_in(world.actors["practitioner"]), rows()
    answer = dataclasses.replace(prepared, body=prepared.body | said).by(client)

    assert answer.status_code == 422
    assert rows() == before
    assert client.get(f"/patients/{world.ann}").status_code == 200


@pytest.mark.parametrize("value", ["5.40", "0.00000012", "123456789012345678901234.5678"])
def test_a_number_goes_in_and_comes_out_with_every_digit(world, value):
    call = next(call for call in CALLS if call.name.endswith(":add_observation"))
    prepared = call.prepared(world, world.ann)
    client = signed_in(world.actors["practitioner"])
    body = json.dumps(prepared.body | {"code": f"exact {value}"}).replace('"value": 95', f'"value": {value}')
    answer = client.post(prepared.path, body, content_type="application/json")
    assert answer.status_code == 201, answer.content

    (row,) = client.get(prepared.path, {"code": f"exact {value}"}).json()["observations"]
    assert row["value"] == value
