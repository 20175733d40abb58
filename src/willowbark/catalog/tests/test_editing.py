"""Whoever manages the catalog changes a product on a page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from willowbark.catalog import selectors, services
from willowbark.catalog.core.editing import edited, text_of
from willowbark.catalog.core.products import Contained
from willowbark.catalog.core.reading import demo_products
from willowbark.catalog.pages.editing import edit_page
from willowbark.catalog.testing import load_demo_products, make_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.kernel.errors import Forbidden, Invalid
from willowbark.knowledge.selectors import release
from willowbark.practice.testing import signed_in

FORM = {
    "name": "Zinc 30",
    "brand": "Alder",
    "form": "tablet",
    "unit_name": "tablet",
    "units_per_container": "90",
    "price": "19,50",
    "cost": "9",
    "currency": "USD",
    "gtin": "4006381333931",
    "food": "with",
    "moments": ["dinner"],
    "allergens": ["soy", "milk"],
    "diets": ["vegetarian"],
    "ingredients": "Zinc picolinate 30 mg\nCopper: 1 mg",
    "in_force": "1",
}


def save(browser, key="zinc", **said):
    return browser.post(reverse("catalog:edit_product", args=[key]), {**FORM, **said})


def read(actor, key="zinc"):
    with acting_as(actor):
        return selectors.product(actor, key)


def test_every_demo_product_is_read_from_its_own_form_as_it_was(practice):
    said = {product.key: product for product in demo_products()}
    for found in load_demo_products(practice.owner):
        page = edit_page(found)
        lists = {each.name: [one.value for one in each.options if one.is_selected] for each in page.ticks}
        product = edited(release(), found, page.texts, lists)
        assert product.ingredients == said[found.key].ingredients
        assert set(product.allergens) == set(found.allergens)
        assert product.container_price_cents == found.container_price_cents


def test_everything_of_a_product_can_be_changed_and_the_old_version_stays(practice):
    (before,) = make_products(practice.owner, new_product("zinc"))
    assert save(signed_in(practice.owner)).status_code == 302
    now = read(practice.owner)
    assert now.version == before.version + 1
    assert now.ingredients == (
        Contained("zinc", "zinc_picolinate", Decimal(30), "mg"),
        Contained("copper", "", Decimal(1), "mg"),
    )
    assert (now.name, now.brand, now.form, now.units_per_container) == ("Zinc 30", "Alder", "tablet", 90)
    assert (now.container_price_cents, now.container_cost_cents, now.gtin) == (1950, 900, FORM["gtin"])
    assert (now.moments, now.food, now.diets) == (("dinner",), "with", ("vegetarian",))
    assert set(now.allergens) == {"soy", "milk"}
    with acting_as(practice.owner):
        assert not selectors.products_by_id(practice.owner, [before.id])[before.id].is_active


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price": "-1"}, "below zero"),
        ({"price": "much"}, "not"),
        ({"price": ""}, "Say the price first"),
        ({"gtin": "4006381333932"}, "last digit"),
        ({"units_per_container": "0"}, "not a number of units"),
        ({"ingredients": "Moon dust: 5 mg"}, "not an ingredient that is known"),
        ({"ingredients": "Zinc: 50 g"}, "is the unit right"),
        ({"ingredients": ""}, "no ingredients"),
        ({"allergens": ["air"]}, "none of"),
        ({"name": " "}, "empty"),
        ({"in_force": ""}, "Say why"),
    ],
    ids=range(11),
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(practice, change, said):
    (before,) = make_products(practice.owner, new_product("zinc"))
    answer = save(signed_in(practice.owner), **change)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert read(practice.owner) == before


def test_a_product_without_a_price_gets_one_and_comes_into_force(practice):
    make_products(practice.owner, new_product("zinc"))
    with acting_as(practice.owner):
        services.retire_product(actor=practice.owner, key="zinc", reason="No price")
    page = edit_page(read(practice.owner))
    assert not page.is_in_force
    texts = {**page.texts, "price": "12.00", "in_force": "1"}
    assert (
        signed_in(practice.owner).post(reverse("catalog:edit_product", args=["zinc"]), texts).status_code
        == 302
    )
    assert (read(practice.owner).is_active, read(practice.owner).container_price_cents) == (True, 1200)


def test_who_does_not_manage_the_catalog_edits_nothing(practice):
    (before,) = make_products(practice.owner, new_product("zinc"))
    assert save(signed_in(practice.coach)).status_code == 404
    with pytest.raises(Forbidden), acting_as(practice.coach):
        services.edit_product(actor=practice.coach, product=new_product("zinc"), in_force=True)
    with pytest.raises(Invalid), acting_as(practice.owner):
        services.edit_product(
            actor=practice.owner, product=new_product("zinc", container_price_cents=0), in_force=True
        )
    assert read(practice.owner) == before
    assert text_of(release(), before.ingredients[0]) == "Zinc as zinc picolinate: 15 mg"
