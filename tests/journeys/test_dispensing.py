"""A practitioner and the dispensary, each in a browser: tasks, and handing out what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from willowbark.catalog.selectors import products_by_id
from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary.tests.signed import sign
from willowbark.foundation import outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.inventory.selectors import site_day
from willowbark.inventory.testing import put_on_shelf
from willowbark.patients.services.care import begin_care
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import new_patient
from willowbark.practice import services
from willowbark.practice.selectors import actor_for, sites, user_id_of
from willowbark.practice.testing import delivering, make_staff, staff_of
from willowbark.protocols.events import ProtocolSigned
from willowbark.worklist.testing import make_task

from .conftest import OWNER, beside, look

pytestmark = pytest.mark.browser

PASSWORD = "birches in the wind tonight"


@dataclass
class Practice:
    """Who works here, and the patient."""

    pia: Actor
    dan: Actor
    site: UUID
    ana: UUID
    zinc: UUID


def hired(owner: Actor, email: str, name: str, role: str, reach: Reach, site: UUID) -> Actor:
    """Somebody who can sign in: their password is kept as the product keeps it."""
    with acting_as(owner):
        staff = services.add_staff(actor=owner, name=name, email=email, password=PASSWORD)
        services.assign_role(actor=owner, staff_id=staff.pk, role=role, reach=reach, site_id=site)
    return actor_for(staff.user_id, channel="web")


@pytest.fixture
def practice(served) -> Iterator[Practice]:
    """Ana in the care of Pia, a shelf that Dan keeps, and a worker that delivers what happens."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    with acting_as(owner):
        (site,) = (each.pk for each in sites(owner))
    pia = hired(owner, "pia@practice.test", "Pia Practitioner", "practitioner", Reach.CARE, site)
    dan = hired(owner, "dan@practice.test", "Dan Dispensary", "dispensary", Reach.SITE, site)
    desk = make_staff(owner, role="senior_practitioner", name="Sage")
    with acting_as(desk):
        known = new_patient(site, family="Rivera", given="Ana", birth_date=None)
        ana = register_patient(actor=desk, new=known, request_key=uuid7()).pk
        begin_care(actor=desk, patient_id=ana, staff_id=staff_of(pia), kind="primary")
    (zinc,) = make_products(owner, new_product("zinc", name="Zinc 15"))
    today = site_day(site)
    put_on_shelf(owner, site, zinc.id, 2, expires_on=today + timedelta(days=60), lot_number="SOON")
    put_on_shelf(owner, site, zinc.id, 9, expires_on=today + timedelta(days=600), lot_number="LATER")
    with delivering():
        yield Practice(pia, dan, site, ana, zinc.id)


def signed(practice: Practice) -> None:
    """Five containers are signed for Ana, and it is told."""
    with acting_as(practice.pia):
        product = products_by_id(practice.pia, [practice.zinc])[practice.zinc]
    protocol, _ = sign(practice.pia, practice.ana, practice.site, [(product, 5)])
    with acting_as(practice.pia):
        outbox.publish(practice.pia, ProtocolSigned(patient_id=practice.ana, protocol_id=protocol))


def came_in(practice: Practice) -> None:
    """Somebody receives a container that expires before all others."""
    soon = site_day(practice.site) + timedelta(days=20)
    put_on_shelf(practice.dan, practice.site, practice.zinc, 1, expires_on=soon, lot_number="SOONEST")


def waiting(practice: Practice) -> None:
    """Pia has a task that is overdue, one for today and one for later."""
    today = site_day(practice.site)
    for title, days in (("Call about sleep", -2), ("Look at ferritin", 0), ("Ask for the letter", 3)):
        make_task(practice.pia, practice.ana, title=title, due_on=today + timedelta(days=days))


def test_what_is_signed_is_handed_out_and_others_see_it(practice, sign_in):
    dan = sign_in("dan@practice.test", PASSWORD)
    pia = sign_in("pia@practice.test", PASSWORD)
    dan.get_by_role("link", name="Dispensary", exact=True).click()
    expect(dan.locator("#queue")).to_contain_text("Nothing waits")
    pia.goto(pia.url.rstrip("/") + f"/patients/{practice.ana}")
    expect(pia.locator("#dispensed")).to_contain_text("Nothing was handed out yet")
    pia.evaluate("globalThis.sameDocument = true")

    beside(lambda: signed(practice))
    expect(dan.locator("#queue")).to_contain_text("5 × Zinc 15")
    expect(dan.locator("#queue")).to_contain_text("All there")
    look(dan, "queue")
    dan.get_by_role("link", name="Dispense for Rivera, Ana").click()
    expect(dan.locator("#sheet")).to_contain_text("2 of lot SOON")
    expect(dan.locator("#sheet")).to_contain_text("3 of lot LATER")
    dan.get_by_label("Containers of Zinc 15").fill("4")
    dan.get_by_label("Containers of Zinc 15").press("Tab")
    expect(dan.locator("#sheet")).to_contain_text("2 of lot LATER")
    beside(lambda: came_in(practice))
    expect(dan.locator("#sheet")).to_contain_text("1 of lot SOONEST")
    expect(dan.get_by_label("Containers of Zinc 15")).to_have_value("4")
    look(dan, "dispense")
    dan.set_viewport_size({"width": 390, "height": 800})
    look(dan, "dispense-phone")
    dan.set_viewport_size({"width": 1280, "height": 900})
    dan.get_by_role("button", name="Hand it out").click()
    expect(dan.get_by_role("heading", name="Handed out to Rivera, Ana")).to_be_visible()
    expect(dan.locator("main")).to_contain_text("Lot SOONEST")
    look(dan, "handed-out")

    expect(pia.locator("#dispensed")).to_contain_text("4 × Zinc 15")
    look(pia, "chart")
    assert pia.evaluate("globalThis.sameDocument") is True

    dan.get_by_text("Take it back").first.click()
    dan.get_by_label("Why").fill("Wrong bag")
    dan.get_by_role("button", name="Take it back").click()
    expect(dan.locator("main")).to_contain_text("Wrong bag")
    expect(pia.locator("#dispensed")).to_contain_text("Taken back")
    dan.get_by_role("link", name="All that was handed out").click()
    expect(dan.locator("#history")).to_contain_text("5 containers of protocol 1 still to hand out")
    look(dan, "history")


def test_tasks_are_done_by_keyboard_and_taken_back(practice, sign_in):
    beside(lambda: waiting(practice))
    pia, other = sign_in("pia@practice.test", PASSWORD), sign_in("pia@practice.test", PASSWORD)
    expect(other.locator("#your-tasks")).to_contain_text("Call about sleep")
    other.evaluate("globalThis.sameDocument = true")
    pia.keyboard.press("g")
    pia.keyboard.press("t")
    expect(pia.get_by_role("heading", name="My tasks")).to_be_visible()
    look(pia, "tasks")
    pia.keyboard.press("j")
    pia.keyboard.press("j")
    pia.keyboard.press("x")
    expect(pia.locator("#toasts")).to_contain_text("Done.")
    expect(pia.locator("#tasks")).not_to_contain_text("Look at ferritin")
    expect(other.locator("#your-tasks")).not_to_contain_text("Look at ferritin")
    expect(pia.locator(":focus")).to_contain_text("Ask for the letter")
    pia.get_by_role("button", name="Undo").click()
    expect(pia.locator("#tasks")).to_contain_text("Look at ferritin")
    expect(other.locator("#your-tasks")).to_contain_text("Look at ferritin")
    look(other, "day")
    assert other.evaluate("globalThis.sameDocument") is True
    pia.get_by_role("link", name="Call about sleep").click()
    look(pia, "task")
    pia.goto(other.url.rstrip("/") + f"/patients/{practice.ana}/tasks")
    pia.get_by_label("What is to be done").fill("Send the list")
    pia.get_by_label("The first thing to do").fill("Write it")
    look(pia, "of-patient")
    pia.get_by_role("button", name="File it").click()
    expect(pia.locator("#open-tasks")).to_contain_text("Send the list")
