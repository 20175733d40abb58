"""The command center moves in an open browser, and nobody reloads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from willowbark.catalog.testing import make_products, new_product
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.inventory.testing import put_on_shelf
from willowbark.metrics.testing import line, make_signed, work
from willowbark.patients.services.registration import register_patient
from willowbark.patients.testing import new_patient
from willowbark.practice.selectors import actor_for, sites, user_id_of
from willowbark.practice.testing import delivering, make_staff

from .conftest import OWNER, beside

pytestmark = pytest.mark.browser


class Behind:
    """What others do meanwhile, in a thread of their own: this one's is the browser's."""

    def __init__(self) -> None:
        self.signed = 0
        owner = actor_for(user_id_of(OWNER[0]), channel="web")
        with acting_as(owner) as actor:
            self.site = sites(actor)[0].pk
        at_site = {"reach": Reach.SITE, "site_id": self.site}
        self.owner = owner
        self.pia = make_staff(owner, role="senior_practitioner", name="Pia Nwosu", **at_site)
        self.stock = make_staff(owner, role="dispensary", name="Dan Stock", **at_site)
        (self.product,) = make_products(owner, new_product(name="Quiet Magnesium"))
        with acting_as(self.pia) as actor:
            self.patient = register_patient(actor=actor, new=new_patient(self.site), request_key=uuid7()).pk

    def sign(self) -> float:
        # Each a quarter of an hour after the one before, so that they share no time.
        self.signed += 1
        now = clock.now() - timedelta(days=1) + timedelta(minutes=15 * self.signed)
        begun = now - timedelta(minutes=11)
        work(self.pia, self.patient, begun, (60, 60), (600, 600))
        make_signed(
            self.pia,
            self.patient,
            self.site,
            opened_at=begun,
            signed_at=now,
            lines=[line(self.product.id)],
        )
        return time.monotonic()

    def receive(self) -> None:
        put_on_shelf(self.stock, self.site, self.product.id, 3)


@pytest.fixture
def behind(served) -> Iterator[Behind]:
    made = Behind()
    with delivering():
        yield made


def seconds_until_it_shows(behind, page, protocols: int) -> float:
    """Sign one more protocol; after how many seconds the open page shows that there are so many."""
    signed_at = beside(behind.sign)
    counted = f"over {protocols} protocol{'' if protocols == 1 else 's'};"
    expect(page.locator("#tile-protocol_time")).to_contain_text(counted, timeout=60_000)
    return time.monotonic() - signed_at


def test_figures_and_alerts_move_in_an_open_browser_within_a_second(behind, sign_in):
    owner = sign_in(*OWNER)
    owner.get_by_role("link", name="Command center", exact=True).click()
    expect(owner.get_by_role("heading", name="Command center", level=1)).to_be_visible()
    expect(owner.locator("#tile-protocol_time")).to_contain_text("None measured")
    expect(owner.get_by_text("Nothing is beyond its threshold")).to_be_visible()
    owner.evaluate("document.body.dataset.loadedOnce = 'yes'")

    # Other tests of this server hold up what commits while theirs is open: the best of a few counts.
    waits: list[float] = []
    while len(waits) < 6 and min(waits, default=9) >= 1:
        waits.append(seconds_until_it_shows(behind, owner, len(waits) + 1))
    assert min(waits) < 1, waits
    short = owner.get_by_role("link", name="Quiet Magnesium does not cover what was signed", exact=True)
    expect(short).to_be_visible()
    expect(owner.locator("#figures-said")).to_contain_text("1 open alert")
    expect(owner.locator("#tile-inventory")).to_contain_text("0 of 1")

    beside(behind.receive)
    nothing = owner.get_by_text("Nothing is beyond its threshold")
    expect(nothing).to_be_visible(timeout=60_000)
    expect(owner.locator("#tile-inventory")).to_contain_text("1 of 1")
    expect(owner.locator("#figures-said")).to_contain_text("0 open alerts")
    assert owner.evaluate("document.body.dataset.loadedOnce") == "yes", "the page was loaded again"

    owner.locator("#tile-protocol_time").get_by_role("link", name="What it is made of").click()
    expect(owner.get_by_role("heading", level=1)).to_contain_text("Protocol time")
    expect(owner.get_by_text("10 min on average")).to_be_visible()
    owner.get_by_role("link", name="Why").first.click()
    expect(owner.get_by_text("active 10 min, of which 10 min counted").first).to_be_visible()
