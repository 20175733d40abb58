"""Both players leave the same rows, and differ only in what the written list names."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from typing import Any

import pytest

from willowbark.demo.digest import Digest, digest_of, left_out
from willowbark.demo.players import by_bulk, by_services, programmes_by_bulk
from willowbark.demo.players.cast import Cast
from willowbark.demo.script import PatientHistory, Script, write_script
from willowbark.demo.script.events import (
    AddEntry,
    BeginCare,
    EndCare,
    Event,
    GiveConsent,
    HandOut,
    LeaveDraft,
    MatchPatients,
    Occasion,
    ReceiveEntry,
    ReceivePatient,
    RegisterPatient,
    VoidEntry,
    WithdrawConsent,
)
from willowbark.demo.script.practice import SITE_NAMES
from willowbark.record.core.entries import ENTRY_KINDS

from .conftest import TODAY, NewDatabase, Owner

KINDS: tuple[type[Event] | str, ...] = (
    RegisterPatient, ReceivePatient, BeginCare, EndCare, GiveConsent, WithdrawConsent, AddEntry, ReceiveEntry,
    VoidEntry, *ENTRY_KINDS,
)  # fmt: skip
HISTORY = "SELECT table_name, operation, patient_id, row_id, old_row FROM foundation_patienthistory"


def listed() -> dict[str, Any]:
    text = files("willowbark.demo").joinpath("data/played_differently.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def play_by_services(script: Script) -> None:
    cast = Cast()
    before = dataclasses.replace(script, programmes=(), closing=())
    by_services.play(cast, before.occasions())
    for occasions in script.programmes:
        by_services.play(cast, occasions)
    by_services.play(cast, script.closing)


def play_by_bulk(script: Script) -> None:
    cast = Cast()
    by_services.play(cast, script.opening)
    by_bulk.play(cast, script.histories)
    for site, occasions in zip(SITE_NAMES, script.programmes, strict=True):
        programmes_by_bulk.play(cast, site, occasions)
    by_services.play(cast, script.closing)


def history_of(owner: Owner) -> dict[tuple[str, str], set[tuple[Any, ...]]]:
    found: dict[tuple[str, str], set[tuple[Any, ...]]] = {}
    counted = f"{HISTORY} WHERE {left_out().only['foundation_patienthistory']}"
    for table, operation, patient, row, old in owner.execute(counted).fetchall():
        found.setdefault((table, operation), set()).add((patient, row, json.dumps(old, sort_keys=True)))
    return found


def small_script() -> Script:
    """Few patients, among whom everything happens that the players know of."""
    whole = write_script(seed=12, today=TODAY, patients=30)
    by_size = sorted(whole.histories, key=lambda history: len(history.occasions))
    # Transferred, known and in a second time, deceased.
    chosen = {11, 17, 23, 29}
    for kind in KINDS:
        chosen.add(next(one.number for one in by_size if kind in kinds_of(one)))
    for kind, how_many in ((HandOut, 3), (LeaveDraft, 1)):
        treated = {one.patient_id for site in whole.programmes for one in site if is_a(kind, one)}
        chosen.update([one.number for one in by_size if one.patient_id in treated][:how_many])
    looked_into = {one.patient_id for one in whole.closing}
    chosen.update(one.number for one in by_size if one.patient_id in looked_into)
    histories = tuple(one for one in whole.histories if one.number in chosen)
    there = {None, *(one.patient_id for one in histories)}
    programmes = tuple(tuple(one for one in site if one.patient_id in there) for site in whole.programmes)
    *before, matching, counting = whole.closing
    (match,) = matching.events
    assert isinstance(match, MatchPatients)
    few = dataclasses.replace(match, patient_ids=tuple(one.patient_id for one in histories))
    return dataclasses.replace(
        whole,
        histories=histories,
        programmes=programmes,
        closing=(*before, dataclasses.replace(matching, events=(few,)), counting),
    )


def is_a(kind: type[Event], occasion: Occasion) -> bool:
    return any(isinstance(event, kind) for event in occasion.events)


def kinds_of(history: PatientHistory) -> set[type[Event] | str]:
    """The kinds of event of one patient, and of entry."""
    found: set[type[Event] | str] = set()
    for occasion in history.occasions:
        for event in occasion.events:
            found.add(type(event))
            if isinstance(event, AddEntry):
                found.add(event.entry.KIND)
    return found


@pytest.mark.slow
def test_both_players_leave_equal_rows_in_every_table_but_those_listed(
    new_database: NewDatabase,
):
    script = small_script()
    with new_database() as owner:
        play_by_services(script)
        acted, acted_history = digest_of(owner), history_of(owner)
    with new_database() as owner:
        play_by_bulk(script)
        copied, copied_history = digest_of(owner), history_of(owner)
    assert set(acted.differences(copied)) == set(listed()["tables"])
    assert_every_kind_of_row_was_compared(acted)
    assert_histories_differ_as_listed(acted_history, copied_history)


def assert_every_kind_of_row_was_compared(digest: Digest) -> None:
    empty = {
        table
        for table, one in digest.tables.items()
        if one.rows == 0 and table.startswith(("patients_", "record_", "practice_"))
    }
    # Nobody in a script reviews that the glass was broken, or signs in.
    unplayed = {"patients_breakglassreview", "patients_breakglassrule", "practice_device", "practice_notice"}
    assert empty <= {"patients_matchcandidate", *unplayed}
    told = (
        "protocols_draft", "protocols_composition", "protocols_signedprotocol", "protocols_protocolline",
        "dispensary_dispensing", "dispensary_dispensedline", "inventory_stockmove", "inventory_balance",
        "worklist_task", "metrics_metricpiece", "metrics_metricday", "planner_savedscenario",
        "interop_fhir_importrun", "interop_fhir_quarantined",
    )  # fmt: skip
    assert [table for table in told if not digest.tables[table].rows] == []


def assert_histories_differ_as_listed(
    acted: dict[tuple[str, str], set[tuple[Any, ...]]], copied: dict[tuple[str, str], set[tuple[Any, ...]]]
) -> None:
    only_by_services = {(table, operation) for table, operation in listed()["history"]["only_by_services"]}
    assert {key for key in acted if acted[key] != copied.get(key)} == only_by_services
    assert set(copied) <= set(acted)


@pytest.mark.slow
def test_bulk_needs_a_fixed_number_of_statements_for_many_patients(new_database: NewDatabase):
    script = write_script(seed=3, today=TODAY, patients=18)
    quiet = [
        history
        for history in script.histories
        if not any(isinstance(event, VoidEntry) for one in history.occasions for event in one.events)
    ]
    with new_database():
        cast = Cast()
        by_services.play(cast, script.opening)
        by_bulk.play(cast, quiet[:1])
        few = statements(lambda: by_bulk.play(cast, quiet[1:3]))
        many = statements(lambda: by_bulk.play(cast, quiet[3:11]))
    # Two lines of the access log and no more for each further patient; a second site and desk may come in.
    assert many - few <= 6 * 2 + 40


def statements(play: Any) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        play()
    return len(captured)
