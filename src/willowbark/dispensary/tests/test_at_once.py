"""Several who dispense at the same time: real threads, real commits."""

from __future__ import annotations

from collections import Counter

import pytest

from willowbark.catalog.testing import make_products, new_product
from willowbark.dispensary.core.due import MoreThanSigned, NotInForce
from willowbark.dispensary.models import DispensedLine, Dispensing
from willowbark.dispensary.services import dispense, take_back
from willowbark.dispensary.tests.signed import end, sign
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.foundation.testing import at_once
from willowbark.inventory.models import StockMove
from willowbark.inventory.selectors import on_hand
from willowbark.inventory.services import OutOfStock
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, RequestKeyReused
from willowbark.patients.testing import make_patient
from willowbark.practice.testing import make_practice, today_there

EIGHT = 8


@pytest.fixture(scope="module")
def committed(module_database):
    """A practice with real commits for this module."""
    return make_practice()


@pytest.fixture
def products(committed):
    return make_products(committed.senior, new_product(), new_product())


def patient_with(committed, *lines):
    patient = make_patient(committed).pk
    return (patient, *sign(committed.everywhere, patient, committed.north, lines))


def hand_out(committed, patient, protocol, lines, key=None):
    with acting_as(committed.dispensary) as dan:
        return dispense(
            actor=dan,
            patient_id=patient,
            protocol_id=protocol,
            site_id=committed.north,
            lines=lines,
            request_key=key or uuid7(),
        )


def out_of(committed, *lines) -> int:
    with acting_as(committed.everywhere):
        rows = DispensedLine.objects.filter(protocol_line__in=lines, dispensing__taken_back_at__isnull=True)
        return sum(rows.values_list("containers", flat=True))


def left(committed, product) -> int:
    with acting_as(committed.dispensary) as dan:
        return on_hand(dan, committed.north, [product.id]).get(product.id, 0)


def test_eight_who_want_the_last_five_containers_get_exactly_five(committed, products):
    """Eight patients, one container each; five on the shelf, in three lots."""
    zinc, _ = products
    for containers in (1, 1, 3):
        put_on_shelf(committed.dispensary, committed.north, zinc.id, containers)
    signed = [patient_with(committed, (zinc, 1)) for _ in range(EIGHT)]

    def act(number: int):
        patient, protocol, (line,) = signed[number]
        hand_out(committed, patient, protocol, {line: 1})
        return "handed out"

    assert Counter(at_once(EIGHT, act)) == {"handed out": 5, OutOfStock: 3}
    assert left(committed, zinc) == 0
    assert out_of(committed, *(line for _, _, (line,) in signed)) == 5
    with acting_as(committed.everywhere):
        moved = StockMove.objects.filter(product_id=zinc.id, kind="dispense")
        assert -sum(moved.values_list("containers", flat=True)) == 5
        assert Dispensing.objects.filter(patient__in=[each[0] for each in signed]).count() == 5


def test_one_key_sent_eight_times_at_once_hands_out_once(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 20)
    patient, protocol, (line,) = patient_with(committed, (zinc, 16))
    key = uuid7()
    made = set(at_once(EIGHT, lambda _: hand_out(committed, patient, protocol, {line: 2}, key)))
    assert len(made) == 1
    assert (out_of(committed, line), left(committed, zinc)) == (2, 18)
    told = OutboxMessage.objects.filter(name="dispensary.Dispensed", payload__patient_id=str(patient))
    assert told.count() == 1


def test_one_key_for_two_things_at_once_keeps_one_and_refuses_the_other(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 20)
    patient, protocol, (line,) = patient_with(committed, (zinc, 16))
    key = uuid7()
    outcomes = Counter(
        map(
            str,
            at_once(
                EIGHT, lambda number: hand_out(committed, patient, protocol, {line: 1 + number % 2}, key)
            ),
        )
    )
    assert len(outcomes) == 2
    assert outcomes[str(RequestKeyReused)] == EIGHT // 2
    assert out_of(committed, line) in (1, 2)


def test_two_who_dispense_one_line_never_hand_out_more_than_was_signed(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 50)
    patient, protocol, (line,) = patient_with(committed, (zinc, 5))

    def act(_: int):
        hand_out(committed, patient, protocol, {line: 2})
        return "handed out"

    assert Counter(at_once(EIGHT, act)) == {"handed out": 2, MoreThanSigned: 6}
    assert (out_of(committed, line), left(committed, zinc)) == (4, 46)


def test_two_who_take_the_same_products_in_another_order_both_finish(committed, products):
    """Locks are taken in the order of the keys, so that nobody waits for each other for ever."""
    zinc, iron = products
    for product in products:
        put_on_shelf(committed.dispensary, committed.north, product.id, 100)
    signed = [
        patient_with(committed, *([(zinc, 2), (iron, 2)] if number % 2 else [(iron, 2), (zinc, 2)]))
        for number in range(EIGHT)
    ]

    def act(number: int):
        patient, protocol, lines = signed[number]
        hand_out(committed, patient, protocol, dict.fromkeys(lines, 2))
        return "handed out"

    assert at_once(EIGHT, act) == ["handed out"] * EIGHT
    assert (left(committed, zinc), left(committed, iron)) == (84, 84)


def test_whoever_ends_a_protocol_while_it_is_dispensed_comes_before_or_after(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 50)
    patient, protocol, (line,) = patient_with(committed, (zinc, 8))

    def act(number: int):
        if number == 0:
            end(committed.everywhere, patient, protocol)
            return "ended"
        hand_out(committed, patient, protocol, {line: 1})
        return "handed out"

    outcomes = Counter(at_once(EIGHT, act))
    assert outcomes["ended"] == 1
    assert outcomes["handed out"] + outcomes[NotInForce] == EIGHT - 1
    assert out_of(committed, line) == outcomes["handed out"] == 50 - left(committed, zinc)


def test_what_eight_take_back_at_once_is_put_back_once(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 10)
    patient, protocol, (line,) = patient_with(committed, (zinc, 3))
    dispensing = hand_out(committed, patient, protocol, {line: 3})

    def act(number: int):
        with acting_as(committed.dispensary) as dan:
            reason = "Wrong person" if number % 2 else "Wrong product"
            take_back(actor=dan, patient_id=patient, dispensing_id=dispensing, reason=reason)
        return "back"

    assert Counter(at_once(EIGHT, act)) == {"back": 4, Conflict: 4}
    assert (out_of(committed, line), left(committed, zinc)) == (0, 10)


def test_taking_back_and_handing_out_at_once_add_up(committed, products):
    zinc, _ = products
    put_on_shelf(committed.dispensary, committed.north, zinc.id, 10)
    patient, protocol, (line,) = patient_with(committed, (zinc, 3))
    dispensing = hand_out(committed, patient, protocol, {line: 3})

    def act(number: int):
        if number % 2:
            hand_out(committed, patient, protocol, {line: 3})
            return "handed out"
        with acting_as(committed.dispensary) as dan:
            take_back(actor=dan, patient_id=patient, dispensing_id=dispensing, reason="Wrong person")
        return "back"

    outcomes = Counter(at_once(EIGHT, act))
    assert outcomes["back"] == 4
    assert outcomes["handed out"] <= 1
    assert out_of(committed, line) == 3 * outcomes["handed out"] == 10 - left(committed, zinc)


def test_the_database_alone_holds_two_dispensers_of_one_line_to_what_was_signed(committed, products):
    """Lines written at once by whatever code: the trigger lets no more through than were signed."""
    zinc, _ = products
    patient, protocol, (line,) = patient_with(committed, (zinc, 5))

    def act(_: int):
        from django.db import IntegrityError

        from willowbark.foundation import clock

        try:
            with acting_as(committed.dispensary) as dan:
                row = Dispensing.objects.create(
                    patient_id=patient,
                    protocol_id=protocol,
                    site_id=committed.north,
                    at=clock.now(),
                    by_id=dan.user_id,
                    request_key=uuid7(),
                    request_digest=b"",
                )
                DispensedLine.objects.create(
                    patient_id=patient,
                    dispensing=row,
                    protocol_line_id=line,
                    product_id=zinc.id,
                    product_name="Zinc",
                    lot_id=uuid7(),
                    lot_number="X",
                    expires_on=today_there(),
                    containers=1,
                    units=zinc.units_per_container,
                    unit_name="capsule",
                    price_cents=0,
                    currency="USD",
                )
        except IntegrityError as error:
            return getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        return "written"

    assert Counter(at_once(EIGHT, act)) == {"written": 5, "dispensed_within_signed": 3}
    assert out_of(committed, line) == 5
