"""Whoever edits, removes, adds or reorders what the logs say is found out, and the entry is named."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from willowbark.foundation.acting import acting_as
from willowbark.foundation.ids import uuid7
from willowbark.foundation.tamper.sealing import Head, anchor, anchored, heads, seal, seal_until
from willowbark.foundation.tamper.verifying import verify
from willowbark.patients.testing import make_patient, put_into_care
from willowbark.practice.testing import make_practice
from willowbark.record.services.adding import add_note

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = {"access": "foundation_accessentry", "history": "foundation_patienthistory"}


@pytest.fixture
def practice(fresh_database):
    practice = make_practice()
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    for number in range(6):
        with acting_as(practice.practitioner):
            add_note(
                actor=practice.practitioner,
                patient_id=patient,
                kind="clinical",
                body=f"Words {number}",
                request_key=uuid7(),
            )
    return practice


@pytest.fixture
def seal_everything(owner_connection):
    """Seal until nothing waits; now and then the server's own work holds a number open for a moment."""

    def waiting():
        (count,) = owner_connection.execute(
            "SELECT sum(waiting) FROM ("
            + " UNION ALL ".join(
                f"SELECT count(*) AS waiting FROM {table} WHERE transaction > coalesce("
                f"(SELECT max(through_transaction) FROM foundation_seal WHERE chain = '{name}'), 0)"
                for name, table in TABLES.items()
            )
            + ") AS all_that_waits"
        ).fetchone()
        return count

    def work(most_entries=5):
        ends = time.monotonic() + 30
        while waiting():
            assert time.monotonic() < ends, "the sealer does not come to rest"
            if not seal(most_entries=most_entries):
                time.sleep(0.05)

    return work


def chain(reports, name):
    return next(one for one in reports if one.chain == name)


def kinds(report):
    return [fault.kind for fault in report.faults]


def nth_entry(owner, name, place):
    (found,) = owner.execute(
        f"SELECT id FROM {TABLES[name]} ORDER BY transaction, id OFFSET %s LIMIT 1", [place]
    ).fetchone()
    return found


def test_what_nobody_touched_is_intact_and_covered_whole(practice, owner_connection, seal_everything):
    seal_everything()
    reports = verify(owner_connection, heads())
    for name, table in TABLES.items():
        report = chain(reports, name)
        (count,) = owner_connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert report.faults == []
        assert report.entries == count > 5
        assert report.unsealed == 0
        assert report.blocks > 1


@pytest.mark.parametrize("name", TABLES)
def test_an_edited_entry_is_named(practice, owner_connection, name, seal_everything):
    seal_everything()
    victim = nth_entry(owner_connection, name, 2)
    owner_connection.execute(f"UPDATE {TABLES[name]} SET db_role = 'somebody' WHERE id = %s", [victim])

    report = chain(verify(owner_connection, heads()), name)
    assert [(fault.kind, fault.entry_id) for fault in report.faults] == [("edited", victim)]


@pytest.mark.parametrize("name", TABLES)
def test_a_removed_entry_is_named(practice, owner_connection, name, seal_everything):
    seal_everything()
    victim = nth_entry(owner_connection, name, 3)
    owner_connection.execute(f"DELETE FROM {TABLES[name]} WHERE id = %s", [victim])

    report = chain(verify(owner_connection, heads()), name)
    assert [(fault.kind, fault.entry_id) for fault in report.faults] == [("removed", victim)]


@pytest.mark.parametrize("name", TABLES)
def test_an_entry_that_slips_in_later_is_named(practice, owner_connection, name, seal_everything):
    seal_everything()
    template = nth_entry(owner_connection, name, 1)
    columns = [
        row[0]
        for row in owner_connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND column_name <> 'id'",
            [TABLES[name]],
        ).fetchall()
    ]
    said, forged = ", ".join(columns), uuid7()
    owner_connection.execute(
        f"INSERT INTO {TABLES[name]} (id, {said}) SELECT %s, {said} FROM {TABLES[name]} WHERE id = %s",
        [forged, template],
    )

    report = chain(verify(owner_connection, heads()), name)
    assert ("added", forged) in [(fault.kind, fault.entry_id) for fault in report.faults]


@pytest.mark.parametrize("name", TABLES)
def test_entries_that_change_places_are_named(practice, owner_connection, name, seal_everything):
    """Two entries swap their whole content: each looks true by itself, and the story is another."""
    seal_everything()
    first, other = (nth_entry(owner_connection, name, place) for place in (1, 4))
    spare = uuid7()
    for old, new in ((first, spare), (other, first), (spare, other)):
        owner_connection.execute(f"UPDATE {TABLES[name]} SET id = %s WHERE id = %s", [new, old])

    report = chain(verify(owner_connection, heads()), name)
    assert {fault.entry_id for fault in report.faults} >= {first, other}


@pytest.mark.parametrize("name", TABLES)
def test_an_entry_moved_to_another_time_is_named(practice, owner_connection, name, seal_everything):
    seal_everything()
    victim = nth_entry(owner_connection, name, 0)
    owner_connection.execute(
        f"UPDATE {TABLES[name]} SET transaction = (SELECT max(transaction) FROM {TABLES[name]})"
        " WHERE id = %s",
        [victim],
    )

    report = chain(verify(owner_connection, heads()), name)
    assert ("moved", victim) in [(fault.kind, fault.entry_id) for fault in report.faults]


def test_a_truncated_tail_contradicts_the_anchor(practice, owner_connection, tmp_path, seal_everything):
    seal_everything()
    file = tmp_path / "anchors.jsonl"
    anchor(file)
    (last,) = owner_connection.execute(
        "SELECT max(number) FROM foundation_seal WHERE chain = 'access'"
    ).fetchone()
    (after,) = owner_connection.execute(
        "DELETE FROM foundation_seal WHERE chain = 'access' AND number = %s RETURNING after_transaction",
        [last],
    ).fetchone()
    owner_connection.execute("DELETE FROM foundation_accessentry WHERE transaction > %s", [after])

    report = chain(verify(owner_connection, anchored(file)), "access")
    assert kinds(report) == ["truncated"]
    assert report.faults[0].block == last


def test_a_seal_taken_out_of_the_middle_is_missed(practice, owner_connection, seal_everything):
    seal_everything()
    owner_connection.execute("DELETE FROM foundation_seal WHERE chain = 'access' AND number = 2")

    report = chain(verify(owner_connection, []), "access")
    assert ("seal_removed", 2) in [(fault.kind, fault.block) for fault in report.faults]


def test_a_seal_that_is_made_to_fit_an_edit_breaks_the_chain(practice, owner_connection, seal_everything):
    """Who edits an entry and recomputes its block still leaves the next block pointing at the old one."""
    seal_everything()
    victim = nth_entry(owner_connection, "access", 0)
    owner_connection.execute("UPDATE foundation_accessentry SET action = 'x' WHERE id = %s", [victim])
    owner_connection.execute(
        "UPDATE foundation_seal s SET entry_digests = d.digests,"
        " digest = willow_block_digest(previous, chain, number, after_transaction, through_transaction,"
        "                              entry_ids, d.digests)"
        " FROM (SELECT string_agg(willow_access_digest(e), '' ORDER BY e.transaction, e.id) AS digests"
        "       FROM foundation_accessentry e, foundation_seal o WHERE o.chain = 'access' AND o.number = 1"
        "       AND e.transaction > o.after_transaction AND e.transaction <= o.through_transaction) d"
        " WHERE s.chain = 'access' AND s.number = 1"
    )

    report = chain(verify(owner_connection, []), "access")
    assert [(fault.kind, fault.block) for fault in report.faults] == [("chain_broken", 2)]


def test_a_chain_rewritten_whole_contradicts_the_anchor(practice, owner_connection, seal_everything):
    seal_everything()
    known = heads()
    victim = nth_entry(owner_connection, "access", 0)
    owner_connection.execute("UPDATE foundation_accessentry SET action = 'x' WHERE id = %s", [victim])
    owner_connection.execute("DELETE FROM foundation_seal")
    seal_everything()

    # Sealed again, the same entries may be cut into fewer blocks: then the anchored one is not there at all.
    report = chain(verify(owner_connection, known), "access")
    assert kinds(report) in (["rewritten"], ["truncated"])


def test_nothing_that_may_still_be_written_before_is_sealed_past(practice, owner_connection, seal_everything):
    """An open transaction may still write with its number: what is numbered higher waits for it."""
    patient = make_patient_in_care(practice)
    seal_everything()
    with psycopg.connect(**connection_parameters()) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        with acting_as(practice.practitioner):
            add_note(
                actor=practice.practitioner,
                patient_id=patient,
                kind="clinical",
                body="Later",
                request_key=uuid7(),
            )
        assert seal() == 0
        assert chain(verify(owner_connection, heads()), "access").unsealed > 0
        slow.rollback()
    seal_everything()
    assert chain(verify(owner_connection, heads()), "access").unsealed == 0


def connection_parameters():
    parameters = connection.get_connection_params()
    return {
        name: parameters[name]
        for name in ("dbname", "user", "password", "host", "port")
        if parameters.get(name)
    }


def make_patient_in_care(practice):
    patient = make_patient(practice).pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def test_sealers_side_by_side_make_one_chain(practice, owner_connection):
    failures = []

    def work():
        try:
            while seal(most_entries=2):
                pass
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [report.faults for report in verify(owner_connection, heads())] == [[], []]


@pytest.mark.parametrize("verb", ["UPDATE foundation_seal SET number = 0", "DELETE FROM foundation_seal"])
def test_the_application_cannot_touch_a_seal(practice, verb, seal_everything):
    seal_everything()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(verb)


def test_the_sealer_seals_and_anchors_until_it_is_told_to_stop(practice, owner_connection, tmp_path):
    stop, file = threading.Event(), tmp_path / "anchors.jsonl"
    thread = threading.Thread(target=seal_until, args=(stop, file), kwargs={"anchor_every": timedelta(0)})
    thread.start()
    try:
        for _ in range(300):
            if {head.chain for head in anchored(file)} == {"access", "history"}:
                break
            stop.wait(0.1)
    finally:
        stop.set()
        thread.join()
    assert {head.chain for head in anchored(file)} == {"access", "history"}
    assert [report.faults for report in verify(owner_connection, anchored(file))] == [[], []]
    assert file.stat().st_mode & 0o077 == 0


def test_an_anchor_is_written_once_and_a_broken_line_is_named(practice, tmp_path, seal_everything):
    file = tmp_path / "anchors.jsonl"
    seal_everything()
    assert anchor(file) != []
    assert anchor(file) == []
    assert {(head.chain, head.number) for head in anchored(file)} == {
        (head.chain, head.number) for head in heads()
    }
    assert all(isinstance(head, Head) for head in anchored(file))
    file.write_text(file.read_text() + json.dumps({"chain": "access"}) + "\n")
    with pytest.raises(ValueError, match="line 3"):
        anchored(file)
