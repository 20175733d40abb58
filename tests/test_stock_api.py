"""Products and stock over the JSON API."""

from __future__ import annotations

import pytest

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import practice_of_module, signed_in

practice, _undone = practice_of_module()


@pytest.fixture
def products(practice):
    return {product.key: product for product in load_demo_products(practice.owner)}


def test_products_are_found_and_followed_page_by_page(practice, products):
    browser, after, seen = signed_in(practice.coach), "", []
    while True:
        page = browser.get("/api/products", {"limit": 20, "after": after}).json()
        seen += [product["key"] for product in page["products"]]
        after = page["next"]
        if not after:
            break
    assert sorted(seen) == sorted(products)
    (algae,) = browser.get("/api/products", {"ingredient": "epa", "without": "fish"}).json()["products"]
    assert algae["ingredients"][0] == {
        "ingredient": "epa",
        "form": "triglyceride",
        "amount": "150",
        "unit": "mg",
    }
    assert "container_cost_cents" not in algae
    assert browser.get("/api/products/none").json()["code"] == "not_found"


def test_a_delivery_is_received_once_and_read_back(practice, products):
    browser = signed_in(practice.dispensary)
    body = {
        "product_id": str(products["algae_omega"].id),
        "lot_number": "a1",
        "expires_on": "2039-05-31",
        "containers": 7,
        "request_key": str(uuid7()),
    }
    address = f"/api/stock/{practice.north}"

    def deliver(**more):
        return browser.post(f"{address}/deliveries", body | more, content_type="application/json")

    first, again = deliver(), deliver()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    (stock,) = browser.get(address).json()["stock"]
    assert (stock["on_hand"], stock["lot_count"], stock["cover_days"]) == (7, 1, None)
    assert deliver(containers=8).json()["code"] == "request_key_reused"
    assert deliver(containers=-1, request_key=str(uuid7())).status_code == 422
    assert browser.get(f"/api/stock/{practice.south}").status_code == 404
    (stock,) = browser.get(address).json()["stock"]
    assert stock["on_hand"] == 7
