"""Two people at one shelf: what one receives, counts and undoes, the other sees without asking again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from willowbark.catalog.testing import make_products, new_product
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.testing import delivering

from .conftest import OWNER

pytestmark = pytest.mark.browser


@pytest.fixture
def stocked(served) -> Iterator[None]:
    """A practice with one product in its catalog, and a worker that delivers what happens in it."""
    make_products(actor_for(user_id_of(OWNER[0]), channel="web"), new_product("zinc", name="Zinc 15"))
    with delivering():
        yield


def test_what_one_moves_another_sees_without_reloading(stocked, sign_in):
    keeper, watcher = sign_in(*OWNER), sign_in(*OWNER)
    watcher.get_by_role("link", name="Shelf", exact=True).click()
    expect(watcher.locator("#shelf")).to_contain_text("Nothing has been received yet")
    watcher.evaluate("globalThis.sameDocument = true")

    keeper.get_by_role("link", name="Shelf", exact=True).click()
    keeper.get_by_role("link", name="Never stocked here").click()
    keeper.get_by_role("link", name="Zinc 15").click()
    keeper.get_by_label("Lot number").fill("zn-1")
    keeper.get_by_label("Expires on").fill("2039-05-31")
    keeper.get_by_label("Containers", exact=True).first.fill("12")
    keeper.get_by_role("button", name="Receive").click()
    expect(keeper.locator("#toasts")).to_contain_text("Received onto the shelf.")
    expect(keeper.locator("#stock")).to_contain_text("ZN-1")
    row = watcher.locator("#shelf tr", has_text="Zinc 15")
    expect(row).to_contain_text("12")

    keeper.get_by_label("Counted containers").fill("9")
    keeper.get_by_label("Why it may differ").fill("Monthly count")
    keeper.get_by_role("button", name="Write the count").click()
    expect(keeper.locator("#stock")).to_contain_text("Monthly count")
    expect(row).to_contain_text("9")

    keeper.get_by_role("button", name="Undo: adjust").click()
    expect(keeper.locator("#stock")).to_contain_text("Undone: adjust")
    expect(row).to_contain_text("12")
    assert watcher.evaluate("globalThis.sameDocument") is True
