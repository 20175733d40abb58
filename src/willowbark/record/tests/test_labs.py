from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from willowbark.foundation.acting import acting_as
from willowbark.kernel.errors import NotFound
from willowbark.patients.testing import link, make_patient
from willowbark.record.pages.labs import labs_of, trend_of
from willowbark.record.selectors import labs as selector
from willowbark.record.selectors.chart import open_chart
from willowbark.record.selectors.labs import RECENT, course_of
from willowbark.record.testing import AT, daily, import_entries, make_entry


@pytest.fixture
def patient(practice):
    return make_patient(practice).pk


def lab(practice, patient, *rows):
    return import_entries(practice, patient, "observation", rows)


def days(number):
    return AT - timedelta(days=number)


def by_test(practice, *patients):
    with acting_as(practice.everywhere):
        return selector.tests_of(patients)


def test_each_test_shows_its_latest_standing_result(practice, patient):
    rows = lab(
        practice,
        patient,
        {"code": "A", "text": "Alpha", "value": 1, "effective_at": days(3)},
        {"code": "A", "text": "Alpha", "value": 2, "effective_at": days(1)},
        {"code": "B", "text": "Beta", "value": 3, "effective_at": days(2)},
        {
            "code": "A",
            "text": "Alpha",
            "value": 9,
            "effective_at": days(0),
            "voided_at": AT,
            "void_reason": "Wrong tube",
        },
        {"code": "P", "text": "Panel", "value": None, "effective_at": days(0)},
    )
    alpha, beta = by_test(practice, patient)

    assert (alpha.text, alpha.latest.id, len(alpha.recent)) == ("Alpha", rows[1], 2)
    assert (beta.text, beta.latest.id) == ("Beta", rows[2])


def test_a_result_without_a_date_never_passes_for_the_latest(practice, patient):
    undated, dated = lab(
        practice,
        patient,
        {"code": "A", "text": "Alpha", "value": 1, "effective_at": None},
        {"code": "A", "text": "Alpha", "value": 2, "effective_at": days(900)},
    )
    (alpha,) = by_test(practice, patient)

    assert [each.id for each in alpha.recent] == [dated, undated]


def test_a_test_whose_only_result_has_no_date_is_still_there_and_opens(practice, patient):
    (undated,) = lab(practice, patient, {"code": "A", "text": "Alpha", "value": 1, "effective_at": None})

    assert [test.latest.id for test in by_test(practice, patient)] == [undated]
    with acting_as(practice.everywhere):
        chart = open_chart(practice.everywhere, patient)
        assert [row.id for row in trend_of(chart, "A", "").rows] == [undated]


def test_results_without_a_code_are_tests_by_their_names_each_once(practice, patient):
    names = ["Clarity", "Colour", "Odour"]
    lab(
        practice,
        patient,
        *(
            {"code": "", "text": name, "value": None, "value_text": "clear", "effective_at": days(number)}
            for number in range(15)
            for name in names
        ),
        {"code": "A", "text": "Alpha", "value": 1, "effective_at": days(1)},
    )

    assert [(test.text, len(test.recent)) for test in by_test(practice, patient)] == [
        ("Alpha", 1),
        *((name, RECENT) for name in names),
    ]


def test_a_test_that_changed_its_name_is_one_test(practice, patient):
    lab(
        practice,
        patient,
        {"code": "A", "text": "Glucose", "value": 1, "effective_at": days(2)},
        {"code": "A", "text": "Blood sugar", "value": 2, "effective_at": days(1)},
    )

    assert [(test.text, len(test.recent)) for test in by_test(practice, patient)] == [("Blood sugar", 2)]


def test_results_of_linked_rows_are_one_course(practice, patient):
    other = make_patient(practice).pk
    mine = make_entry(practice.everywhere, patient, "observation", effective_at=days(1))
    theirs = make_entry(practice.everywhere, other, "observation", effective_at=days(2))
    link(practice, other, to=patient)

    (test,) = by_test(practice, patient, other)
    assert [each.id for each in test.recent] == [mine, theirs]
    with acting_as(practice.everywhere):
        assert [row.id for row in course_of((patient, other), "2345-7").rows] == [mine, theirs]


def test_the_course_of_a_test_is_paged_through_once_without_dates_last(practice, patient):
    made = [*lab(practice, patient, *daily(9)), *lab(practice, patient, *[{"effective_at": None}] * 5)]
    seen, before = [], None
    with acting_as(practice.everywhere):
        while True:
            course = course_of((patient,), "2345-7", before=before, limit=4)
            assert len(course.rows) <= 4
            seen += [row.id for row in course.rows]
            if course.older is None:
                break
            before = course.older

    assert seen == [*made[:9], *made[:8:-1]]


def test_a_value_keeps_every_digit_it_came_with(practice, patient):
    make_entry(practice.everywhere, patient, "observation", value=Decimal("5.40"))
    make_entry(practice.everywhere, patient, "observation", value=Decimal("0.000000120"), code="B", text="B")

    assert [str(test.latest.value) for test in by_test(practice, patient)] == ["1.20E-7", "5.40"]


def test_groups_stand_in_the_order_of_the_house_and_a_search_keeps_what_matches(practice, patient):
    for code, text, category in (
        ("1", "Body weight", "vital-signs"),
        ("2", "Glucose", "laboratory"),
        ("3", "Insulin", "laboratory"),
        ("4", "Strange", "something-new"),
        ("5", "Loose", ""),
    ):
        make_entry(practice.everywhere, patient, "observation", code=code, text=text, category=category)
    with acting_as(practice.everywhere):
        chart = open_chart(practice.everywhere, patient)
        everything, found = labs_of(chart, ""), labs_of(chart, "  gluc ")

    assert [(group.title, [row.text for row in group.rows]) for group in everything.groups] == [
        ("Laboratory", ["Glucose", "Insulin"]),
        ("Vital signs", ["Body weight"]),
        ("Other", ["Loose"]),
        ("Something-new", ["Strange"]),
    ]
    assert [row.text for group in found.groups for row in group.rows] == ["Glucose"]


def test_only_results_in_the_latest_unit_are_drawn_together(practice, patient):
    lab(
        practice,
        patient,
        {"value": 100, "unit": "mg/dL", "effective_at": days(3)},
        {"value": 5, "unit": "mmol/L", "effective_at": days(2)},
        {"value": 6, "unit": "mmol/L", "effective_at": days(1)},
    )
    with acting_as(practice.everywhere):
        trend = trend_of(open_chart(practice.everywhere, patient), "2345-7", "")

    assert (trend.unit_text, len(trend.rows)) == ("mmol/L", 3)
    assert "2 units" in trend.note_text


def test_a_test_that_the_chart_does_not_hold_is_not_there(practice, patient):
    with acting_as(practice.everywhere), pytest.raises(NotFound):
        trend_of(open_chart(practice.everywhere, patient), "nothing", "")


@pytest.mark.parametrize("read", [selector.tests_of, lambda patients: course_of(patients, "2345-7")])
def test_reading_results_costs_the_same_statements_for_1_50_and_500(practice, read):
    taken = set()
    for number in (1, 50, 500):
        patient = make_patient(practice).pk
        lab(practice, patient, *daily(number))
        with acting_as(practice.everywhere), CaptureQueriesContext(connection) as captured:
            read((patient,))
        taken.add(len(captured))

    assert taken == {2}
