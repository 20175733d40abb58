"""What the database itself refuses, whatever Python asks for."""

from __future__ import annotations

import pytest
from django.db import Error, IntegrityError, connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.inventory.models import Balance, Lot, StockMove, StockRequest
from willowbark.inventory.testing import put_on_shelf


def execute(actor, statement, values=()):
    with acting_as(actor), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def insert_move(actor, lot, *, kind="receive", containers=1, reason="", site_id, by=None):
    with acting_as(actor), transaction.atomic():
        request = StockRequest.objects.create(
            site_id=site_id,
            request_key=uuid7(),
            kind=kind,
            content_sha256="0" * 64,
            at=clock.now(),
            by_id=actor.user_id,
        )
        move = StockMove(
            site_id=site_id,
            lot_id=lot.lot_id,
            request_id=request.pk,
            product_id=uuid7(),
            kind=kind,
            containers=containers,
            left_containers=999,
            reason=reason,
            at=clock.now(),
            by_id=by or actor.user_id,
        )
        move.save(force_insert=True)
        return StockMove.objects.get(pk=move.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_balance SET on_hand_containers = 1000",
        "DELETE FROM inventory_balance",
        "INSERT INTO inventory_balance (id, site_id, lot_id, on_hand_containers)"
        " SELECT gen_random_uuid(), site_id, id, 5 FROM inventory_lot",
        "UPDATE inventory_stockmove SET containers = 1",
        "DELETE FROM inventory_stockmove",
        "UPDATE inventory_lot SET expires_on = '2099-01-01'",
        "DELETE FROM inventory_lot",
        "UPDATE inventory_stockrequest SET content_sha256 = ''",
        "DELETE FROM inventory_stockrequest",
        "TRUNCATE inventory_stockmove",
        "ALTER TABLE inventory_stockmove DISABLE TRIGGER ALL",
    ],
)
def test_the_application_writes_no_balance_and_changes_no_line(practice, zinc, statement):
    put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    with pytest.raises(Error, match=r"permission denied|must be owner"):
        execute(practice.owner, statement)


def test_the_ledger_moves_the_balance_and_fills_in_what_is_left_and_of_what(practice, zinc):
    lot = put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    move = insert_move(practice.owner, lot, containers=2, site_id=practice.north)
    assert (move.left_containers, move.product_id) == (7, zinc.id)


@pytest.mark.parametrize(
    ("kind", "containers", "reason"),
    [
        ("receive", 0, ""),
        ("receive", -1, ""),
        ("return", -1, ""),
        ("dispense", 1, ""),
        ("waste", 1, "broken"),
        ("waste", -1, ""),
        ("adjust", -1, ""),
        ("steal", -1, "why not"),
        ("adjust", -6, "more than there is"),
        ("dispense", -6, ""),
    ],
)
def test_a_line_that_cannot_be_is_refused(practice, zinc, kind, containers, reason):
    lot = put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    with pytest.raises(IntegrityError):
        insert_move(
            practice.owner, lot, kind=kind, containers=containers, reason=reason, site_id=practice.north
        )
    with acting_as(practice.owner):
        assert Balance.objects.get(lot_id=lot.lot_id).on_hand_containers == 5


def test_no_move_of_one_site_touches_the_shelf_of_another(practice, zinc):
    lot = put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    with pytest.raises(IntegrityError, match="no such lot at this site"):
        insert_move(practice.owner, lot, site_id=practice.south)


def test_a_shelf_is_read_and_kept_by_those_of_its_site(practice, zinc):
    lot = put_on_shelf(practice.owner, practice.south, zinc.id, 5)
    for actor in (practice.dispensary, practice.senior, practice.practitioner):
        with acting_as(actor):
            assert not Lot.objects.exists()
            assert not Balance.objects.exists()
            assert not StockMove.objects.exists()
            assert not StockRequest.objects.exists()
        with pytest.raises(Error, match="row-level security"):
            insert_move(actor, lot, kind="dispense", containers=-1, site_id=practice.south)


def test_who_dispenses_writes_dispensing_and_nothing_else(practice, zinc):
    lot = put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    insert_move(practice.practitioner, lot, kind="dispense", containers=-1, site_id=practice.north)
    with pytest.raises(Error, match="row-level security"):
        insert_move(practice.practitioner, lot, containers=1, site_id=practice.north)
    with pytest.raises(Error, match="row-level security"):
        insert_move(practice.front_desk, lot, kind="dispense", containers=-1, site_id=practice.north)


def test_only_who_moves_stock_at_a_site_may_lock_it(practice, zinc):
    put_on_shelf(practice.owner, practice.north, zinc.id, 5)
    lock = "SELECT * FROM willow_lock_stock(%s, %s, '{}')"
    assert execute(practice.dispensary, lock, [practice.north, [zinc.id]]) == 1
    for actor, site in ((practice.front_desk, practice.north), (practice.dispensary, practice.south)):
        with pytest.raises(Error, match="not a site of whoever acts"):
            execute(actor, lock, [site, [zinc.id]])


def test_the_trigger_functions_are_nobodys_to_attach(practice):
    with acting_as(practice.owner), connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_function_privilege(current_user, oid, 'EXECUTE') FROM pg_proc"
            " WHERE proname IN ('willow_open_balance', 'willow_move_balance', 'willow_product_is_whole')"
        )
        assert cursor.fetchall() == [(False,)] * 3


def test_keys_carry_the_site(practice):
    with acting_as(practice.owner), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid::regclass::text LIKE 'inventory%%' AND contype = 'p'"
            " AND conrelid::regclass::text <> 'inventory_recall' ORDER BY 1"
        )
        assert [definition for _, definition in cursor.fetchall()] == ["PRIMARY KEY (site_id, id)"] * 4
