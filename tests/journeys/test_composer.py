"""A practitioner composes with the keyboard, decides by hand, reads why, reviews and signs."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import Effort
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.testing import PASSWORD
from willowbark.protocols.models import SignedProtocol
from willowbark.record.testing import make_entry

from .conftest import beside, look, senior_alone

pytestmark = pytest.mark.browser
EMAIL = "pia@practice.test"


@pytest.fixture
def patient(served):
    """Somebody who takes levothyroxine, warfarin and a medicine that nobody knows, and their practitioner."""
    pia, ann = senior_alone("Pia Practitioner", EMAIL)
    for text in (
        "Levothyroxine Sodium 0.075 MG Oral Tablet",
        "Warfarin Sodium 5 MG Oral Tablet",
        "Foobarium 3 mg",
    ):
        make_entry(pia, ann, "medication", text=text)
    make_entry(pia, ann, "condition", text="Hypothyroidism")
    return ann


def what_was_signed(patient: UUID) -> tuple[int, int]:
    """The number of the one signed protocol, and the seconds of work that were measured on it."""
    with acting_as(actor_for(user_id_of(EMAIL), channel="web")):
        (number,) = SignedProtocol.objects.values_list("number", flat=True)
        measured = Effort.objects.filter(patient_id=patient, task_kind="protocol_composition")
        return number, sum(measured.values_list("active_seconds", flat=True))


def test_a_protocol_is_composed_decided_on_reviewed_and_signed(patient, served, sign_in):
    page = sign_in(EMAIL, PASSWORD)
    page.goto(f"{served.address}/patients/{patient}")
    page.get_by_role("link", name="Compose protocol").click()
    expect(page.get_by_text("Choose a Master Protocol", exact=True)).to_be_visible()
    expect(page.locator(".choice").first).to_contain_text("Thyroid support")
    expect(page.locator(".choice").first).to_contain_text("Fits")

    page.get_by_role("checkbox", name=re.compile("Thyroid support")).press("Space")
    plan = page.locator(".plan")
    expect(plan).to_contain_text("Selenium")
    page.locator("summary", has_text=re.compile(r"^\d+ more$")).click()
    page.get_by_role("checkbox", name=re.compile("Bone health")).press("Space")
    expect(plan).to_contain_text("Calcium")
    expect(page.get_by_text("Proven best").first).to_be_visible()
    expect(page.get_by_text("Medicine not checked: Foobarium 3 mg")).to_be_visible()
    # The ban, and what is taken four hours from the thyroid medicine.
    expect(page.locator(".refusals").first).to_contain_text("Do not take Vitamin K")
    expect(
        page.get_by_text(re.compile("4 hours.*[Ll]evothyroxine|[Ll]evothyroxine.*4 hours")).first
    ).to_be_attached()
    look(page, "two_protocols")

    # The alternatives, proven, side by side; a bound is tried without being kept.
    page.locator("#alternatives").scroll_into_view_if_needed()
    expect(page.locator("#option-cheapest")).to_contain_text("Proven best")
    expect(page.locator("#option-usual")).to_contain_text("This plan")
    look(page, "alternatives")
    page.locator("#if-units").press("Home")
    expect(page.locator("#what-if")).to_contain_text("1 unit a day")
    expect(page.locator("#what-if")).to_contain_text("Proven best")
    look(page, "what_if")

    # Why, compared with the best plan otherwise when one asks.
    row = plan.locator("tr", has_text="Selenium 100").first
    row.get_by_text("Why", exact=True).click()
    expect(row.locator(".why")).to_contain_text("Without it:")

    # A product is added with the keyboard alone, and its dosage typed.
    search = page.get_by_role("combobox", name="Search products")
    search.fill("l-theanine 200")
    expect(page.locator("#product-search-options .option").first).to_be_visible()
    search.press("ArrowDown")
    search.press("Enter")
    added = plan.locator("tr", has_text="L-theanine 200")
    expect(added).to_contain_text("Added")
    bedtime = added.get_by_label(re.compile("at bedtime"))
    bedtime.fill("1")
    bedtime.press("Tab")
    expect(added).to_contain_text("Fixed")
    expect(added.get_by_label(re.compile("at bedtime"))).to_have_value("1")

    # What was fixed costs more than is allowed now: they clash, and the cost is what gives way.
    cost = page.locator("#most_cost")
    cost.fill("1")
    cost.press("Tab")
    expect(page.get_by_text("These cannot all hold")).to_be_visible()
    expect(page.get_by_text(re.compile("L-theanine 200 is fixed by hand"))).to_be_visible()
    look(page, "clash")
    page.get_by_role("link", name=re.compile("^Change: The whole plan costs")).click()
    cost.fill("")
    cost.press("Tab")
    expect(page.get_by_text("These cannot all hold")).to_have_count(0)
    added.get_by_role("button", name=re.compile("Leave out")).click()
    expect(plan).not_to_contain_text("L-theanine 200")
    expect(page.get_by_text("Left out by hand", exact=True)).to_be_visible()

    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_role("heading", name="Your plan")).to_be_visible()
    page.get_by_role("link", name="Review and sign").click()
    for asked in page.locator("input[name^='ack:']").all():
        asked.fill("Checked by hand: no concern")
    page.get_by_label("Why: L-theanine 200: left out").select_option("The patient's preference")
    page.mouse.move(200, 200)
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Protocol 1")).to_be_visible()
    expect(page.get_by_text("In force").first).to_be_visible()
    expect(page.get_by_role("link", name="Dispense", exact=True)).to_be_visible()
    expect(page.get_by_text("Decided otherwise than composed")).to_be_visible()
    paper = page.request.get(page.get_by_role("link", name="PDF").evaluate("link => link.href"))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")
    assert "protocol-1.pdf" in paper.headers["content-disposition"]

    number, seconds = beside(what_was_signed, patient)
    assert number == 1
    assert seconds >= 1, "the time up to the signature is measured"

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served.address}/patients/{patient}/protocol/compose")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
