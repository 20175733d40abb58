from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation.acting import acting_as
from willowbark.kernel.errors import Forbidden
from willowbark.patients.testing import link, make_patient, put_into_care
from willowbark.record.selectors.done import done_lately
from willowbark.record.selectors.visits import MOST_A_DAY, visits_around, visits_on
from willowbark.record.testing import AT, import_entries, make_entry

NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2024, 3, 5)
TEN = datetime(2024, 3, 5, 10, tzinfo=NEW_YORK)


@pytest.fixture
def patient(practice):
    patient = make_patient(practice, family="Rivera", given="Ana").pk
    put_into_care(practice, patient, practice.practitioner)
    return patient


def visit(practice, patient, at, status="planned", **said):
    (made,) = import_entries(
        practice,
        patient,
        "encounter",
        [{"effective_at": at, "status": status, "effective_precision": "instant"} | said],
    )
    return made


def on(actor, day=DAY):
    with acting_as(actor):
        return visits_on(actor, day, NEW_YORK)


def test_a_day_shows_its_visits_in_the_order_of_their_times(practice, patient):
    visit(practice, patient, TEN + timedelta(hours=3), text="Later")
    visit(
        practice,
        patient,
        TEN,
        "arrived",
        text="First",
        reason_text="Fatigue",
        practitioner_name="Pia Practitioner",
    )

    shown = on(practice.practitioner)
    assert [row.text for row in shown.rows] == ["First", "Later"]
    assert [row.is_mine for row in shown.rows] == [True, False]
    assert (shown.rows[0].name, shown.rows[0].reason) == ("Rivera, Ana", "Fatigue")


def test_a_day_begins_and_ends_where_the_practice_is(practice, patient):
    midnight = datetime(2024, 3, 5, tzinfo=NEW_YORK)
    visit(practice, patient, midnight - timedelta(seconds=1), text="The day before")
    visit(practice, patient, midnight, text="First minute")
    visit(practice, patient, midnight + timedelta(hours=23, minutes=59), text="Last minute")
    visit(practice, patient, midnight + timedelta(days=1), text="The day after")

    assert [row.text for row in on(practice.practitioner).rows] == ["First minute", "Last minute"]


def test_a_visit_known_to_the_day_is_of_that_day_in_every_zone(practice, patient):
    visit(practice, patient, datetime(2024, 3, 5, tzinfo=UTC), text="Some time", effective_precision="day")
    visit(practice, patient, datetime(2024, 3, 1, tzinfo=UTC), text="That month", effective_precision="month")

    assert [row.text for row in on(practice.practitioner).rows] == ["Some time"]
    assert on(practice.practitioner, date(2024, 3, 4)).rows == ()
    assert on(practice.practitioner, date(2024, 3, 1)).rows == ()


def test_what_was_cancelled_or_taken_back_is_on_no_day(practice, patient):
    for status in ("cancelled", "entered-in-error"):
        visit(practice, patient, TEN, status)
    visit(practice, patient, TEN, voided_at=AT, void_reason="Wrong chart")

    assert on(practice.practitioner).rows == ()


def test_nobody_sees_who_comes_to_somebody_out_of_reach(practice, patient):
    visit(practice, patient, TEN)

    assert on(practice.other_practitioner).rows == ()
    assert len(on(practice.senior).rows) == 1
    for actor in (practice.front_desk, practice.dispensary, practice.owner):
        with pytest.raises(Forbidden):
            on(actor)


def test_a_visit_of_a_merged_row_is_the_persons(practice, patient):
    other = make_patient(practice, family="Rivera", given="A.").pk
    link(practice, other, to=patient)
    visit(practice, other, TEN)

    (row,) = on(practice.practitioner).rows
    assert (row.patient_id, row.name) == (patient, "Rivera, Ana")


def test_a_day_costs_the_same_however_many_come(practice, patient):
    def statements() -> int:
        with acting_as(practice.practitioner), CaptureQueriesContext(connection) as captured:
            shown = visits_on(practice.practitioner, DAY, NEW_YORK)
        assert len(shown.rows) == min(number, MOST_A_DAY)
        assert shown.more == (number > MOST_A_DAY)
        return len(captured)

    number = 1
    visit(practice, patient, TEN)
    one = statements()
    import_entries(
        practice,
        patient,
        "encounter",
        [{"effective_at": TEN + timedelta(minutes=n), "status": "planned"} for n in range(MOST_A_DAY)],
    )
    number = MOST_A_DAY + 1
    assert statements() == one == 3


def around(practice, patient):
    with acting_as(practice.practitioner):
        return visits_around((patient,), now=TEN, today=TEN.replace(hour=0))


def test_what_took_place_and_what_is_to_come_are_told_apart(practice, patient):
    visit(practice, patient, TEN - timedelta(days=30), "finished", text="Last month")
    visit(practice, patient, TEN - timedelta(days=2), "finished", text="Two days ago")
    visit(practice, patient, TEN - timedelta(days=1), "planned", text="Nobody came")
    visit(practice, patient, TEN - timedelta(hours=1), "cancelled", text="Called off")
    visit(practice, patient, TEN - timedelta(minutes=5), "in-progress", text="Now")
    visit(practice, patient, TEN + timedelta(days=1), "planned", text="Tomorrow")

    shown = around(practice, patient)
    assert [row.text for row in shown.past] == ["Two days ago", "Last month"]
    assert shown.coming is not None
    assert shown.coming.text == "Now"


def test_somebody_new_has_no_visits(practice, patient):
    shown = around(practice, patient)
    assert (list(shown.past), shown.coming) == ([], None)


def test_what_was_done_lately_is_read_without_the_letters_themselves(practice, patient):
    for kind in ("procedure", "immunization", "document"):
        make_entry(practice.practitioner, patient, kind)
    with acting_as(practice.practitioner), CaptureQueriesContext(connection) as captured:
        done = done_lately((patient,))

    assert [row.text for row in done] == ["Spirometry", "Influenza vaccine", "Discharge letter"]
    assert len(captured) == 4
    assert not any('"content"' in query["sql"] for query in captured)
