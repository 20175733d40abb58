"""A recall reaches the shelf, what is composed, what is in force, and whoever was given it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from willowbark.dispensary.handlers import ask_back_after_recall
from willowbark.dispensary.services import dispense
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import OutboxMessage
from willowbark.inventory.events import RecallChanged
from willowbark.inventory.selectors import on_hand, recalls
from willowbark.inventory.services import NewRecall, OutOfStock, lift_recall, recall_product
from willowbark.inventory.testing import put_on_shelf
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.selectors import system_actor
from willowbark.protocols.handlers import recheck_after_recall
from willowbark.protocols.models import ProtocolConcern
from willowbark.protocols.testing import make_composition, make_protocol, stock
from willowbark.worklist.models import Task


def said_of(key, *lots):
    return NewRecall(
        product_key=key,
        reason="Glass was found in a bottle.",
        source_text="The maker's letter of 20 November",
        lot_numbers=lots,
    )


@pytest.fixture
def world(practice):
    stock(practice)
    return practice


@pytest.fixture
def me(practice):
    return practice.practitioner


@pytest.fixture
def patient(practice, me):
    patient = make_patient(practice, birth_date=parse_partial_date("1970-05-05")).pk
    put_into_care(practice, patient, me)
    return patient


def recalled(practice, key, *lots):
    with acting_as(practice.dispensary) as actor:
        recall_id = recall_product(actor=actor, new=said_of(key, *lots))
        assert OutboxMessage.objects.filter(name="inventory.RecallChanged").exists()
    followed(practice, recall_id)
    return recall_id


def followed(practice, recall_id):
    for handler in (recheck_after_recall, ask_back_after_recall):
        with acting_as(practice.everywhere):
            system = system_actor("worker")
        with acting_as(system) as actor:
            handler(actor, RecallChanged(recall_id))


def rows(practice, model, patient, **wanted):
    with acting_as(practice.everywhere):
        return list(model.objects.filter(patient=patient, **wanted))


def given(me, practice, protocol, line):
    with acting_as(me) as actor:
        return dispense(
            actor=actor,
            patient_id=protocol.patient_id,
            protocol_id=protocol.id,
            site_id=practice.north,
            lines={line.id: line.containers},
            request_key=uuid7(),
        )


def test_whoever_takes_a_recalled_product_by_protocol_is_to_stop_today(world, me, patient):
    protocol = make_protocol(me, patient)
    line = protocol.lines[0]
    recall_id = recalled(world, line.product_key)
    (concern,) = rows(world, ProtocolConcern, patient, kind="recall")
    assert concern.severity == "contraindicated"
    assert "Glass was found" in concern.text
    (task,) = rows(world, Task, patient, kind="recheck", state="open")
    assert task.owner_id == me.user_id
    with acting_as(world.dispensary) as actor:
        lift_recall(actor=actor, recall_id=recall_id, reason="It was another product.")
    followed(world, recall_id)
    assert not rows(world, Task, patient, state="open", kind="recheck")


def test_a_recalled_product_is_not_composed_with(world, me, patient):
    chosen = {line.product for line in make_composition(me, patient).plan.lines}
    key = sorted(chosen)[0]
    recalled(world, key)
    assert key not in {line.product for line in make_composition(me, patient).plan.lines}


def test_exactly_those_who_were_given_a_recalled_lot_are_asked_for_it(world, me, patient):
    other = make_patient(world, birth_date=parse_partial_date("1971-05-05")).pk
    put_into_care(world, other, me)
    protocol, theirs = make_protocol(me, patient), make_protocol(me, other)
    line = protocol.lines[0]
    given(me, world, protocol, line)
    lot = f"LOT{line.product_key}"[:20].upper().replace("_", "")
    put_on_shelf(world.owner, world.north, line.product_id, 50, lot_number="FRESH")
    recalled(world, line.product_key, lot)
    (task,) = rows(world, Task, patient, kind="recall", state="open")
    assert task.owner_id == me.user_id
    assert lot in task.title
    assert "Glass was found" in task.detail
    assert not rows(world, Task, other, kind="recall")
    assert not rows(world, ProtocolConcern, patient, kind="recall"), "the other lots may be taken"
    given(me, world, theirs, next(each for each in theirs.lines if each.product_key == line.product_key))
    recalled(world, line.product_key, lot)
    assert not rows(world, Task, other, kind="recall"), "the fresh lot was handed out"


def test_nothing_that_is_recalled_is_on_hand_or_handed_out(world, me, patient):
    protocol = make_protocol(me, patient)
    line = protocol.lines[0]
    recalled(world, line.product_key)
    with acting_as(me) as actor:
        assert line.product_id not in on_hand(actor, world.north)
    with pytest.raises(OutOfStock):
        given(me, world, protocol, line)
    assert not rows(world, Task, patient, kind="recall")


def test_the_same_recall_is_one_and_a_lifted_one_is_lifted_once(world):
    with acting_as(world.dispensary) as actor:
        key = "zinc_picolinate_15"
        first = recall_product(actor=actor, new=said_of(key, " ab1 "))
        assert recall_product(actor=actor, new=said_of(key, "AB1")) == first
        assert [each.lot_numbers for each in recalls(actor) if each.id == first] == [("AB1",)]
        lift_recall(actor=actor, recall_id=first, reason="It was a mistake.")
        assert first not in {each.id for each in recalls(actor)}
        with pytest.raises(Conflict):
            lift_recall(actor=actor, recall_id=first, reason="Again.")


def test_what_says_nothing_or_is_nobodys_to_say_is_refused(world, me):
    with acting_as(world.dispensary) as actor:
        for said, error in (
            ({"reason": " "}, Invalid),
            ({"source_text": ""}, Invalid),
            ({"lot_numbers": [""]}, Invalid),
            ({"class_code": "fda_4"}, Invalid),
            ({"told_by": "x" * 201}, Invalid),
            ({"product_key": "no_such_product"}, NotFound),
        ):
            with pytest.raises(error):
                recall_product(actor=actor, new=replace(said_of("zinc_picolinate_15"), **said))
        assert not recalls(actor)
    with acting_as(me) as actor, pytest.raises(Forbidden):
        recall_product(actor=actor, new=said_of("zinc_picolinate_15"))
