"""A record is asked for, watched while it is made, taken, and opened."""

from __future__ import annotations

import json
import zipfile
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from playwright.sync_api import expect

from willowbark.foundation.acting import acting_as
from willowbark.interop.export.models import Export
from willowbark.interop.export.services import asking
from willowbark.interop.export.services.making import carry_out
from willowbark.patients.testing import make_patient
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, system_actor, user_id_of
from willowbark.practice.services import set_password
from willowbark.practice.testing import PracticeForTests, make_staff, staff_of
from willowbark.record.testing import make_entry

from .conftest import OWNER, beside

EVE = ("eve@practice.test", "evening over still water")
pytestmark = pytest.mark.browser


@pytest.fixture
def ann(served, tmp_path, monkeypatch) -> UUID:
    """Ann, with a problem, whom Eve reaches; exports lie in a folder of the test's."""
    monkeypatch.setattr(asking, "folder", lambda: tmp_path)
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    eve = make_staff(owner, role="senior_practitioner", name="Eve Everywhere", email=EVE[0])
    with acting_as(owner):
        set_password(actor=owner, staff_id=staff_of(eve), password=EVE[1])
    made: Any = SimpleNamespace(north=Site.objects.get().pk, everywhere=eve)
    patient = make_patient(cast("PracticeForTests", made), family="Rivera", given="Ann").pk
    make_entry(eve, patient, "condition", text="Hashimoto")
    return patient


def make_what_was_asked_for() -> None:
    """What the worker does next."""
    with acting_as(system_actor("worker")):
        waiting = list(Export.objects.filter(state="waiting").values_list("pk", flat=True))
    for export_id in waiting:
        carry_out(export_id)


def test_a_record_is_asked_for_watched_taken_and_opened(ann, sign_in, tmp_path):
    eve = sign_in(*EVE)
    eve.goto(eve.url.rstrip("/") + f"/patients/{ann}/labs")
    eve.get_by_role("link", name="Export", exact=True).click()
    eve.get_by_role("button", name="Export the whole record").click()
    expect(eve.locator("#exports")).to_contain_text("Waiting")
    beside(make_what_was_asked_for)
    expect(eve.locator("#exports")).to_contain_text("Ready")
    with eve.expect_download() as started:
        eve.get_by_role("link", name="Download").click()
    path = tmp_path / "taken.zip"
    started.value.save_as(path)

    with zipfile.ZipFile(path) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
        assert {each["name"]: each.get("rows") for each in manifest["files"]}["fhir/Condition.ndjson"] == 1
        zipped.extract("index.html", tmp_path)
    opened = eve.context.new_page()
    opened.goto((tmp_path / "index.html").as_uri())
    expect(opened.locator("body")).to_contain_text("Hashimoto")
