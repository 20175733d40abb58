"""A senior practitioner recalls a lot, sees whose task it became, and tells the patient."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary.services import dispense
from willowbark.dispensary.tests.signed import sign
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory.testing import put_on_shelf
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.testing import PASSWORD, delivering

from .conftest import OWNER, look, senior_alone

pytestmark = pytest.mark.browser

EMAIL = "sage@practice.test"


@pytest.fixture
def handed_out(served) -> Iterator[None]:
    """Ann has two containers of a lot of which three are left; a worker delivers what happens."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    senior, ann = senior_alone("Sage Senior", EMAIL)
    site = Site.objects.get().pk
    (zinc,) = make_products(owner, new_product("zinc_journey", name="Zinc of the journey"))
    put_on_shelf(owner, site, zinc.id, 5, lot_number="ZN-7")
    protocol, (line,) = sign(senior, ann, site, [(zinc, 2)])
    with acting_as(senior):
        dispense(
            actor=senior,
            patient_id=ann,
            protocol_id=protocol,
            site_id=site,
            lines={line: 2},
            request_key=uuid7(),
        )
    with delivering():
        yield


def test_a_lot_is_recalled_and_whoever_has_it_is_told(handed_out, sign_in):
    sage = sign_in(EMAIL, PASSWORD)
    sage.get_by_role("link", name="Recalls", exact=True).click()
    sage.get_by_role("link", name="Recall a product").click()
    sage.get_by_label("Product").select_option("zinc_journey")
    sage.get_by_label("ZN-7").check()
    sage.get_by_label("These lots").check()
    sage.get_by_label("What is wrong with it").fill("Glass in a bottle")
    sage.get_by_label("Class", exact=True).select_option(label="FDA Class I")
    sage.get_by_label("Source").fill("The maker's letter")
    sage.get_by_role("button", name="See what it will do").click()
    expect(sage.get_by_role("heading", name="Recall Zinc of the journey?")).to_be_visible()
    expect(sage.locator("main")).to_contain_text("Rivera, Ann")
    look(sage, "recall-preview")
    sage.get_by_role("button", name="Recall it").click()
    expect(sage.locator("main")).to_contain_text("3 containers blocked")
    row = sage.locator("#contacts tr", has_text="Rivera, Ann")
    expect(row).to_contain_text("To tell")

    sage.get_by_role("link", name="Tasks", exact=True).click()
    sage.get_by_role("link", name="Tell them: Recalled: Zinc of the journey").click()
    sage.get_by_label("Note").fill("Has stopped it")
    sage.get_by_role("button", name="Told").click()
    expect(sage.locator("main")).to_contain_text("Has stopped it")
    sage.get_by_role("link", name="The recall", exact=True).click()
    expect(sage.locator("#contacts")).to_contain_text("1 of 1 know")
    row.get_by_role("button", name="Brought back: Rivera, Ann").click()
    expect(row).to_contain_text("Brought back")
    row.get_by_role("button", name="Undo: Rivera, Ann").click()
    expect(row).to_contain_text("Told")
    look(sage, "recall")
