"""A practitioner prepares their visits in a browser, and what a colleague adds is there at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.patients.services.care import begin_care
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import new_patient
from willowbark.practice import services
from willowbark.practice.selectors import actor_for, sites, user_id_of
from willowbark.practice.testing import delivering, make_staff, staff_of
from willowbark.record.testing import make_entry

from .conftest import OWNER, beside, look

pytestmark = pytest.mark.browser

PASSWORD = "birches in the wind tonight"
PIA = "pia@practice.test"


@dataclass
class Practice:
    """Who works here, and who comes to Pia now and a minute later."""

    pia: Actor
    sage: Actor
    ana: UUID
    ben: UUID


@pytest.fixture
def practice(served) -> Iterator[Practice]:
    """Two patients of Pia's with visits today, and a worker that delivers what happens."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    with acting_as(owner):
        (site,) = (each.pk for each in sites(owner))
        staff = services.add_staff(actor=owner, name="Pia Practitioner", email=PIA, password=PASSWORD)
        services.assign_role(
            actor=owner, staff_id=staff.pk, role="practitioner", reach=Reach.CARE, site_id=site
        )
    pia = actor_for(staff.user_id, channel="web")
    sage = make_staff(owner, role="senior_practitioner", name="Sage Senior")

    def comes(given: str, minutes: int) -> UUID:
        with acting_as(sage):
            known = new_patient(site, family="Rivera", given=given)
            patient = register_patient(actor=sage, new=known, request_key=uuid7()).pk
            begin_care(actor=sage, patient_id=patient, staff_id=staff_of(pia), kind="primary")
        at = clock.now() + timedelta(minutes=minutes)
        make_entry(pia, patient, "encounter", effective_at=at - timedelta(days=30))
        make_entry(pia, patient, "encounter", effective_at=at, status="planned", reason_text="Fatigue")
        return patient

    here = Practice(pia, sage, comes("Ana", 0), comes("Ben", 1))
    with delivering():
        yield here


def test_the_visits_of_a_day_are_prepared_by_keyboard_and_stay_current(practice, sign_in):
    page = sign_in(PIA, PASSWORD)
    visits = page.locator("#panel-visits")
    expect(visits).to_contain_text("Rivera, Ana")
    look(page, "day")
    visits.get_by_role("link", name="Brief: Rivera, Ana").click()
    expect(page.get_by_role("heading", name="Ana Rivera")).to_be_visible()
    expect(page.locator("#brief")).to_contain_text("Nothing new is on record")
    page.evaluate("globalThis.sameDocument = true")

    beside(lambda: make_entry(practice.sage, practice.ana, "allergy", text="Latex", effective_at=clock.now()))
    expect(page.locator("#brief")).to_contain_text("New allergy: Latex")
    assert page.evaluate("globalThis.sameDocument") is True
    look(page, "brief")

    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Ben Rivera")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Ana Rivera")).to_be_visible()
    page.get_by_role("link", name="New allergy: Latex").click()
    expect(page.locator("li.entry:target")).to_contain_text("Latex")
