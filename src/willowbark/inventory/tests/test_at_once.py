"""Many at one shelf at the same moment, each in a thread and a transaction of their own."""

from __future__ import annotations

import pytest

from willowbark.catalog.testing import make_products, new_product
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import all_at_once, at_once
from willowbark.inventory import selectors
from willowbark.inventory.models import Balance, Lot, StockMove, StockRequest
from willowbark.inventory.services import (
    OutOfStock,
    receive_stock,
    take_first_expiring,
    undo_move,
)
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict
from willowbark.practice.testing import make_practice

THREADS = 8


@pytest.fixture
def shop(fresh_database):
    return make_practice()


def taking(shop, *takes, key=None, source=None):
    key, source = key or uuid7(), source or uuid7()

    def call():
        with acting_as(shop.dispensary) as actor:
            return take_first_expiring(
                actor=actor, site_id=shop.north, takes=takes, source_id=source, request_key=key
            )

    return call


def books(shop) -> list[tuple[int, int]]:
    """Of each lot, what the ledger sums to and what the balance says."""
    with acting_as(shop.owner):
        return [
            (
                sum(StockMove.objects.filter(lot_id=lot.pk).values_list("containers", flat=True)),
                Balance.objects.get(lot_id=lot.pk).on_hand_containers,
            )
            for lot in Lot.objects.order_by("expires_on", "id")
        ]


@pytest.mark.parametrize("lots", [1, 5])
def test_eight_at_the_last_five_take_exactly_five(shop, lots):
    (zinc,) = make_products(shop.owner, new_product())
    for _ in range(lots):
        put_on_shelf(shop.owner, shop.north, zinc.id, 5 // lots)

    results = at_once(THREADS, lambda _: taking(shop, (zinc.id, 1))())

    assert results.count(OutOfStock) == THREADS - 5
    with pytest.raises(OutOfStock, match="1 asked for, 0 on hand"):
        taking(shop, (zinc.id, 1))()
    assert books(shop) == [(0, 0)] * lots
    with acting_as(shop.owner):
        assert StockMove.objects.filter(kind="dispense").count() == 5


def test_eight_with_one_key_take_once_and_are_told_the_same(shop):
    (zinc,) = make_products(shop.owner, new_product())
    put_on_shelf(shop.owner, shop.north, zinc.id, 2)
    put_on_shelf(shop.owner, shop.north, zinc.id, 1)

    take = taking(shop, (zinc.id, 3), key=uuid7(), source=uuid7())
    results = at_once(THREADS, lambda _: take())

    assert results == [results[0]] * THREADS
    assert sum(one.containers for one in results[0]) == 3
    assert books(shop) == [(0, 0), (0, 0)]
    with acting_as(shop.owner):
        assert StockRequest.objects.filter(kind="dispense").count() == 1


def test_two_products_in_opposite_order_make_nobody_wait_for_ever(shop):
    zinc, algae = make_products(shop.owner, new_product("a_zinc"), new_product("b_algae"))
    for product in (zinc, algae):
        for _ in range(3):
            put_on_shelf(shop.owner, shop.north, product.id, 40)
    one_way, other_way = [(zinc.id, 2), (algae.id, 2)], [(algae.id, 2), (zinc.id, 2)]

    for _ in range(10):
        results = at_once(THREADS, lambda place: taking(shop, *(one_way if place % 2 else other_way))())
        # Ten rounds want 160 of each 120: the last ones are refused, in whole.
        assert all(one is OutOfStock or isinstance(one, tuple) for one in results)

    sums = books(shop)
    assert all(ledger == balance >= 0 for ledger, balance in sums)
    taken = 2 * 3 * 40 - sum(balance for _, balance in sums)
    with acting_as(shop.owner):
        assert taken == 4 * StockRequest.objects.filter(kind="dispense").count()


def test_the_same_delivery_received_twice_at_once_is_received_once(shop):
    (zinc,) = make_products(shop.owner, new_product())
    key = uuid7()

    def receiving(containers, request_key):
        def call():
            with acting_as(shop.dispensary) as actor:
                return receive_stock(
                    actor=actor,
                    site_id=shop.north,
                    product_id=zinc.id,
                    lot_number="L1",
                    expires_on=selectors.site_day(shop.north).replace(year=2030, day=1),
                    containers=containers,
                    request_key=request_key,
                ).pk

        return call

    results = all_at_once(*[receiving(7, key)] * 4, *(receiving(1, uuid7()) for _ in range(4)))

    assert len(set(results[:4])) == 1
    assert books(shop) == [(11, 11)]


def test_a_move_undone_twice_at_once_is_undone_once(shop):
    (zinc,) = make_products(shop.owner, new_product())
    put_on_shelf(shop.dispensary, shop.north, zinc.id, 5)
    put_on_shelf(shop.dispensary, shop.north, zinc.id, 5)
    with acting_as(shop.dispensary) as actor:
        mistaken = selectors.moves(actor, shop.north, zinc.id).rows[0]

    def undoing(_):
        with acting_as(shop.dispensary) as actor:
            return undo_move(actor=actor, site_id=shop.north, move_id=mistaken.id, request_key=uuid7()).pk

    results = at_once(THREADS, undoing)

    assert results.count(Conflict) == THREADS - 1
    assert sorted(books(shop)) == [(0, 0), (5, 5)]
