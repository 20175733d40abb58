"""Version 2 of a Master Protocol is published and compared; who is on version 1 is seen, one migrated."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from willowbark.practice.testing import PASSWORD
from willowbark.protocols.testing import make_protocol

from .conftest import look, senior_alone

pytestmark = pytest.mark.browser
EMAIL = "sage@practice.test"


@pytest.fixture
def on_version_1(served):
    """A senior practitioner who works alone, and Ann, for whom she signed Restorative sleep."""
    sage, ann = senior_alone("Sage Senior", EMAIL)
    make_protocol(sage, ann)


def test_version_2_is_published_compared_and_a_patient_is_migrated(on_version_1, served, sign_in):
    page = sign_in(EMAIL, PASSWORD)
    page.get_by_role("link", name="Protocols", exact=True).click()
    page.locator(".card", has_text="Restorative sleep").get_by_role("link", name="Read it").click()
    expect(page.get_by_text("In force, not approved yet")).to_have_count(2)

    page.get_by_role("button", name="Write the next version").click()
    look(page, "library-draft")
    page.get_by_role("link", name="Change Magnesium").click()
    page.get_by_label("Aim a day").fill("a lot")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Aim a day: an amount, such as 100 or 0.5.")).to_be_visible()
    look(page, "library-line")
    page.get_by_label("Aim a day").fill("250")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("del", has_text="200 mg")).to_be_visible()
    page.get_by_label("What is new, and why").fill("250 mg is what we give by now.")
    page.get_by_role("button", name="Hand it in").click()
    page.get_by_role("link", name="Look at it").click()
    page.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("1 on an older version")).to_be_visible()
    look(page, "library-master")
    page.get_by_role("link", name="Compare with version 1").click()
    expect(page.locator("del", has_text="200 mg")).to_be_visible()
    expect(page.locator("ins", has_text="250 mg")).to_be_visible()
    look(page, "library-compare")

    page.get_by_role("link", name="Who is on it").click()
    expect(page.get_by_role("row", name=re.compile("Rivera"))).to_contain_text("Version 1")
    page.get_by_role("button", name="Ask for a review of each").click()
    expect(page.get_by_text("1 review filed")).to_be_visible()
    look(page, "library-patients")
    page.get_by_role("button", name=re.compile("Migrate .*Rivera")).click()
    expect(page.locator(".choice", has_text="Restorative sleep")).to_contain_text("v2")

    page.get_by_role("link", name="Review and sign").click()
    for words in page.locator("input[name^='ack:']").all():
        words.fill("Considered with the patient")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text(re.compile("From Restorative sleep v2"))).to_be_visible()
    page.goto(f"{served.address}/protocols/library/restorative_sleep/patients")
    expect(page.get_by_text("Everybody within your reach is on the version in force.")).to_be_visible()
