"""The pages of the catalog find products by what they are called and by what is in them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from willowbark.catalog import pages, services
from willowbark.catalog.testing import load_demo_products, make_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.practice.testing import signed_in

LIST = "catalog:products"


def names(answer):
    assert answer.status_code == 200
    return re.findall(
        r'class="table__link" href="[^"]*">([^<]*)<', answer.content.decode().replace("&#x27;", "'")
    )


def test_products_are_found_by_words_ingredient_form_and_what_they_are_free_of(practice):
    load_demo_products(practice.owner)
    browser = signed_in(practice.coach)

    def found(**asked):
        return names(browser.get(reverse(LIST), asked))

    assert found(q="d3 5000") == ["Vitamin D3 5000"]
    assert found(q="TIDEWREN algae") == ["Algae EPA and DHA"]
    assert set(found(ingredient="epa", without="fish")) == {"Algae EPA and DHA"}
    assert found(ingredient="melatonin", form="drops") == ["Melatonin drops 0.3"]
    assert found(q="nothing of that kind") == []
    assert found(q="%") == []
    assert found(ingredient="' OR 1=1 --") == []


def test_the_list_goes_on_page_by_page_without_a_gap(practice):
    load_demo_products(practice.owner)
    browser, seen, address = signed_in(practice.coach), [], reverse(LIST)
    while address:
        answer = browser.get(address)
        seen += names(answer)
        further = re.search(r'href="([^"]*after=[^"]*)" rel="next"', answer.content.decode())
        address = further[1].replace("&amp;", "&") if further else ""
    assert len(seen) == len(set(seen)) == 161


def test_a_product_says_what_one_unit_holds_and_its_cost_to_who_manages_the_catalog(practice):
    load_demo_products(practice.owner)
    address = reverse("catalog:product", args=["vitamin_d3_k2"])
    page = signed_in(practice.coach).get(address).content.decode()
    for said in ("Vitamin D", "Vitamin K2", "enaquinone", "µg", "28.90 USD", "Gelatin", "Soy", "with food"):
        assert said in page
    assert "11.90 USD" not in page
    assert "11.90 USD" in signed_in(practice.owner).get(address).content.decode()


def test_a_retired_product_is_not_listed_and_its_page_says_so(practice):
    make_products(practice.owner, new_product("zinc", name="Zinc 15"))
    with acting_as(practice.owner):
        services.retire_product(actor=practice.owner, key="zinc", reason="Recalled")
    browser = signed_in(practice.coach)
    assert names(browser.get(reverse(LIST))) == []
    assert "Retired" in browser.get(reverse("catalog:product", args=["zinc"])).content.decode()


@pytest.mark.parametrize("who", ["coach", "dispensary"])
def test_the_list_asks_as_much_for_many_as_for_one(practice, who):
    make_products(practice.owner, new_product())
    browser = signed_in(getattr(practice, who))

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse(LIST)).status_code == 200
        return len(captured)

    asked()
    few = asked()
    load_demo_products(practice.owner)
    assert asked() == few


def test_what_nobody_knows_reads_as_the_words_of_its_key():
    assert pages.ingredient_name("vitamin_d") == "Vitamin D"
    assert pages.ingredient_name("moon_dust") == "Moon dust"
    assert pages.form_name("moon_dust", "") == ""
    assert pages.form_name("vitamin_d", "moon_dust") == "Moon dust"
