"""Products come in once, change in name and price, and never in what they are made of."""

from __future__ import annotations

import contextlib
import dataclasses
from decimal import Decimal

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from willowbark.catalog import selectors, services
from willowbark.catalog.core.products import Contained
from willowbark.catalog.core.reading import demo_products
from willowbark.catalog.models import Product, ProductIngredient
from willowbark.catalog.testing import load_demo_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.kernel.errors import Forbidden, Invalid, NotFound

ZINC = (Contained("zinc", "zinc_picolinate", Decimal(15), "mg"),)
MORE_ZINC = (Contained("zinc", "zinc_picolinate", Decimal(30), "mg"),)


def load(actor, *products):
    with acting_as(actor):
        return services.load_products(actor=actor, products=products)


def read(actor, key="zinc"):
    with acting_as(actor):
        return selectors.product(actor, key)


def test_the_same_again_changes_nothing(practice):
    first = load(practice.owner, *demo_products())
    assert len(first.added) == len(demo_products()) >= 40
    assert first.has_changed
    before = load_demo_products(practice.owner)

    again = load(practice.owner, *demo_products())
    assert again.unchanged == first.added
    assert not again.has_changed
    assert load_demo_products(practice.owner) == before
    with acting_as(practice.owner):
        assert Product.objects.count() == len(before)


def test_what_is_read_is_what_was_said(practice):
    said = {product.key: product for product in demo_products()}
    for found in load_demo_products(practice.owner):
        product = said[found.key]
        fields = [field.name for field in dataclasses.fields(product)]
        assert {name: getattr(found, name) for name in fields} == dataclasses.asdict(product) | {
            "ingredients": product.ingredients
        }


def test_another_composition_is_another_version_and_the_first_stays(practice):
    load(practice.owner, new_product("zinc", ingredients=ZINC))
    first = read(practice.owner)

    outcome = load(practice.owner, new_product("zinc", ingredients=MORE_ZINC))

    second = read(practice.owner)
    assert outcome.new_versions == ("zinc",)
    assert (second.version, second.is_active, second.ingredients) == (2, True, MORE_ZINC)
    assert second.id != first.id
    with acting_as(practice.owner):
        kept = selectors.products_by_id(practice.owner, [first.id])[first.id]
        assert kept == dataclasses.replace(first, is_active=False)
        assert selectors.products(practice.owner) == (second,)
        assert selectors.products(practice.owner, active=False) == (kept, second)


def test_a_price_and_a_name_change_in_place(practice):
    load(practice.owner, new_product("zinc", name="Zinc", container_price_cents=1000))
    first = read(practice.owner)
    outcome = load(practice.owner, new_product("zinc", name="Zinc 15", container_price_cents=1200))
    assert outcome.changed == ("zinc",)
    now = read(practice.owner)
    assert (now.id, now.version, now.name, now.container_price_cents) == (first.id, 1, "Zinc 15", 1200)
    assert now.composition_sha256 == first.composition_sha256


def test_what_was_retired_stays_so_until_somebody_restores_it_or_it_is_made_anew(practice):
    load(practice.owner, zinc := new_product("zinc", ingredients=ZINC))
    for _ in range(2):
        with acting_as(practice.owner):
            services.retire_product(actor=practice.owner, key="zinc", reason="Recalled")

    assert load(practice.owner, zinc).left_retired == ("zinc",)
    assert not read(practice.owner).is_active
    with acting_as(practice.owner):
        assert selectors.products(practice.owner) == ()
        services.restore_product(actor=practice.owner, key="zinc")
    assert read(practice.owner).is_active
    with acting_as(practice.owner):
        services.retire_product(actor=practice.owner, key="zinc", reason="Recalled")
    load(practice.owner, dataclasses.replace(zinc, ingredients=MORE_ZINC))
    assert (read(practice.owner).version, read(practice.owner).is_active) == (2, True)


def test_who_does_not_manage_the_catalog_changes_nothing(practice):
    load(practice.owner, new_product("zinc"))
    for actor in (practice.practitioner, practice.coach, practice.front_desk, practice.dispensary):
        with pytest.raises(Forbidden):
            load(actor, new_product("iron"))
        for call in (
            lambda actor: services.retire_product(actor=actor, key="zinc", reason="No"),
            lambda actor: services.restore_product(actor=actor, key="zinc"),
        ):
            with pytest.raises(Forbidden), acting_as(actor):
                call(actor)
    with acting_as(practice.owner):
        assert [row.key for row in selectors.products(practice.owner)] == ["zinc"]


def test_one_product_that_cannot_be_keeps_all_out(practice):
    with pytest.raises(Invalid, match="iron"):
        load(practice.owner, new_product("zinc"), new_product("iron", units_per_container=0))
    with pytest.raises(Invalid, match="zinc is there 2 times"):
        load(practice.owner, new_product("zinc"), new_product("zinc"))
    with acting_as(practice.owner):
        assert not Product.objects.exists()


def test_no_such_product(practice):
    for call in (
        lambda: services.retire_product(actor=practice.owner, key="none", reason="x"),
        lambda: services.restore_product(actor=practice.owner, key="none"),
        lambda: selectors.product(practice.owner, "none"),
    ):
        with pytest.raises(NotFound), acting_as(practice.owner):
            call()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_product SET units_per_container = 1",
        "UPDATE catalog_product SET composition_sha256 = ''",
        "UPDATE catalog_product SET version = 9",
        "UPDATE catalog_product SET key = 'other'",
        "UPDATE catalog_product SET allergens = '{}'",
        "UPDATE catalog_productingredient SET amount = 1",
        "DELETE FROM catalog_productingredient",
        "DELETE FROM catalog_product",
        "TRUNCATE catalog_productingredient CASCADE",
    ],
)
def test_nobody_changes_what_a_product_is_made_of(practice, change):
    load(practice.owner, new_product("zinc"))
    with (
        pytest.raises(Error, match="permission denied"),
        acting_as(practice.owner),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_nobody_adds_to_what_a_product_is_made_of(practice):
    load(practice.owner, new_product("zinc"))
    row = ProductIngredient(
        id=uuid7(),
        product_id=read(practice.owner).id,
        position=1,
        ingredient_key="iron",
        form_key="",
        amount=Decimal(5),
        unit="mg",
    )
    whole = pytest.raises(IntegrityError, match="written once and in whole")
    with whole, acting_as(practice.owner), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("role", ["practitioner", "health_coach", "front_desk", "dispensary"])
def test_the_database_refuses_products_of_those_who_do_not_manage_the_catalog(practice, role):
    load(practice.owner, new_product("zinc"))
    actor = practice.by_role[role]
    with acting_as(actor):
        row = Product.objects.get()
        assert Product.objects.filter(pk=row.pk).update(name="Gold") == 0
        row.pk, row.key = uuid7(), "gold"
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            row.save(force_insert=True)


def test_the_catalog_is_read_once_and_then_only_asked_whether_it_is_as_it_was(practice):
    load_demo_products(practice.owner)
    with acting_as(practice.owner):
        Product.objects.update(source="Another supplier")
    with acting_as(practice.practitioner) as actor:
        with CaptureQueriesContext(connection) as captured:
            before = selectors.products(actor)
        assert len(before) >= 40
        # Whether it is as it was; products and what is in them; whether it still is.
        assert len(captured) == 4
        with CaptureQueriesContext(connection) as captured:
            assert selectors.products(actor) is before
        assert len(captured) == 1


@pytest.mark.parametrize(
    "change",
    [{"container_price_cents": 1}, {"name": "Zink \\ 15"}, {"gtin": "04006381333931"}],
    ids=["price", "name", "number"],
)
def test_whatever_changes_of_a_product_is_read_at_once(practice, change):
    load(practice.owner, new_product("zinc"))
    with acting_as(practice.owner) as owner:
        before = selectors.products(owner)
        Product.objects.update(**change)
        (after,) = selectors.products(owner)
    assert before == (dataclasses.replace(after, **{name: getattr(before[0], name) for name in change}),)
    assert {name: getattr(after, name) for name in change} == change


def test_what_was_undone_is_not_read_after_it(practice):
    load(practice.owner, new_product("zinc"))
    with acting_as(practice.owner) as owner:
        before = selectors.products(owner)
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            Product.objects.update(name="Gold")
            assert selectors.products(owner) != before
            raise ZeroDivisionError
        assert selectors.products(owner) == before
