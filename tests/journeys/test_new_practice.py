"""A practice in its first hour: from one account to a patient in care, and a role that ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import OWNER

pytestmark = pytest.mark.browser

PIA = ("pia@practice.test", "a first password of pia")
FAY = ("fay@practice.test", "a first password of fay")


def add_person(page: Page, name: str, role: str, where: str, account: tuple[str, str]) -> None:
    page.get_by_role("link", name="Practice", exact=True).click()
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_label("For whom").select_option(label=where)
    page.get_by_label("E-mail").fill(account[0])
    page.get_by_label("First password").fill(account[1])
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.locator("#roles")).to_contain_text(role)


def test_from_an_owner_alone_to_a_patient_in_care_and_a_role_that_ends(sign_in):
    owner = sign_in(*OWNER)
    add_person(owner, "Pia Nwosu", "Practitioner", "Patients in their care, North", PIA)
    add_person(owner, "Fay Lind", "Front desk", "Everybody at North", FAY)

    desk = sign_in(*FAY)
    desk.get_by_role("link", name="Patients", exact=True).click()
    desk.get_by_role("link", name="New patient").first.click()
    desk.get_by_label("Family name").fill("Rivera")
    desk.get_by_label("Given names").fill("Ana")
    desk.get_by_label("Birth date").fill("1984-03-12")
    desk.get_by_label("Primary practitioner").select_option(label="Pia Nwosu")
    desk.get_by_role("button", name="Register").click()
    expect(desk.get_by_role("heading", name="Ana Rivera", level=1)).to_be_visible()
    carer = desk.locator("#team").get_by_role("listitem")
    expect(carer).to_have_count(1)
    expect(carer).to_contain_text("Pia Nwosu")
    expect(carer).to_contain_text("Primary")

    pia = sign_in(*PIA)
    pia.get_by_role("link", name="Patients", exact=True).click()
    pia.get_by_role("link", name="Rivera, Ana", exact=True).click()
    expect(pia.get_by_role("navigation", name="Parts of the chart")).to_be_visible()
    expect(pia.get_by_role("heading", name="Ana Rivera", level=1)).to_be_visible()

    owner.get_by_role("link", name="Practice", exact=True).click()
    owner.get_by_role("link", name="Pia Nwosu").click()
    owner.get_by_role("button", name="Take away: Practitioner").click()
    expect(owner.locator("#toasts")).to_contain_text("Practitioner: taken away.")
    expect(owner.locator("#roles")).to_contain_text("No role")

    pia.get_by_role("link", name="Problems").click()
    expect(pia.locator("#toasts")).to_contain_text("not yours to see")
    pia.get_by_role("link", name="Patients", exact=True).click()
    expect(pia.get_by_role("heading", name="Not found")).to_be_visible()
    expect(pia.locator("body")).not_to_contain_text("Rivera")

    owner.get_by_role("button", name="Undo").click()
    expect(owner.locator("#roles")).to_contain_text("The charts of the patients in their care.")
    pia.goto(f"{pia.url}")
    expect(pia.get_by_role("link", name="Rivera, Ana", exact=True)).to_be_visible()


def test_the_keyboard_alone_sets_a_week(sign_in):
    owner = sign_in(*OWNER)
    owner.get_by_role("link", name="Practice", exact=True).click()
    owner.get_by_role("link", name="Olive Owner").click()
    for field, typed in (("Monday from", "0830AM"), ("Monday to", "1230PM")):
        owner.get_by_label(field, exact=True).focus()
        owner.keyboard.type(typed)
    owner.get_by_role("button", name="Tuesday to Friday as Monday").press("Enter")
    owner.get_by_role("button", name="Save the week at North").press("Enter")
    expect(owner.locator("#toasts")).to_contain_text("The working hours are saved.")

    owner.get_by_role("link", name="Everybody").click()
    expect(owner.get_by_role("row", name="Olive Owner")).to_contain_text("North, 20 h")
