"""The glass is broken: a colleague is told at once, the chart opens and closes, and another reviews it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import expect

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.services import set_password
from willowbark.practice.testing import PracticeForTests, delivering, make_staff, staff_of

from .conftest import OWNER

PIA = ("pia@practice.test", "pine cones on a sill")
OTTO = ("otto@practice.test", "otters over the weir")
pytestmark = pytest.mark.browser


@pytest.fixture
def asked(served) -> Iterator[None]:
    """Ann, in Pia's care and out of Otto's reach, and a worker that delivers what happens."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    north = Site.objects.get().pk
    eve = make_staff(owner, role="senior_practitioner", name="Eve Everywhere")
    people = [
        make_staff(owner, role="practitioner", reach=Reach.CARE, site_id=north, name=name, email=email)
        for name, email in (("Pia Practitioner", PIA[0]), ("Otto Other", OTTO[0]))
    ]
    with acting_as(owner):
        for person, word in zip(people, (PIA[1], OTTO[1]), strict=True):
            set_password(actor=owner, staff_id=staff_of(person), password=word)
    made: Any = SimpleNamespace(north=north, everywhere=eve)
    practice = cast("PracticeForTests", made)
    ann = make_patient(practice, family="Rivera", given="Ann", birth_date=parse_partial_date("1984-03-12")).pk
    put_into_care(practice, ann, people[0])
    with delivering():
        yield


def test_the_glass_is_broken_told_closed_and_reviewed(asked, sign_in):
    pia, otto, owner = sign_in(*PIA), sign_in(*OTTO), sign_in(*OWNER)
    expect(pia.locator("main")).not_to_contain_text("Otto Other")
    pia.evaluate("globalThis.sameDocument = true")
    owner.get_by_role("link", name="Break-glass", exact=True).click()
    expect(owner.locator("#glass-list")).to_contain_text("Nobody has broken the glass")

    otto.get_by_role("link", name="Break-glass", exact=True).click()
    otto.get_by_label("Family name").fill("Rivera")
    otto.get_by_label("Given name").fill("An")
    otto.get_by_label("Birth date").fill("1984-03-12")
    otto.get_by_role("button", name="Look up").click()
    expect(otto.locator("main")).to_contain_text("Nobody has exactly this")
    otto.get_by_label("Given name").fill("Ann")
    otto.get_by_role("button", name="Look up").click()
    otto.get_by_label("Why").select_option(label="Emergency")
    otto.get_by_label("In your words").fill("She fainted in the waiting room")
    otto.get_by_role("button", name="Break the glass").click()
    expect(otto.get_by_role("alert")).to_contain_text("Open to you by break-glass")
    expect(otto.get_by_role("heading", name="Ann Rivera")).to_be_visible()
    chart = otto.url

    expect(pia.locator("main")).to_contain_text("Otto Other opened this record by break-glass")
    assert pia.evaluate("globalThis.sameDocument") is True
    expect(owner.locator("#glass-list")).to_contain_text("Otto Other")
    expect(owner.locator("#glass-list")).to_contain_text("Open")

    otto.get_by_role("link", name="Labs", exact=True).click()
    otto.get_by_role("button", name="I am done").click()
    expect(otto.locator("body")).to_contain_text("It is closed to you again")
    otto.goto(chart)
    expect(otto.locator("main")).to_contain_text("There is no such page, or it is not yours to see")

    owner.get_by_role("link", name="Tasks", exact=True).first.click()
    owner.get_by_role("link", name="Review: Otto Other broke the glass").first.click()
    owner.get_by_role("link", name="Review it").click()
    expect(owner.locator("main")).to_contain_text("Record: chart read")
    owner.get_by_label("Was it justified?").select_option(label="Justified")
    owner.get_by_label("Why", exact=True).fill("She fainted, as three people saw")
    owner.get_by_role("button", name="Write it down").click()
    expect(owner.locator("main")).to_contain_text("Justified")
    owner.get_by_role("link", name="Tasks", exact=True).first.click()
    expect(owner.locator("#tasks")).to_contain_text("Nothing is waiting for you")
