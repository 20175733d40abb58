"""Choosing lots: in whole, first expiring first, and never what has expired."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from willowbark.inventory.core.stock import LotOnHand, pick_first_expiring

TODAY = date(2026, 11, 20)
PRODUCTS = [UUID(int=number) for number in range(3)]


@st.composite
def shelves(draw):
    count = draw(st.integers(0, 12))
    return [
        LotOnHand(
            lot_id=UUID(int=100 + place),
            product_id=draw(st.sampled_from(PRODUCTS)),
            lot_number=draw(st.sampled_from(["A", "B"])),
            expires_on=TODAY + timedelta(days=draw(st.integers(-2, 3))),
            on_hand_containers=draw(st.integers(0, 4)),
        )
        for place in range(count)
    ]


TAKES = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 6)), min_size=1, max_size=4)


def usable(shelf, product):
    return [
        lot
        for lot in shelf
        if lot.product_id == product and lot.expires_on >= TODAY and lot.on_hand_containers
    ]


@given(shelves(), TAKES)
def test_either_everything_is_taken_or_what_is_short_is_named(shelf, takes):
    picked = pick_first_expiring(shelf, takes, TODAY)
    asked = {product: sum(n for p, n in takes if p == product) for product, _ in takes}
    there = {product: sum(lot.on_hand_containers for lot in usable(shelf, product)) for product in asked}

    short = {one.product_id: (one.asked_containers, one.on_hand_containers) for one in picked.short}
    assert short == {p: (asked[p], there[p]) for p in asked if asked[p] > there[p]}
    taken = {p: sum(one.containers for one in picked.taken if one.product_id == p) for p in asked}
    assert taken == (dict.fromkeys(asked, 0) if short else asked)


@given(shelves(), TAKES)
def test_no_lot_gives_more_than_it_has_and_none_that_has_expired(shelf, takes):
    lots = {lot.lot_id: lot for lot in shelf}
    taken = pick_first_expiring(shelf, takes, TODAY).taken

    assert len({one.lot_id for one in taken}) == len(taken)
    for one in taken:
        assert 0 < one.containers <= lots[one.lot_id].on_hand_containers
        assert one.expires_on == lots[one.lot_id].expires_on >= TODAY


@given(shelves(), TAKES)
def test_a_lot_is_opened_only_when_all_that_expire_earlier_are_empty(shelf, takes):
    taken = {one.lot_id: one.containers for one in pick_first_expiring(shelf, takes, TODAY).taken}
    for product in PRODUCTS:
        row = sorted(usable(shelf, product), key=lambda lot: lot.expires_on)
        for earlier in row:
            left = earlier.on_hand_containers - taken.get(earlier.lot_id, 0)
            later = [lot for lot in row if lot.expires_on > earlier.expires_on and lot.lot_id in taken]
            assert not (left and later)


@given(shelves(), TAKES, st.randoms())
def test_the_order_of_the_shelf_changes_nothing(shelf, takes, chance):
    shuffled = list(shelf)
    chance.shuffle(shuffled)
    assert pick_first_expiring(shuffled, takes, TODAY) == pick_first_expiring(shelf, takes, TODAY)


def test_a_lot_can_be_used_on_the_day_it_expires():
    lot = LotOnHand(UUID(int=9), PRODUCTS[0], "A", TODAY, 1)
    assert pick_first_expiring([lot], [(PRODUCTS[0], 1)], TODAY).taken
    assert pick_first_expiring([lot], [(PRODUCTS[0], 1)], TODAY + timedelta(days=1)).short
