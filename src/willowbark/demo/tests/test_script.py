"""What a script is like: whatever the seed, the day and the number of patients."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.demo.script import Script, long_chart, write_script
from willowbark.demo.script.catalogue.measures import MEASURES
from willowbark.demo.script.events import (
    SYSTEM,
    AddEntry,
    BeginCare,
    BreakGlass,
    EndCare,
    Event,
    GiveConsent,
    HandInFile,
    HandOut,
    LeaveDraft,
    LookAgain,
    Occasion,
    RecallLots,
    ReceiveEntry,
    ReceivePatient,
    ReceiveStock,
    RegisterPatient,
    SaveScenario,
    SignProtocol,
    TellOfRecall,
    VoidEntry,
    WithdrawConsent,
)
from willowbark.demo.script.people import SSN_SYSTEM
from willowbark.demo.script.practice import BY_KEY, STAFF, ZONE, local
from willowbark.demo.script.results import RESULTS
from willowbark.demo.script.stories import STORIES
from willowbark.practice.roles import shipped_roles
from willowbark.record.core.entries import ENTRY_KINDS, Condition, Encounter, Observation

from .conftest import TODAY


@cache
def usual() -> Script:
    """The script of the usual demo."""
    return write_script(seed=1, today=TODAY, patients=200)


scripts = st.builds(
    write_script,
    seed=st.integers(0, 10_000),
    today=st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    patients=st.integers(1, 60),
)


def events(script: Script) -> Iterator[tuple[Occasion, Event]]:
    for occasion in script.occasions():
        for event in occasion.events:
            yield occasion, event


def entries(script: Script) -> Iterator[tuple[Occasion, AddEntry | ReceiveEntry]]:
    for occasion, event in events(script):
        if isinstance(event, AddEntry | ReceiveEntry):
            yield occasion, event


@settings(max_examples=12, deadline=None)
@given(scripts)
def test_every_script_is_consistent(script: Script):
    assert_in_time_order(script)
    assert_nothing_precedes_a_patients_arrival(script)
    assert_nothing_lies_in_the_future_or_outside_life(script)
    assert_ids_are_unique_and_references_stand(script)
    assert_people_do_what_their_roles_allow(script)
    assert_values_are_believable(script)
    assert_care_and_consent_end_after_they_began(script)


def assert_in_time_order(script: Script) -> None:
    occasions = list(script.occasions())
    assert occasions == sorted(occasions, key=lambda one: (one.at, one.id))
    for occasion in occasions:
        times = [event.at for event in occasion.events]
        assert times == sorted(times)
        assert all(at >= occasion.at for at in times)


def assert_nothing_precedes_a_patients_arrival(script: Script) -> None:
    arrived: dict[UUID, datetime] = {}
    for occasion, event in events(script):
        if isinstance(event, RegisterPatient | ReceivePatient):
            arrived.setdefault(occasion.patient_id or event.id, event.at)
        elif occasion.patient_id is not None:
            assert event.at >= arrived[occasion.patient_id]
    assert set(arrived) == {history.patient_id for history in script.histories}


def assert_nothing_lies_in_the_future_or_outside_life(script: Script) -> None:
    until = local(script.today, time(0, 0))
    details = {history.patient_id: history.details for history in script.histories}
    for _, event in entries(script):
        entry, who = event.entry, details[event.patient_id]
        assert event.at < until
        if entry.effective_at is None:
            assert entry.effective_precision == ""
            assert isinstance(event, ReceiveEntry)
            continue
        assert entry.effective_precision in {"year", "month", "day", "instant"}
        if isinstance(entry, Encounter) and entry.status == "planned":
            days_ahead = (entry.effective_at.astimezone(ZONE).date() - script.today).days
            assert 0 <= days_ahead < 7
        else:
            assert entry.effective_at <= event.at
        assert who.birth_date is not None
        assert entry.effective_at.date() >= who.birth_date
        if who.deceased_at is not None:
            assert event.at < who.deceased_at


# Monday 16 March to Sunday 22 March.
@pytest.mark.parametrize("days", range(7), ids=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
def test_on_whatever_day_the_demo_is_built_each_practitioner_has_visits_on_the_next_they_work(days):
    today = TODAY + timedelta(days=days)
    script = write_script(seed=1, today=today, patients=60)
    booked = [
        (entry.practitioner_name, entry.effective_at, entry.ends_at)
        for _, event in entries(script)
        if isinstance(entry := event.entry, Encounter)
        and entry.status == "planned"
        and entry.effective_at
        and entry.ends_at
    ]
    assert len(set(booked)) == len(booked), "somebody is booked twice at one time"
    assert {name for name, *_ in booked} == {one.name for one in STAFF if one.share}
    for person in (one for one in STAFF if one.share):
        mine = [
            (begins.astimezone(ZONE), ends.astimezone(ZONE))
            for name, begins, ends in booked
            if name == person.name
        ]
        (day,) = {begins.date() for begins, _ in mine}
        weekdays = {shift.weekday for shift in person.shifts}
        assert not any((today + timedelta(days=n)).weekday() in weekdays for n in range((day - today).days))
        for begins, ends in mine:
            assert any(
                shift.weekday == day.weekday() and shift.starts <= begins.time() and ends.time() <= shift.ends
                for shift in person.shifts
            ), f"{person.name} at {begins}"


def test_there_is_something_to_see_of_every_stage_of_a_protocol():
    found = Counter(type(event).__name__ for _, event in events(usual()))
    assert found["LoadCatalog"] == 1
    assert found["ReceiveStock"] > 200
    assert found["SignProtocol"] > 40
    assert 0 < found["HandOut"] < found["SignProtocol"]
    assert found["LeaveDraft"] >= 1
    signers = {one.by for one, event in events(usual()) if isinstance(event, SignProtocol)}
    assert signers == {person.key for person in STAFF if person.share}


def test_a_lot_that_stands_on_the_shelf_is_recalled_and_some_of_those_who_have_it_are_called():
    ((who, recall),) = ((one.by, event) for one, event in events(usual()) if isinstance(event, RecallLots))
    assert {"inventory.recall", "dispensary.contact"} <= {*shipped_roles()[BY_KEY[who].role]["permissions"]}
    received = {
        (event.product, event.lot_number) for _, event in events(usual()) if isinstance(event, ReceiveStock)
    }
    assert recall.lots
    assert {(recall.product, lot) for lot in recall.lots} <= received
    (told,) = (event for _, event in events(usual()) if isinstance(event, TellOfRecall))
    assert 0 < told.share < 1
    assert {state for state, _ in told.said} == {"contacted", "returned", "not_reached"}


def test_results_of_people_with_a_protocol_come_in_last_and_count_by_the_shipped_findings():
    text = files("willowbark.knowledge").joinpath("data/lab_findings.json").read_text(encoding="utf-8")
    findings = json.loads(text)["findings"]
    signed = {
        event.patient_id: event.masters for _, event in events(usual()) if isinstance(event, SignProtocol)
    }
    closing = [event for occasion in usual().closing for event in occasion.events]
    sent = [event for event in closing if isinstance(event, ReceiveEntry)]
    for event, (master, *_) in zip(sent, RESULTS, strict=True):
        entry = event.entry
        assert isinstance(entry, Observation)
        assert entry.value is not None
        assert master in signed[event.patient_id]
        assert any(
            entry.code in one["loinc"]
            and bound["unit"] == entry.unit
            and Decimal(bound["at_least"]) <= entry.value
            for one in findings
            for bound in one["bounds"]
            if bound["at_least"]
        )


def test_the_owner_hands_in_a_file_about_somebody_who_came_over_and_keeps_two_plans():
    closing = [event for one in usual().closing for event in one.events]
    (sent,) = (event for event in closing if isinstance(event, HandInFile))
    names = [one["resource"].get("name") for one in json.loads(sent.content)["entry"]]
    assert names[0][0]["family"] in {one.details.family for one in usual().histories if one.number == 11}
    assert dict(sent.brings) == {"patient": 1, "observation": len(names) - 2}
    plans = [event.figures for event in closing if isinstance(event, SaveScenario)]
    assert [dict(figures)["practice.practitioners"] for figures in plans] == ["3", "4"]


def test_somebody_stands_in_for_a_colleague_and_breaks_the_glass_once():
    ((occasion, event),) = ((one, each) for one, each in events(usual()) if isinstance(each, BreakGlass))
    (history,) = (one for one in usual().histories if one.patient_id == event.patient_id)
    assert (BY_KEY[occasion.by].reach, BY_KEY[occasion.by].site) == ("care", "hillside")
    assert history.site == "riverside"
    caring = {one.staff for each in history.occasions for one in each.events if isinstance(one, BeginCare)}
    assert occasion.by not in caring


def assert_ids_are_unique_and_references_stand(script: Script) -> None:
    made = Counter(event.id for _, event in events(script))
    assert made.most_common(1)[0][1] == 1
    rows: dict[UUID, tuple[UUID, str]] = {}
    voided: set[UUID] = set()
    for _, event in events(script):
        if isinstance(event, AddEntry | ReceiveEntry):
            entry = event.entry
            for column, kind in (("encounter_id", "encounter"), ("parent_id", "observation")):
                pointed_at = getattr(entry, column, None)
                assert pointed_at is None or rows[pointed_at] == (event.patient_id, kind)
            rows[event.id] = (event.patient_id, entry.KIND)
        elif isinstance(event, VoidEntry):
            assert rows[event.entry_id] == (event.patient_id, event.kind)
            assert event.reason
            assert event.entry_id not in voided
            voided.add(event.entry_id)


def assert_people_do_what_their_roles_allow(script: Script) -> None:
    permissions = {person.key: set(shipped_roles()[person.role]["permissions"]) for person in STAFF}
    for occasion, event in events(script):
        if occasion.patient_id is None:
            continue
        if isinstance(event, ReceiveEntry | ReceivePatient | LookAgain):
            assert occasion.by == SYSTEM
            continue
        may = permissions[occasion.by]
        if isinstance(event, AddEntry):
            assert "record.write" in may or (event.entry.KIND == "note" and "record.note" in may)
        elif isinstance(event, VoidEntry):
            assert "record.void" in may
        elif isinstance(event, SignProtocol | LeaveDraft):
            assert {"protocols.compose", "protocols.sign"} <= may
        elif isinstance(event, BreakGlass):
            assert "patients.break_glass" in may
        elif isinstance(event, HandOut):
            assert "dispensary.dispense" in may
        else:
            assert "patients.write" in may


def assert_values_are_believable(script: Script) -> None:
    by_text = {measure.text: measure for measure in MEASURES.values()}
    voided = {event.entry_id for _, event in events(script) if isinstance(event, VoidEntry)}
    for _, event in entries(script):
        entry = event.entry
        if isinstance(entry, Observation) and entry.value is not None:
            measure = by_text[entry.text]
            low, high = entry.reference_low, entry.reference_high
            assert low is None or high is None or low <= high
            assert event.id in voided or measure.least <= float(entry.value) <= measure.most
            assert -int(entry.value.as_tuple().exponent) == measure.places
        if isinstance(entry, Encounter):
            assert entry.ends_at is not None
            assert entry.effective_at is not None
            assert entry.effective_at < entry.ends_at
        if isinstance(entry, Condition):
            assert entry.abated_at is None or entry.abated_precision


def assert_care_and_consent_end_after_they_began(script: Script) -> None:
    in_force: set[tuple[UUID, str]] = set()
    for _, event in events(script):
        if isinstance(event, BeginCare | GiveConsent):
            what = event.staff if isinstance(event, BeginCare) else event.scope
            assert (event.patient_id, what) not in in_force
            in_force.add((event.patient_id, what))
        elif isinstance(event, EndCare | WithdrawConsent):
            what = event.staff if isinstance(event, EndCare) else event.scope
            in_force.remove((event.patient_id, what))


def test_the_same_seed_day_and_number_write_the_same_script():
    assert write_script(seed=1, today=TODAY, patients=200).digest() == usual().digest()
    assert write_script(seed=2, today=TODAY, patients=200).digest() != usual().digest()
    assert write_script(seed=1, today=TODAY + timedelta(days=1), patients=200).digest() != usual().digest()


def test_the_script_knows_neither_django_nor_a_clock():
    import subprocess

    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, willowbark.demo.script as s; from datetime import date;"
            "s.write_script(today=date(2026, 1, 5), patients=3);"
            "print('django' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert found.stdout.strip() == "False"


def test_a_practice_needs_a_patient():
    with pytest.raises(ValueError, match="at least one patient"):
        write_script(today=TODAY, patients=0)


def test_every_role_works_there_and_every_story_is_told():
    assert {person.role for person in STAFF} == set(shipped_roles()) - {"system"}
    assert {history.story for history in usual().histories} == {story.key for story in STORIES}


def test_every_kind_of_entry_is_there_with_a_history_of_a_year_and_a_half():
    counts = usual().counts()
    assert set(counts) == {*ENTRY_KINDS, "patient"}
    assert all(count > 100 for count in counts.values())
    visits = [event.entry.effective_at for _, event in entries(usual()) if event.entry.KIND == "encounter"]
    assert min(filter(None, visits)).date() < TODAY - timedelta(days=548 - 60)
    assert max(filter(None, visits)).date() >= TODAY - timedelta(days=4)


def test_there_is_what_makes_records_hard():
    found = Counter[str]()
    for _, event in events(usual()):
        if isinstance(event, VoidEntry):
            found[f"voided {event.kind}"] += 1
        if isinstance(event, AddEntry | ReceiveEntry):
            found[f"date by {event.entry.effective_precision or 'nobody'}"] += 1
            found[f"source {event.entry.source_kind}"] += 1
            if isinstance(event.entry, Observation) and event.entry.value_comparator:
                found["below what can be measured"] += 1
    for history in usual().histories:
        found["deceased"] += history.details.deceased_at is not None
        found["twice"] += history.again_of is not None
        found[f"born by {history.details.birth_date_precision}"] += 1
        found["accents"] += not history.details.family.isascii()
        found["apostrophe"] += "'" in history.details.family
        found["only one name"] += history.details.given == ""
        found["long name"] += len(history.details.family) > 40
    wanted = (
        "voided observation", "date by nobody", "date by year", "date by month", "date by day",
        "source import", "below what can be measured", "deceased", "twice", "born by year", "born by month",
        "accents", "apostrophe", "only one name", "long name",
    )  # fmt: skip
    assert [name for name in wanted if not found[name]] == []


def test_some_have_a_social_security_number_that_nobody_has():
    numbers = [
        one.value
        for history in usual().histories
        for one in history.details.identifiers
        if one.system == SSN_SYSTEM
    ]
    assert 20 < len(numbers) < len(usual().histories) / 2
    # None begins with 9; a taxpayer's number does, and has at least 50 in the middle.
    assert [one for one in numbers if not re.fullmatch(r"9\d\d-(0[1-9]|[1-4]\d)-\d{4}", one)] == []


def test_treatment_shows_in_the_course_of_most_and_not_of_all():
    better = worse = 0
    for history in usual().histories:
        courses: dict[str, list[float]] = {}
        for occasion in history.occasions:
            for event in occasion.events:
                if isinstance(event, ReceiveEntry) and isinstance(event.entry, Observation):
                    entry = event.entry
                    if entry.value is not None and entry.author_name == "Northfield Laboratories":
                        courses.setdefault(entry.text, []).append(float(entry.value))
        story = next(story for story in STORIES if story.key == history.story)
        for marker in story.markers:
            values = courses.get(MEASURES[marker.measure].text, [])
            if len(values) < 4:
                continue
            falls = marker.goal[0] < marker.start[0]
            gone = (values[0] - values[-1]) * (1 if falls else -1)
            if gone > 0.15 * abs(values[0]):
                better += 1
            else:
                worse += 1
    assert better > worse > 20


def test_a_calculated_result_agrees_with_what_it_was_calculated_from():
    found = 0
    for history in usual().histories:
        for occasion in history.occasions:
            drawn = {
                event.entry.text: event.entry.value
                for event in occasion.events
                if isinstance(event, ReceiveEntry)
                and isinstance(event.entry, Observation)
                and event.entry.author_name == "Northfield Laboratories"
            }
            names = ("Total cholesterol", "HDL cholesterol", "Triglycerides", "LDL cholesterol (calculated)")
            if not all(drawn.get(name) is not None for name in names):
                continue
            total, hdl, fats, ldl = (float(drawn[name] or 0) for name in names)
            assert abs(total - hdl - fats / 5 - ldl) <= 1 or ldl == MEASURES["ldl"].least
            found += 1
    assert found > 100


def test_nobody_sees_two_people_at_once_or_outside_working_hours():
    seen: dict[str, list[tuple[datetime, datetime]]] = {}
    for occasion, event in entries(usual()):
        entry = event.entry
        if isinstance(entry, Encounter) and isinstance(event, AddEntry):
            assert entry.effective_at is not None
            assert entry.ends_at is not None
            seen.setdefault(occasion.by, []).append((entry.effective_at, entry.ends_at))
            begins, ends = entry.effective_at.astimezone(ZONE), entry.ends_at.astimezone(ZONE)
            shifts = BY_KEY[occasion.by].shifts
            assert any(
                shift.weekday == begins.weekday()
                and shift.starts <= begins.time()
                and ends.time() <= shift.ends
                for shift in shifts
            )
    for visits in seen.values():
        visits.sort()
        assert all(ends <= begins for (_, ends), (begins, _) in pairwise(visits))


def test_a_long_chart_has_as_many_visits_as_wanted_and_ends_before_the_day():
    history = long_chart(500, today=TODAY)
    found = Counter(
        event.entry.KIND
        for occasion in history.occasions
        for event in occasion.events
        if isinstance(event, ReceiveEntry)
    )
    assert found["encounter"] == 500
    assert found["observation"] == 500 * 4 + 100 * 10
    assert found["note"] == 125
    last = max(event.at for occasion in history.occasions for event in occasion.events)
    assert last < local(TODAY, time(0, 0))
    assert long_chart(500, today=TODAY) == history
    assert long_chart(500, today=TODAY, number=900_001).patient_id != history.patient_id
