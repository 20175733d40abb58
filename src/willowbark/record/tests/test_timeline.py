from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willowbark.foundation.acting import acting_as
from willowbark.foundation.cursors import Instant
from willowbark.foundation.ids import uuid7
from willowbark.patients.testing import link, make_patient
from willowbark.record.kinds import TABLES
from willowbark.record.selectors import timeline as module
from willowbark.record.selectors.timeline import counts, timeline, years
from willowbark.record.testing import AT, daily, import_entries, make_entry

# Few different instants, so that entries share them and pages break between them; None has no date.
instants = st.none() | st.integers(0, 12).map(lambda hours: AT - timedelta(hours=7 * hours))
# As many results as everything else together, so that they alone may fill a page.
kinds = st.sampled_from([*sorted(TABLES), *["observation"] * len(TABLES)])
charts = st.lists(st.tuples(kinds, instants), max_size=25)


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def fill(practice, patient, entries) -> dict[UUID, tuple[str, datetime | None]]:
    """Put these (kind, instant) into a chart; id -> (kind, instant)."""
    made = {}
    for kind in TABLES:
        rows = [{"effective_at": at} for each, at in entries if each == kind]
        for row, entry_id in zip(rows, import_entries(practice, patient, kind, rows), strict=True):
            made[entry_id] = (kind, row["effective_at"])
    return made


def shown(page) -> list[UUID]:
    """The ids on a page in the order in which a reader meets them: by day, events before results."""
    return [entry.id for group in page.groups for entry in (*group.entries, *group.results)]


def downwards(patients, kind="") -> list[list[UUID]]:
    pages: list[list[UUID]] = []
    before: Instant | None = None
    while len(pages) < 100:
        page = timeline(patients, kind=kind, before=before)
        pages.append(shown(page))
        if page.older is None:
            return pages
        before = page.older
    raise AssertionError("the pages never end")


def upwards(patients, kind="") -> list[list[UUID]]:
    """From the last page to the first, by its links to what is newer."""
    before: Instant | None = None
    while (page := timeline(patients, kind=kind, before=before)).older:
        before = page.older
    pages = [shown(page)]
    while page.newer and len(pages) < 100:
        page = timeline(patients, kind=kind, after=page.newer)
        pages.append(shown(page))
    return pages


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=charts, kind=st.sampled_from(["", "observation", "note", "encounter"]))
def test_paging_shows_every_entry_exactly_once_in_order_both_ways(practice, entries, kind):
    patient = make_patient(practice).pk
    made = fill(practice, patient, entries)
    wanted = {entry for entry, (of, _) in made.items() if kind in ("", of)}
    with (
        acting_as(practice.everywhere),
        mock.patch.object(module, "PAGE", 3),
        mock.patch.object(module, "RESULTS_A_PAGE", 2),
    ):
        down, up = downwards((patient,), kind), upwards((patient,), kind)

    for pages in (down, up):
        met = [entry for page in pages for entry in page]
        assert sorted(met) == sorted(wanted)
    assert all(len(page) <= 3 + 2 for page in (*down, *up))
    instants = [made[entry][1] for page in down for entry in page]
    days = [at and at.astimezone(UTC).date() for at in instants]
    assert days == sorted(days, key=lambda day: (day is not None, day or AT.date()), reverse=True)
    oldest_first = [made[entry][1] for page in up for entry in reversed(page)]
    days = [at and at.astimezone(UTC).date() for at in oldest_first]
    assert days == sorted(days, key=lambda day: (day is not None, day or AT.date()))


def test_a_new_result_is_seen_at_the_top_though_the_last_visit_was_long_ago(practice, patient):
    import_entries(practice, patient, "encounter", daily(60, start=AT - timedelta(days=100)))
    result = make_entry(practice.everywhere, patient, "observation", effective_at=AT)
    with acting_as(practice.everywhere):
        page = timeline((patient,))

    assert shown(page)[0] == result


def test_results_between_two_visits_on_two_pages_are_seen(practice, patient):
    import_entries(
        practice, patient, "encounter", [{"effective_at": AT - timedelta(days=10 * n)} for n in range(51)]
    )
    (between,) = import_entries(
        practice, patient, "observation", [{"effective_at": AT - timedelta(days=495)}]
    )
    with acting_as(practice.everywhere):
        seen = [entry for page in downwards((patient,)) for entry in page]

    assert seen.count(between) == 1


def test_a_chart_of_nothing_but_results_is_shown_as_it_is(practice, patient):
    results = import_entries(practice, patient, "observation", daily(5))
    with acting_as(practice.everywhere):
        page = timeline((patient,))

    assert shown(page) == results


def test_an_empty_chart_is_empty_whatever_is_asked_of_it(practice, patient):
    with acting_as(practice.everywhere):
        for kind in ("", *TABLES):
            page = timeline((patient,), kind=kind)
            assert (list(page.groups), page.older, page.newer) == ([], None, None)
        assert years((patient,)) == []
        assert set(counts((patient,)).values()) == {0}


def test_a_result_without_a_value_is_not_counted_among_results_but_is_found_by_its_kind(practice, patient):
    (panel,) = import_entries(practice, patient, "observation", [{"effective_at": AT, "value": None}])
    with acting_as(practice.everywhere):
        assert shown(timeline((patient,))) == []
        assert shown(timeline((patient,), kind="observation")) == [panel]


def test_what_is_voided_stays_readable_with_who_when_and_why(practice, patient):
    (entry,) = import_entries(
        practice,
        patient,
        "note",
        [
            {
                "effective_at": AT,
                "voided_at": AT,
                "voided_by_id": practice.senior.user_id,
                "void_reason": "Wrong",
            }
        ],
    )
    with acting_as(practice.everywhere):
        (group,) = timeline((patient,)).groups

    void = group.entries[0].void
    assert void is not None
    assert (group.entries[0].id, void.at, void.by_name, void.reason) == (entry, AT, "Sage Senior", "Wrong")


def test_a_day_says_no_more_than_is_known_of_it(practice, patient):
    first = datetime(1990, 1, 1, tzinfo=UTC)
    import_entries(practice, patient, "condition", [{"effective_at": first, "effective_precision": "year"}])
    make_entry(practice.everywhere, patient, "note", effective_at=AT)
    with acting_as(practice.everywhere):
        recent, early = timeline((patient,)).groups

    assert (recent.precision, early.precision) == ("day", "year")


def test_years_count_visits_by_the_calendar_that_the_chart_shows(practice, patient):
    import_entries(
        practice,
        patient,
        "encounter",
        [
            {"effective_at": datetime(2019, 12, 31, 23, 59, tzinfo=UTC)},
            {"effective_at": datetime(2020, 1, 1, tzinfo=UTC)},
            {"effective_at": None},
        ],
    )
    with acting_as(practice.everywhere):
        assert years((patient,)) == [(2019, 1), (2020, 1)]


def test_counts_stop_at_a_thousand_so_that_a_long_chart_costs_no_more(practice, patient):
    import_entries(practice, patient, "observation", daily(1001))
    import_entries(practice, patient, "note", daily(3))
    with acting_as(practice.everywhere):
        counted = counts((patient,))

    assert (counted["observation"], counted["note"], counted["encounter"]) == (1000, 3, 0)


def test_linked_rows_are_one_chart(practice, patient):
    older = make_patient(practice).pk
    mine = make_entry(practice.everywhere, patient, "note", effective_at=AT)
    theirs = make_entry(practice.everywhere, older, "note", effective_at=AT - timedelta(days=1))
    link(practice, older, to=patient)
    with acting_as(practice.everywhere):
        assert shown(timeline((patient, older))) == [mine, theirs]
        assert counts((patient, older))["note"] == 2


@pytest.mark.parametrize("kind", ["", "observation", "encounter"])
def test_a_page_costs_the_same_statements_for_1_50_and_500_visits(practice, kind):
    taken = set()
    for number in (1, 50, 500):
        patient = make_patient(practice).pk
        import_entries(practice, patient, "encounter", daily(number))
        import_entries(practice, patient, "observation", daily(number))
        with acting_as(practice.everywhere), CaptureQueriesContext(connection) as captured:
            timeline((patient,), kind=kind)
        taken.add(len(captured))

    assert taken == {3 if kind == "" else 2}


def test_one_patients_timeline_never_shows_anothers(practice, patient):
    import_entries(practice, make_patient(practice).pk, "note", daily(3))
    with acting_as(practice.everywhere):
        assert shown(timeline((patient,))) == []
        assert shown(timeline((uuid7(),))) == []
