"""
What the role matrix does not try: bytes that are no text, bodies without end, a cookie that was copied, and
whether the database is asked the same about a patient who is absent as about one who is forbidden.
"""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import signed_in

from ..matrix.calls import CALLS, REACHES_BEN, Call
from ..matrix.test_bad_addresses import may_come
from ..matrix.world import ROLES, give_back_the_passwords

PAGES = [call for call in CALLS if call.method == "GET"]
FORMS = [call for call in CALLS if call.method == "POST" and not call.as_json and call.allowed]
QUERIES = {
    "bytes that are no text": "q=%ff%fe&after=%c0%80&site=%ed%a0%80&limit=%80",
    "half an escape": "q=%&after=%2&site=%zz",
    "the same name many times": "&".join(["q=a"] * 900),
    "names of every kind": "q[]=1&q.x=2&__proto__=3&q%00=4&%ff=5",
    "a number without end": "limit=" + "9" * 5_000,
    "a path upwards": "next=../../../../etc/passwd&q=..%2f..%2f&id=%2e%2e%2f",
    "two statements": "q=1%27%29%3B+DELETE+FROM+patients_patient%3B--&site=1%27+OR+%271%27%3D%271",
}
BODIES = {
    "bytes that are no text": b"\xff\xfe=\xff&family=%ff%fe&reason=\xed\xa0\x80",
    "no form at all": b"{]",
    "ten thousand fields": b"&".join(b"f%d=1" % number for number in range(10_000)),
    "a form that ends halfway": b"family=%",
}
FORM = "application/x-www-form-urlencoded"


def test_the_kinds_of_calls_are_there():
    assert len(PAGES) > 30
    assert len(FORMS) > 20


@pytest.mark.parametrize("call", PAGES, ids=str)
def test_an_address_with_bytes_that_nobody_types_is_answered(world, call):
    client, path = signed_in(world.actors[may_come(call)]), call.path(world, world.ann)
    for kind, query in QUERIES.items():
        answer = client.get(path, QUERY_STRING=query)
        assert answer.status_code < 500, kind
        answer.close()


@pytest.mark.parametrize("call", FORMS, ids=str)
def test_a_form_with_bytes_that_nobody_types_is_refused(world, call):
    client, path = signed_in(world.actors[may_come(call)]), call.path(world, world.ann)
    for kind, body in BODIES.items():
        for sent_as in (FORM, "multipart/form-data; boundary=x"):
            answer = client.post(path, body, content_type=sent_as)
            assert answer.status_code < 500, (kind, sent_as)
    give_back_the_passwords(world)


def test_a_body_of_ten_megabytes_is_refused_unread_wherever_it_is_sent(world):
    client = signed_in(world.actors["senior_practitioner"])
    body = b"a=" + b"x" * 10_000_000
    for call in FORMS:
        path = call.path(world, world.ann)
        if path not in settings.WILLOWBARK_UPLOAD_PATHS:
            assert client.post(path, body, content_type=FORM).status_code == 413, call.name


def asked_by(client: Client, path: str) -> tuple[list[str], bytes]:
    """The statements that a request makes, without their values, and what it answers."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    shapes = [re.sub(r"'[^']*'(::\w+)?|\b\d+\b", "?", query["sql"]) for query in captured]
    return shapes, said


def both_kinds(calls: list[Call]) -> list[tuple[Call, str]]:
    """Each call by a role that may make it about others, and by one that may not make it at all."""
    found = []
    for call in calls:
        allowed = [
            role for role in ROLES if role in call.allowed and role not in REACHES_BEN.get(call.name, ())
        ]
        others = [role for role in ROLES if role not in call.allowed]
        found += [(call, role) for role in (*allowed[:1], *others[:1])]
    return found


@pytest.mark.parametrize(("call", "role"), both_kinds([call for call in PAGES if call.of_patient]), ids=str)
def test_the_database_is_asked_the_same_of_who_is_absent_as_of_who_is_forbidden(world, call: Call, role):
    """So nothing about time tells the two apart, whatever clock somebody holds to it."""
    client = signed_in(world.actors[role])
    client.get("/")
    forbidden, absent = call.path(world, world.ben), call.path(world, uuid7())

    one, other = asked_by(client, forbidden), asked_by(client, absent)

    assert one[1] == other[1]
    assert one[0] == other[0]


@pytest.mark.parametrize(("call", "role"), both_kinds([call for call in CALLS if call.of_patient]), ids=str)
def test_every_refusal_about_a_patient_is_in_the_access_log(world, module_owner, call, role):
    client, prepared = signed_in(world.actors[role]), call.prepared(world, world.ben)
    count = (
        "SELECT count(*) FROM foundation_accessentry"
        " WHERE outcome = 'refused' AND patient_id = %s AND actor_id = %s"
    )
    values = [world.ben, world.actors[role].user_id]
    (before,) = module_owner.execute(count, values).fetchone()

    prepared.by(client)

    (after,) = module_owner.execute(count, values).fetchone()
    assert after == before + 1


def test_a_copied_cookie_ends_with_the_session_it_was_copied_from(world):
    owner = signed_in(world.actors["practitioner"])
    thief = Client(headers={"User-Agent": "another browser"})
    thief.cookies["willowbark_session"] = owner.cookies["willowbark_session"].value
    chart = reverse("record:chart", args=[world.ann])
    assert owner.get(chart).status_code == 200

    owner.post(reverse("practice:sign_out"))

    assert thief.get(chart).status_code == 302


@pytest.mark.parametrize(
    "cookie", ["", "x" * 32, "../../../etc/passwd", "'; DROP TABLE django_session; --", "\xff" * 40]
)
def test_a_made_up_cookie_is_nobodys(world, cookie):
    thief = Client()
    thief.cookies["willowbark_session"] = cookie

    assert thief.get(reverse("record:chart", args=[world.ann])).status_code == 302
