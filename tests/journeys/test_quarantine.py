"""What could not be read is looked at, read again when its day has come, or dismissed with a reason."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.interop.fhir.models import Quarantined
from willowbark.interop.fhir.tasks import carry_out, replay
from willowbark.interop.fhir.tests.shapes import bundle, encoded, patient, resource
from willowbark.practice.selectors import system_actor, user_id_of
from willowbark.record.models import Observation

from .conftest import OWNER, beside

pytestmark = pytest.mark.browser


def observations() -> int:
    """How many the record holds."""

    def counted() -> int:
        with acting_as(system_actor("test")):
            return Observation.objects.count()

    return beside(counted)


def read_again_in_a_week(resource_id: str) -> None:
    """Have the worker read again what was asked for, when it is no longer in the future."""

    def work() -> None:
        with acting_as(system_actor("test")):
            item = Quarantined.objects.get(resource_id=resource_id).pk
        with clock.at(clock.now() + timedelta(days=7)):
            replay(quarantined_id=str(item), asked_by=str(user_id_of(OWNER[0])))

    beside(work)


def quarantined(page: Page, resource_id: str) -> Any:
    """The row of a resource on a report."""
    return page.get_by_role("row").filter(has=page.get_by_text(resource_id, exact=True))


def test_what_cannot_be_read_is_settled_with_the_keyboard_while_another_watches(
    served, sign_in, tmp_path: Path
):
    soon = (clock.now() + timedelta(days=3)).date().isoformat()
    early = resource("Observation", id="early", effectiveDateTime=soon)
    unwanted = resource("Observation", id="unwanted", effectiveDateTime="2999-01-01")
    file = tmp_path / "history.json"
    file.write_bytes(encoded(bundle(patient(), early, unwanted)))

    owner, watcher = sign_in(*OWNER), sign_in(*OWNER)
    owner.get_by_role("link", name="Imports", exact=True).click()
    owner.get_by_label("FHIR R4 files").set_input_files(file)
    owner.get_by_role("button", name="Import", exact=True).press("Enter")
    expect(owner.locator("#report")).to_contain_text("Waiting for the worker")
    report = owner.url
    watcher.goto(report)
    expect(watcher.locator("#report")).to_contain_text("Waiting for the worker")
    watcher.evaluate("globalThis.sameDocument = true")
    beside(lambda: carry_out(run_id=report.rpartition("/")[2]))
    for page in (owner, watcher):
        expect(page.locator("#report")).to_contain_text("The counts add up")
        for each in ("early", "unwanted"):
            expect(quarantined(page, each)).to_contain_text("lies in the future")
    assert watcher.evaluate("globalThis.sameDocument") is True

    with owner.expect_download() as started:
        quarantined(owner, "early").get_by_role("link", name="Open").press("Enter")
    assert json.loads(Path(started.value.path()).read_bytes()) == early

    quarantined(owner, "early").get_by_role("button", name="Read again").press("Enter")
    expect(quarantined(owner, "early")).to_contain_text("Being read again")
    watcher.goto(report)
    expect(quarantined(watcher, "early")).to_contain_text("Being read again")
    watcher.evaluate("globalThis.sameDocument = true")
    assert observations() == 0
    read_again_in_a_week("early")
    for page in (owner, watcher):
        expect(quarantined(page, "early")).to_contain_text("Replayed")
        expect(quarantined(page, "early").get_by_role("button")).to_have_count(0)
    assert watcher.evaluate("globalThis.sameDocument") is True
    assert observations() == 1

    quarantined(owner, "unwanted").locator("summary").press("Enter")
    owner.keyboard.press("Tab")
    owner.keyboard.type("A test of the laboratory")
    owner.keyboard.press("Enter")
    expect(quarantined(owner, "unwanted")).to_contain_text("A test of the laboratory")
    expect(quarantined(owner, "unwanted").get_by_role("button")).to_have_text(["Take back"])
    owner.get_by_role("link", name="All imports").press("Enter")
    expect(owner.get_by_role("heading", name="Imports")).to_be_visible()
    expect(owner.locator("main")).not_to_contain_text("in quarantine")
    assert observations() == 1
