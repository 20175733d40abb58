"""A file of products is read exactly, or refused with the place of what is wrong."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.catalog.core.checking import check, problems_of
from willowbark.catalog.core.products import (
    ALLERGENS,
    DIETS,
    FOODS,
    FORMS,
    MOMENTS,
    UNITS,
    Contained,
    NewProduct,
    composition_sha256,
    plain,
)
from willowbark.catalog.core.reading import demo_products, read_products
from willowbark.catalog.testing import new_product
from willowbark.kernel.errors import Invalid

DATA = files("willowbark.catalog").joinpath("data")
SCHEMA = json.loads(DATA.joinpath("schema/products.schema.json").read_text())
DEMO = json.loads(DATA.joinpath("demo_products.json").read_text())


def changed(**said):
    first = {**DEMO["products"][0], **said}
    return json.dumps({**DEMO, "products": [{k: v for k, v in first.items() if v is not None}]}).encode()


def test_the_schema_is_one_and_the_demo_keeps_to_it():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(DEMO, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_names_the_same_words_as_the_code():
    said = SCHEMA["$defs"]["product"]["properties"]
    assert said["form"]["enum"] == list(FORMS)
    assert said["food"]["enum"] == list(FOODS)
    assert said["moments"]["items"]["enum"] == list(MOMENTS)
    assert said["allergens"]["items"]["enum"] == list(ALLERGENS)
    assert said["diets"]["items"]["enum"] == list(DIETS)
    assert said["ingredients"]["items"]["properties"]["unit"]["enum"] == list(UNITS)


def test_the_demo_offers_what_a_practice_needs_to_choose_from():
    products = demo_products()
    assert len(products) >= 40
    by_ingredient: dict[str, list[NewProduct]] = {}
    for product in products:
        for each in product.ingredients:
            by_ingredient.setdefault(each.ingredient_key, []).append(product)
    assert len(by_ingredient) >= 50
    without_fish = [product for product in by_ingredient["epa"] if "fish" not in product.allergens]
    assert without_fish
    for product in products:
        epa = {"epa", "dha"} & {each.ingredient_key for each in product.ingredients}
        assert not (epa and "fish" not in product.allergens and "Algae" not in product.name)
        assert not ("vegan" in product.diets and {"gelatin", "milk", "fish", "egg"} & set(product.allergens))
        assert product.container_cost_cents < product.container_price_cents


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"format": NaN}', "no JSON"),
        (b"[]", r"\$"),
        (changed(units_per_container=0), "units_per_container"),
        (changed(units_per_container=True), "units_per_container"),
        (changed(container_price_cents=14.5), "container_price_cents"),
        (changed(allergens=["air"]), "allergens"),
        (changed(form="pill"), "form"),
        (changed(key="Zinc 15"), "key"),
        (changed(gtin="4006381333932"), "GTIN"),
        (changed(surprise=1), "surprise"),
        (changed(ingredients=[]), "ingredients"),
        (changed(ingredients=[{"ingredient": "zinc", "amount": 0, "unit": "mg"}]), "amount"),
        (changed(ingredients=[{"ingredient": "zinc", "amount": 5, "unit": "spoon"}]), "unit"),
        (changed(ingredients=[{"ingredient": "zinc", "amount": 5, "unit": "mg"}] * 2), "add it up"),
    ],
)
def test_what_is_wrong_is_said(content, said):
    with pytest.raises(Invalid, match=said):
        read_products(content)


def test_a_gtin_is_checked_by_its_last_digit():
    (product,) = read_products(changed(gtin="4006381333931"))
    assert product.gtin == "4006381333931"


def test_amounts_keep_every_digit():
    content = changed(ingredients=[{"ingredient": "zinc", "amount": "AMOUNT", "unit": "mg"}]).replace(
        b'"AMOUNT"', b"0.1000000000000000000000001"
    )
    (product,) = read_products(content)
    assert product.ingredients[0].amount == Decimal("0.1000000000000000000000001")


AMOUNTS = st.decimals(min_value=Decimal("0.0001"), max_value=10_000, places=4)
ZINC = new_product("zinc")


@given(AMOUNTS, AMOUNTS)
def test_the_digest_tells_amounts_apart_and_nothing_else(one, other):
    def digest(amount):
        contained = (Contained("zinc", "", amount, "mg"), Contained("iron", "", Decimal(1), "mg"))
        return composition_sha256(dataclasses.replace(ZINC, ingredients=contained))

    assert (digest(one) == digest(other)) == (one == other)
    assert digest(one) == digest(one.normalize())


def test_the_digest_is_of_what_is_inside_and_not_of_the_label():
    contained = (Contained("zinc", "", Decimal(1), "mg"), Contained("iron", "", Decimal(1), "mg"))
    one = dataclasses.replace(ZINC, ingredients=contained, allergens=("soy", "milk"))
    same = dataclasses.replace(
        one, name="Other", brand="Other", container_price_cents=1, ingredients=contained[::-1],
        allergens=("milk", "soy"),
    )  # fmt: skip
    assert composition_sha256(one) == composition_sha256(same)
    for other in (
        dataclasses.replace(one, units_per_container=61),
        dataclasses.replace(one, form="tablet"),
        dataclasses.replace(one, allergens=("soy",)),
        dataclasses.replace(one, moments=("bedtime",)),
        dataclasses.replace(one, food="with"),
        dataclasses.replace(one, most_units_a_day=2),
    ):
        assert composition_sha256(one) != composition_sha256(other)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**9))
def test_a_plain_amount_reads_back_and_has_no_empty_digits(amount):
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert not ("." in text and text[-1] in "0.")


@given(st.text(max_size=300), st.text(max_size=100), st.integers(), st.integers())
def test_whatever_is_said_is_refused_or_can_be_kept(name, key, units, cents):
    product = dataclasses.replace(
        ZINC, name=name, key=key, units_per_container=units, container_price_cents=cents
    )
    if any(problems_of(product)):
        with pytest.raises(Invalid):
            check(product)
    else:
        check(product)
        assert "\0" not in name
        assert 0 < units <= 100_000
        assert 0 <= cents <= 10_000_000
