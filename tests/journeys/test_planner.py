"""The demo's owner plans with its figures: not yet, due, late; two scenarios side by side, on paper."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from willowbark.demo.players import by_bulk, by_services
from willowbark.demo.players.cast import Cast
from willowbark.demo.script import write_script
from willowbark.foundation.testing import own_listener

from .conftest import Served

pytestmark = pytest.mark.browser

# So many of the demo's patients are enough to count.
PATIENTS = 30


@pytest.fixture
def served(live_server):
    """The demo's practice with its people, sites and first patients, and without what was done since."""
    script, cast = write_script(seed=4, today=date(2026, 3, 16), patients=PATIENTS), Cast()
    by_services.play(cast, script.opening)
    by_bulk.play(cast, script.histories)
    with own_listener():
        yield Served(live_server.url)


def slide(page: Page, name: str, to: int) -> None:
    """Move a slider as a hand does."""
    page.get_by_role("slider", name=name, exact=True).evaluate(
        "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
        to,
    )


def save(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_the_demos_owner_plans_the_next_hire(served, sign_in):
    page = sign_in("Marguerite Oyelaran")
    answer = page.locator("#planner-answer")

    page.get_by_role("link", name="Planner").click()
    page.get_by_role("link", name="Take the practice's own figures").click()
    expect(answer).to_contain_text("Hire: not yet, because capacity is")
    page.get_by_text("Where the practice's own figures come from").click()
    expect(page.get_by_text("Henrik Solvang, MD (31 h a week)").first).to_be_visible()

    # It grows; people have waited, and can go on. An untouched slider keeps the practice's own figure: 2.33
    # practitioners, who are meant to have 275 patients each.
    slide(page, "Active patients", 560)
    page.get_by_label("Days there has been a wait list").fill("75")
    page.get_by_label("Overtime, hours a week").fill("1")
    page.get_by_label("Signs of burnout reported").select_option("No")
    expect(answer).to_contain_text("Hire: due. All three signals are there.")
    page.locator("#figure-utilisation summary").click()
    expect(page.locator("#figure-utilisation")).to_contain_text("Active patients: 560 patients")
    expect(page.locator("#planner-growth svg").first).to_be_visible()
    save(page, "In spring")

    slide(page, "Active patients", 620)
    expect(answer).to_contain_text("Hire: late.")
    save(page, "In autumn")

    # A figure inside a signal opens as the controls stand.
    answer.get_by_role("link", name="620 patients are").click()
    expect(page.get_by_role("heading", name="Signal to hire: capacity")).to_be_visible()
    expect(page.get_by_text("Clinical practitioners, in full-time equivalents: 2.33 FTE")).to_be_visible()
    page.get_by_role("link", name="Back to the plan").click()

    for name in ("In spring", "In autumn"):
        page.get_by_label(f"Compare {name}").check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.get_by_role("heading", name="In autumn")).to_be_visible()
    expect(page.get_by_role("row", name="Active patients")).to_contain_text("560 patients")
    expect(page.get_by_role("row", name="Active patients")).to_contain_text("620 patients")
    paper = page.request.get(served.address + page.get_by_role("link", name="PDF").get_attribute("href"))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")

    # Documents have long addresses: an explanation stays within a phone.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served.address}/why/plan_input:economics.commercial_pays")
    expect(page.get_by_role("heading", name="Who says so")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
