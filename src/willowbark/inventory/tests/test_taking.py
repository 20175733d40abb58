"""What is dispensed leaves the shelf once, in whole, those that expire first, first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory import selectors
from willowbark.inventory.models import Balance, StockMove, StockRequest
from willowbark.inventory.services import OutOfStock, return_stock, take_first_expiring
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def take(actor, site, *takes, key=None, source=None):
    with acting_as(actor):
        return take_first_expiring(
            actor=actor,
            site_id=site,
            takes=[(product.id, containers) for product, containers in takes],
            source_id=source or uuid7(),
            request_key=key or uuid7(),
        )


def ledger(practice):
    with acting_as(practice.owner):
        return {
            lot: (sum(move.containers for move in moves), Balance.objects.get(lot_id=lot).on_hand_containers)
            for lot in StockMove.objects.values_list("lot_id", flat=True).distinct()
            for moves in [StockMove.objects.filter(lot_id=lot)]
        }


def test_first_expiring_go_first_and_the_ledger_sums_to_the_balance(practice, zinc):
    late = put_on_shelf(practice.owner, practice.north, zinc.id, 5, expires_on=date(2027, 9, 1))
    soon = put_on_shelf(practice.owner, practice.north, zinc.id, 3, expires_on=date(2027, 1, 1))

    taken = take(practice.dispensary, practice.north, (zinc, 4))

    assert [(one.lot_number, one.containers) for one in taken] == [(soon.lot_number, 3), (late.lot_number, 1)]
    assert ledger(practice) == {soon.lot_id: (0, 0), late.lot_id: (4, 4)}
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 4}
        newest = selectors.moves(practice.owner, practice.north, zinc.id).rows[0]
        assert newest.left_containers in {0, 4}


def test_what_has_expired_by_the_calendar_of_the_site_is_not_taken(practice, zinc):
    put_on_shelf(practice.owner, practice.north, zinc.id, 2, expires_on=date(2026, 11, 20))
    # New York is five hours behind: at 03:00 UTC its day is still the twentieth.
    with clock.at(datetime(2026, 11, 21, 3, tzinfo=UTC)):
        assert len(take(practice.dispensary, practice.north, (zinc, 1))) == 1
    with (
        clock.at(datetime(2026, 11, 21, 6, tzinfo=UTC)),
        pytest.raises(OutOfStock, match="Zinc 15: 1 asked for, 0 on hand"),
    ):
        take(practice.dispensary, practice.north, (zinc, 1))
    with clock.at(datetime(2026, 11, 21, 6, tzinfo=UTC)), acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north, [zinc.id]) == {}


def test_nothing_is_taken_in_part_and_the_refusal_names_what_and_how_many(practice, zinc, algae):
    put_on_shelf(practice.owner, practice.north, zinc.id, 2)
    put_on_shelf(practice.owner, practice.north, algae.id, 9)
    with acting_as(practice.owner):
        before = (StockMove.objects.count(), StockRequest.objects.count())

    with pytest.raises(OutOfStock) as refused:
        take(practice.dispensary, practice.north, (algae, 9), (zinc, 3))

    assert str(refused.value) == "Not enough on the shelf. Zinc 15: 3 asked for, 2 on hand."
    (short,) = refused.value.short
    assert (short.product_id, short.asked_containers, short.on_hand_containers) == (zinc.id, 3, 2)
    with acting_as(practice.owner):
        assert (StockMove.objects.count(), StockRequest.objects.count()) == before
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 2, algae.id: 9}


def test_the_same_key_takes_once_and_answers_the_same(practice, zinc, algae):
    put_on_shelf(practice.owner, practice.north, zinc.id, 1, expires_on=date(2027, 1, 1))
    put_on_shelf(practice.owner, practice.north, zinc.id, 9)
    put_on_shelf(practice.owner, practice.north, algae.id, 9)
    key, source = uuid7(), uuid7()
    first = take(practice.dispensary, practice.north, (zinc, 3), (algae, 2), key=key, source=source)

    assert take(practice.dispensary, practice.north, (zinc, 3), (algae, 2), key=key, source=source) == first
    with pytest.raises(RequestKeyReused):
        take(practice.dispensary, practice.north, (zinc, 4), (algae, 2), key=key, source=source)
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 7, algae.id: 7}


def test_who_dispenses_takes_though_they_do_not_keep_the_shelf(practice, zinc):
    put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    for actor in (practice.practitioner, practice.senior, practice.dispensary):
        assert len(take(actor, practice.north, (zinc, 1))) == 1
    for actor in (practice.coach, practice.front_desk):
        with pytest.raises(Forbidden):
            take(actor, practice.north, (zinc, 1))
    with pytest.raises(NotFound):
        take(practice.dispensary, practice.south, (zinc, 1))
    with acting_as(practice.owner):
        assert selectors.on_hand(practice.owner, practice.north) == {zinc.id: 2}


@pytest.mark.parametrize("containers", [0, -1, 100_001])
def test_a_number_that_cannot_be_is_refused(practice, zinc, containers):
    with pytest.raises(Invalid):
        take(practice.dispensary, practice.north, (zinc, containers))


def test_what_was_taken_comes_back_into_its_lot_and_never_more(practice, zinc):
    lot = put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    source = uuid7()
    take(practice.dispensary, practice.north, (zinc, 3), source=source)

    def back(containers, key):
        with acting_as(practice.dispensary):
            return_stock(
                actor=practice.dispensary,
                site_id=practice.north,
                returns=[(lot.lot_id, containers)],
                source_id=source,
                request_key=key,
            )

    key = uuid7()
    back(2, key)
    back(2, key)
    with pytest.raises(Conflict, match=r"2 of lot .* cannot come back: 1 are out"):
        back(2, uuid7())
    assert ledger(practice) == {lot.lot_id: (4, 4)}


def test_taking_costs_as_many_statements_with_many_lots(practice, zinc):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            take(practice.dispensary, practice.north, (zinc, 4))
        return len(captured)

    put_on_shelf(practice.owner, practice.north, zinc.id, 4)
    few = statements()
    for day in range(20):
        put_on_shelf(
            practice.owner, practice.north, zinc.id, 1, expires_on=date(2027, 1, 1) + timedelta(days=day)
        )
    assert statements() == few <= 13
