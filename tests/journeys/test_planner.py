"""An owner plans: the practice's own figures, not yet, due, late; two scenarios side by side, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import new_patient
from willowbark.practice.selectors import actor_for, sites, user_id_of
from willowbark.practice.testing import make_staff

from .conftest import OWNER

pytestmark = pytest.mark.browser

PATIENTS = 3


@pytest.fixture
def _at_work(served):
    """Two practitioners, a front desk, and patients in somebody's care."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    with acting_as(owner) as actor:
        site = sites(actor)[0].pk
    at_site = {"reach": Reach.SITE, "site_id": site}
    pia = make_staff(owner, role="senior_practitioner", name="Pia Nwosu", **at_site)
    make_staff(owner, role="practitioner", name="Paul Reed", **at_site)
    make_staff(owner, role="front_desk", name="Fay Desk", **at_site)
    for _ in range(PATIENTS):
        with acting_as(pia.on("web")) as actor:
            register_patient(actor=actor, new=new_patient(site, primary_id=pia.staff_id), request_key=uuid7())


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


@pytest.mark.usefixtures("_at_work")
def test_an_owner_plans_the_next_hire(served, sign_in):
    page = sign_in(*OWNER)
    answer = page.locator("#planner-answer")

    page.get_by_role("link", name="Planner").click()
    page.get_by_role("link", name="Take the practice's own figures").click()
    expect(answer).to_contain_text("Hire: not yet, because capacity is 0.5% of the target")
    page.get_by_text("Where the practice's own figures come from").click()
    expect(page.get_by_text("Pia Nwosu (no week written down, counted as full time)").first).to_be_visible()

    # It grows; people have waited, and can go on. An untouched slider keeps the practice's own figure.
    slide(page, "Active patients", 480)
    page.get_by_label("Days there has been a wait list").fill("75")
    page.get_by_label("Overtime, hours a week").fill("1")
    page.get_by_label("Signs of burnout reported").select_option("No")
    expect(answer).to_contain_text("Hire: due. All three signals are there.")
    page.locator("#figure-utilisation summary").click()
    expect(page.locator("#figure-utilisation")).to_contain_text("Active patients: 480 patients")
    expect(page.locator("#planner-growth svg").first).to_be_visible()
    save(page, "In spring")

    slide(page, "Active patients", 530)
    expect(answer).to_contain_text("Hire: late.")
    save(page, "In autumn")

    for name in ("In spring", "In autumn"):
        page.get_by_label(f"Compare {name}").check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.get_by_role("heading", name="In autumn")).to_be_visible()
    expect(page.get_by_role("row", name="Active patients")).to_contain_text("480 patients")
    expect(page.get_by_role("row", name="Active patients")).to_contain_text("530 patients")
    paper = page.request.get(served.address + page.get_by_role("link", name="PDF").get_attribute("href"))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")
