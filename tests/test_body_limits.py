from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser
from django.test import Client
from django.urls import reverse

from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import make_practice, signed_in

LARGE = 5 * 1024 * 1024 + 1
UPLOAD = "/imports/upload"


class Spy:
    """A body that tells whether anybody began to read it."""

    def __init__(self, content: bytes = b"") -> None:
        self.content, self.read_bytes = content, 0

    def read(self, size: int = -1) -> bytes:
        self.read_bytes += max(size, 0)
        return b""

    readline = read


@pytest.fixture
def practice(db):
    return make_practice()


@pytest.fixture
def nothing_spooled(monkeypatch):
    """No form is parsed, and no file is begun, in memory or on disk."""
    begun: list[str] = []
    for handler in (MemoryFileUploadHandler, TemporaryFileUploadHandler):
        monkeypatch.setattr(handler, "new_file", lambda self, *args, **more: begun.append("file"))
    yield begun
    assert begun == []


def send(client: Client, path: str, body: Spy, length: object, **more):
    return client.generic("POST", path, b"", **{"CONTENT_LENGTH": str(length), "wsgi.input": body, **more})


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/patients", "/effort", "/nowhere"])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("who", ["somebody", "nobody"])
def test_a_body_too_large_is_refused_before_it_is_read(practice, nothing_spooled, path, kind, who):
    body = Spy()
    client = signed_in(practice.owner if who == "somebody" else None)
    answer = send(client, path, body, LARGE, CONTENT_TYPE=kind)

    assert (answer.status_code, body.read_bytes) == (413, 0)
    if path.startswith("/api/"):
        assert answer.json()["code"] == "too_large"
    else:
        assert "5 MB" in answer.content.decode()


def test_nobody_may_hand_in_files_who_is_not_signed_in(practice, nothing_spooled):
    for client in (Client(), signed_in(None)):
        for length in (1000, LARGE):
            body = Spy()
            answer = send(client, UPLOAD, body, length, CONTENT_TYPE="multipart/form-data; boundary=x")
            assert (answer.status_code, body.read_bytes) == (302, 0)
            assert answer.headers["Location"].startswith("/sign-in")

    planted = Client()
    planted.cookies["willowbark_session"] = "x" * 32
    assert send(planted, UPLOAD, Spy(), LARGE).status_code == 302


def test_who_is_signed_in_may_hand_in_more_where_files_belong_but_not_without_end(
    practice, nothing_spooled, settings
):
    client, body = signed_in(practice.owner), Spy()
    over = settings.WILLOWBARK.upload_limit_bytes + 1
    assert send(client, UPLOAD, body, over, CONTENT_TYPE="multipart/form-data; boundary=x").status_code == 413
    assert body.read_bytes == 0


def test_files_where_files_belong_are_read(practice, monkeypatch):
    read: list[int] = []
    parse = MultiPartParser.parse

    def noted(parser):
        read.append(1)
        return parse(parser)

    monkeypatch.setattr(MultiPartParser, "parse", noted)
    file = SimpleUploadedFile("a.json", b"x" * LARGE)
    answer = signed_in(practice.owner).post(UPLOAD, {"files": [file], "request_key": str(uuid7())})

    assert answer.status_code in (302, 422)
    assert read == [1]


@pytest.mark.parametrize("path", ["/sign-in", "/account/password", "/effort", "/nowhere", "/api/patients"])
@pytest.mark.parametrize("checks", [True, False])
def test_a_file_anywhere_else_is_refused_at_its_first_byte(practice, nothing_spooled, path, checks):
    client = signed_in(practice.owner, enforce_csrf_checks=checks)
    client.cookies["willowbark_csrf"] = "a" * 32
    answer = client.post(path, {"email": "a", "file": SimpleUploadedFile("a.json", b"{}")})

    if path == "/nowhere":
        assert answer.status_code == 404
    elif path == "/api/patients":
        assert answer.status_code == 405
    elif path == "/effort" and not checks:
        assert answer.status_code in (415, 422)
    else:
        assert answer.status_code == 415
        assert "No files are taken" in answer.content.decode()


def test_a_form_without_files_may_come_in_parts(practice):
    assert signed_in(None).post("/sign-in", {"email": "a", "password": "b"}).status_code == 401


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}, 411),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "5"}, 411),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "a"}, 400),
        ({"CONTENT_LENGTH": "9" * 30}, 400),
        ({"CONTENT_LENGTH": "٣"}, 400),
    ],
)
def test_a_body_without_a_plain_length_is_refused(practice, head, status):
    body = Spy()
    answer = signed_in(practice.owner).generic("POST", "/api/patients", b"", **{"wsgi.input": body, **head})

    assert (answer.status_code, body.read_bytes) == (status, 0)
    assert set(answer.json()) == {"code", "message"}


def test_a_nul_character_in_an_address_is_refused(practice):
    client, patient = signed_in(practice.owner), uuid7()
    for path in (f"/patients/{patient}/labs/%00", "/patients?q=%00", "/patients?%00=1", "/%00"):
        answer = client.get(path)
        assert answer.status_code == 400, path
        assert "NUL" in answer.content.decode()
    for path in (f"/api/patients/{patient}/observations?code=%00", f"/api/patients/%00{patient}"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "nul_character")
    assert client.get("/patients?q=%2500").status_code == 200


def test_a_nul_character_in_a_form_is_refused_by_the_fields_name(practice):
    client = signed_in(practice.owner)
    address = reverse("practice:own_password")
    assert client.post(address, {"current": "a\0b"}).status_code == 422
    assert client.post(address, {"cur\0rent": "a"}).status_code == 422
    assert "NUL" in client.post(address, {"current": "\0"}).content.decode()
