"""A price list is kept, previewed, carried out once, and taken back."""

from __future__ import annotations

import pytest
from django.db import Error, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from willowbark.catalog import selectors, services, tasks
from willowbark.catalog.models import PriceList, SupplierColumns
from willowbark.catalog.selectors.price_lists import file_of, price_list, price_lists
from willowbark.catalog.services import applying
from willowbark.catalog.testing import make_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import shared_data
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused

LIST = b"Our number,Name,What it costs,MSRP\nzinc,Zinc,8,16\niron,Iron,9,18\nnone,Nothing,1,2\n"
COLUMNS = {"key": "Our number", "cost": "What it costs", "price": "MSRP"}


def hand_in(actor, content=LIST, key=None, supplier="Alder", currency="USD"):
    with acting_as(actor):
        return services.hand_in(
            actor=actor,
            supplier=supplier,
            name="list.csv",
            content=content,
            request_key=key or uuid7(),
            currency=currency,
        )


def read(actor, list_id):
    with acting_as(actor):
        return price_list(actor, list_id)


def do(actor, service, list_id, **said):
    with acting_as(actor):
        return service(actor=actor, price_list_id=list_id, **said)


def prices(actor):
    with acting_as(actor):
        rows = selectors.products(actor)
        return {row.key: (row.container_price_cents, row.container_cost_cents) for row in rows}


def carried_out(actor, list_id):
    do(actor, services.ask_to_apply, list_id)
    while do(actor, services.apply_portion, list_id):
        pass


@pytest.fixture
def shelf(practice):
    make_products(practice.owner, new_product("zinc"), new_product("iron"))
    return practice.owner


def test_a_file_is_mapped_previewed_carried_out_and_taken_back(shelf):
    before = prices(shelf)
    list_id = hand_in(shelf)
    do(shelf, services.map_columns, list_id, columns=COLUMNS, currency="usd")
    seen = read(shelf, list_id)
    assert seen.counts == {"price": 2, "new": 0, "unreadable": 0, "unmatched": 1, "same": 0}
    assert prices(shelf) == before

    carried_out(shelf, list_id)
    assert prices(shelf) == {"zinc": (1600, 800), "iron": (1800, 900)}
    assert read(shelf, list_id).status == "applied"

    do(shelf, services.undo, list_id)
    do(shelf, services.undo, list_id)
    assert prices(shelf) == before
    assert read(shelf, list_id).status == "undone"


def test_the_columns_of_a_supplier_are_remembered_once_carried_out(shelf):
    first = hand_in(shelf)
    do(shelf, services.map_columns, first, columns=COLUMNS, currency="USD")
    carried_out(shelf, first)
    again = read(shelf, hand_in(shelf, currency=""))
    assert (again.columns, again.currency, again.counts["same"]) == (COLUMNS, "USD", 2)
    assert "cost" not in read(shelf, hand_in(shelf, supplier="Other")).columns
    with acting_as(shelf):
        assert SupplierColumns.objects.count() == 1


def test_it_goes_on_where_it_stopped_and_asking_twice_does_it_once(shelf, monkeypatch):
    monkeypatch.setattr(applying, "PORTION", 1)
    list_id = hand_in(shelf)
    do(shelf, services.map_columns, list_id, columns=COLUMNS, currency="USD")
    do(shelf, services.ask_to_apply, list_id)
    do(shelf, services.ask_to_apply, list_id)
    assert do(shelf, services.apply_portion, list_id) is True
    assert read(shelf, list_id).lines_done == 1
    tasks.carry_out.func(str(list_id), str(shelf.user_id))
    tasks.carry_out.func(str(list_id), str(shelf.user_id))
    assert read(shelf, list_id).status == "applied"
    assert prices(shelf)["iron"] == (1800, 900)


def test_somebody_else_goes_on_with_a_list_whose_asker_may_no_more(shelf, monkeypatch):
    """Else it stays half done for good: neither to be finished, nor taken back, nor put away."""
    monkeypatch.setattr(applying, "PORTION", 1)
    list_id = hand_in(shelf)
    do(shelf, services.map_columns, list_id, columns=COLUMNS, currency="USD")
    do(shelf, services.ask_to_apply, list_id)
    do(shelf, services.apply_portion, list_id)
    nobody = str(uuid7())
    tasks.carry_out.func(str(list_id), nobody)
    assert (read(shelf, list_id).status, read(shelf, list_id).lines_done) == ("asked", 1)

    do(shelf, services.ask_to_apply, list_id)
    jobs = ProcrastinateJob.objects.filter(task_name=applying.CARRY_OUT, args__price_list_id=str(list_id))
    with acting_as(shelf):
        assert jobs.count() == 2
    tasks.carry_out.func(str(list_id), str(shelf.user_id))
    assert read(shelf, list_id).status == "applied"
    assert prices(shelf) == {"zinc": (1600, 800), "iron": (1800, 900)}


def test_a_price_that_somebody_changed_meanwhile_is_left_and_said(shelf):
    list_id = hand_in(shelf)
    do(shelf, services.map_columns, list_id, columns=COLUMNS, currency="USD")
    make_products(shelf, new_product("zinc", container_price_cents=7777))
    carried_out(shelf, list_id)
    assert prices(shelf)["zinc"][0] == 7777
    assert [line.reason for line in read(shelf, list_id).lines if line.key == "zinc"] == [
        applying.OTHER_BY_NOW
    ]
    make_products(shelf, new_product("iron", container_price_cents=8888))
    do(shelf, services.undo, list_id)
    assert prices(shelf)["iron"][0] == 8888


def test_what_is_added_is_retired_when_it_is_taken_back(shelf):
    head = b"SKU,Name,Brand,Form,Count,Ingredients,Allergens,MSRP\n"
    row = head + b"x1,Zinc 5,Alder,Capsule,60,Zinc 5 mg,none,20\n"
    list_id = hand_in(shelf, row)
    assert read(shelf, list_id).counts["new"] == 1
    carried_out(shelf, list_id)
    assert prices(shelf)["x1"] == (2000, 0)
    do(shelf, services.undo, list_id)
    assert "x1" not in prices(shelf)


def test_labels_come_in_retired_until_they_have_a_price(shelf):
    content = (shared_data() / "nutrition" / "dsld" / "labels.csv").read_bytes()
    list_id = hand_in(shelf, content, supplier="NIH DSLD")
    found = read(shelf, list_id)
    assert (found.kind, found.counts["new"] >= 60) == ("labels", True)
    carried_out(shelf, list_id)
    with acting_as(shelf):
        rows = [row for row in selectors.products(shelf, active=False) if "DSLD" in row.source]
    assert len(rows) == found.counts["new"]
    assert not any(row.is_active for row in rows)


def test_what_cannot_be_read_is_kept_whole_and_can_be_read_again_or_put_away(shelf):
    list_id = hand_in(shelf, b"\xd0\xcf\x11\xe0 an old file")
    assert read(shelf, list_id).status == "unreadable"
    assert "save it as .xlsx" in read(shelf, list_id).reason
    with acting_as(shelf):
        assert file_of(shelf, list_id) == ("list.csv", b"\xd0\xcf\x11\xe0 an old file")
    with pytest.raises(Conflict):
        do(shelf, services.ask_to_apply, list_id)
    do(shelf, services.read_again, list_id)
    assert read(shelf, list_id).status == "unreadable"
    do(shelf, services.dismiss, list_id)
    assert read(shelf, list_id).status == "dismissed"
    with pytest.raises(Conflict):
        do(shelf, services.read_again, list_id)


def test_one_request_is_one_file(shelf):
    key = uuid7()
    assert hand_in(shelf, key=key) == hand_in(shelf, key=key)
    with pytest.raises(RequestKeyReused):
        hand_in(shelf, b"SKU,MSRP\nzinc,9\n", key=key)
    with acting_as(shelf):
        assert len(price_lists(shelf)) == 1
    for wrong in ({"supplier": " "}, {"content": b"x" * 10_000_001}):
        with pytest.raises(Invalid):
            hand_in(shelf, **wrong)


def test_without_a_preview_nothing_is_carried_out(shelf):
    list_id = hand_in(shelf, currency="")
    assert "currency" in read(shelf, list_id).reason
    with pytest.raises(Conflict, match="currency"):
        do(shelf, services.ask_to_apply, list_id)
    with pytest.raises(Conflict):
        do(shelf, services.apply_portion, list_id)
    with pytest.raises(NotFound):
        do(shelf, services.read_again, uuid7())


@pytest.mark.parametrize("role", ["practitioner", "health_coach", "front_desk", "dispensary"])
def test_who_does_not_manage_the_catalog_sees_and_changes_nothing(practice, shelf, role):
    list_id = hand_in(shelf)
    actor = practice.by_role[role]
    with pytest.raises(Forbidden):
        hand_in(actor)
    for service in (services.read_again, services.dismiss, services.ask_to_apply, services.undo):
        with pytest.raises(Forbidden):
            do(actor, service, list_id)
    with acting_as(actor):
        assert not PriceList.objects.exists()
    with acting_as(shelf):
        row = PriceList.objects.get()
    row.pk, row.request_key = uuid7(), uuid7()
    with acting_as(actor), pytest.raises(Error, match="row-level security"), transaction.atomic():
        row.save(force_insert=True)
