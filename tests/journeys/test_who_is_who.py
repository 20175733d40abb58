"""Two people at one queue: what one decides with the keyboard, and takes back, the other sees at once."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import expect

from willowbark.foundation.acting import acting_as
from willowbark.foundation.worker import settle
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, system_actor, user_id_of
from willowbark.practice.services import set_password
from willowbark.practice.testing import PracticeForTests, delivering, make_staff, staff_of

from .conftest import OWNER

EVE = ("eve@practice.test", "evening over still water")
pytestmark = pytest.mark.browser


@pytest.fixture
def asked(served) -> Iterator[None]:
    """Two pairs that wait, as matching found them, and a worker that delivers what happens."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    eve = make_staff(owner, role="senior_practitioner", name="Eve Everywhere", email=EVE[0])
    with acting_as(owner):
        set_password(actor=owner, staff_id=staff_of(eve), password=EVE[1])
    people: Any = SimpleNamespace(north=Site.objects.get().pk, everywhere=eve, system=system_actor("worker"))
    practice = cast("PracticeForTests", people)
    for family, given, newly, born in (
        ("Rivera", "Ann", "Anna", "1984-03-12"),
        ("Stone", "Bernard", "Bernhard", "1970-11-30"),
    ):
        for name in (given, newly):
            make_patient(practice, family=family, given=name, birth_date=parse_partial_date(born))
            assert settle(people.system)
    with delivering():
        yield


def test_a_pair_is_linked_and_unlinked_with_the_keyboard_while_another_watches(asked, sign_in):
    decider, watcher = sign_in(*OWNER), sign_in(*EVE)
    watcher.get_by_role("link", name="Who is who", exact=True).click()
    waiting = watcher.locator("#matches tbody tr")
    expect(waiting).to_have_count(2)
    watcher.evaluate("globalThis.sameDocument = true")

    decider.get_by_role("link", name="Who is who", exact=True).click()
    decider.get_by_role("link", name="Rivera, Anna", exact=True).click()
    expect(decider.locator("#pair")).to_contain_text("Stands for both once linked")
    decider.get_by_label("Why").fill("same street, sister says so")
    decider.locator("h1").click()
    decider.keyboard.press("s")
    expect(decider.locator("#pair h1 + p")).to_contain_text("Stone, Bernhard")
    expect(decider.locator("#toasts")).to_contain_text("They are linked")
    expect(waiting).to_have_count(1)
    expect(watcher.locator("#matches")).to_contain_text("The same person")

    decider.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(decider.locator("#pair h1 + p")).to_contain_text("Rivera, Anna and")
    expect(waiting).to_have_count(2)
    decider.keyboard.press("n")
    expect(decider.locator("#pair h1 + p")).to_contain_text("Stone, Bernhard")
    decider.keyboard.press("g")
    decider.keyboard.press("d")
    expect(decider.get_by_role("heading", name="Are they one person?")).to_have_count(0)
    expect(waiting).to_have_count(2)
    decider.go_back()
    expect(decider.locator("#pair h1 + p")).to_contain_text("Stone, Bernhard")
    decider.keyboard.press("d")
    expect(decider.locator("#toasts")).to_contain_text("They stay two people")
    expect(watcher.locator("#matches")).to_contain_text("Different people")
    assert watcher.evaluate("globalThis.sameDocument") is True

    decider.get_by_role("link", name="Access log", exact=True).click()
    expect(decider.locator("table")).to_contain_text("Patients: match linked")
    expect(decider.locator("table")).to_contain_text("Patients: unlinked")
    decider.get_by_role("searchbox", name="Patient").fill("anna")
    decider.get_by_role("button", name="Show").click()
    decider.get_by_role("link", name="Rivera, Anna", exact=True).first.click()
    decider.get_by_role("link", name="Who can see them, and why").click()
    expect(decider.locator("main")).to_contain_text("Eve Everywhere")
    expect(decider.locator("main")).to_contain_text("for the whole practice")
