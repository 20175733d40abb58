from __future__ import annotations

from datetime import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.kernel.errors import Invalid
from willowbark.practice.core import reach, week
from willowbark.practice.core.week import DAYS, read_week, typed_fields, week_fields

NORTH = UUID("01980000-0000-7000-8000-000000000001")
NINE, NOON, ONE, FIVE = time(9), time(12), time(13), time(17)

times = st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0))
spans = st.tuples(st.integers(0, 6), times, times)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([], ""),
        ([0], "Mon"),
        ([0, 1], "Mon, Tue"),
        ([0, 1, 2, 3], "Mon to Thu"),
        ([4, 1], "Tue, Fri"),
        ([0, 1, 2, 4, 5, 6], "Mon to Wed, Fri to Sun"),
        ([3, 3, 3], "Thu"),
    ],
)
def test_days_in_words(days, text):
    assert week.days_text(days) == text


def test_a_week_in_words_puts_days_of_the_same_hours_together():
    full = [(day, starts, ends) for day in (0, 1, 2) for starts, ends in ((NINE, NOON), (ONE, FIVE))]

    assert week.week_lines([*full, (4, NINE, NOON)]) == [
        "Mon to Wed 09:00 to 12:00, 13:00 to 17:00",
        "Fri 09:00 to 12:00",
    ]
    assert week.week_lines([]) == []
    assert week.hours_a_week([*full, (4, NINE, NOON)]) == 24


@given(st.lists(spans, max_size=12))
def test_a_week_comes_back_from_its_form_as_it_went_in(wanted):
    fields = week_fields(wanted)
    typed = {
        name: value
        for day in fields
        for span in day.spans
        for name, value in ((f"{span.name}_from", span.starts), (f"{span.name}_to", span.ends))
    }

    assert [day.name for day in fields] == list(DAYS)
    assert {len(day.spans) for day in fields} == {max(2, *(len(day.spans) for day in fields))}
    if len(fields[0].spans) <= 8:
        assert sorted(read_week(typed)) == sorted(wanted)


@given(st.dictionaries(st.from_regex(r"\Aday[0-7]_[0-9]_(from|to)\Z"), st.text(max_size=8)))
def test_whatever_is_typed_is_read_or_refused_by_its_day(typed):
    refused = None
    try:
        read = read_week(typed)
    except Invalid as refusal:
        refused, read = refusal, []

    assert all(0 <= day <= 6 for day, _, _ in read)
    if refused:
        assert str(refused).startswith(DAYS[int(refused.field.removeprefix("hours_"))])


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"day2_0_from": "09:00"}, "Wednesday: a time is missing."),
        ({"day2_0_to": "09:00"}, "Wednesday: a time is missing."),
        ({"day2_1_from": "nine", "day2_1_to": "12:00"}, "Wednesday: nine is not a time such as 08:30."),
        ({"day2_0_from": "25:00", "day2_0_to": "12:00"}, "Wednesday: 25:00 is not a time such as 08:30."),
    ],
)
def test_a_day_that_cannot_be_read_is_named(typed, text):
    with pytest.raises(Invalid) as refusal:
        read_week(typed)
    assert (str(refusal.value), refusal.value.field) == (text, "hours_2")


def test_a_third_piece_of_a_day_is_not_lost_by_the_form():
    three = [(0, time(8), time(9)), (0, time(10), time(11)), (0, time(12), time(13))]

    assert [len(day.spans) for day in week_fields(three)] == [3] * 7
    assert [len(day.spans) for day in typed_fields({})] == [2] * 7


@pytest.mark.parametrize(
    ("held", "value", "text"),
    [
        (("organisation", None), "organisation", "whole practice"),
        (("site", NORTH), f"site:{NORTH}", "North"),
        (("care", NORTH), f"care:{NORTH}", "patients in their care, North"),
    ],
)
def test_for_whom_a_role_is_held_is_one_choice(held, value, text):
    where = reach.read(value)

    assert (where.reach, where.site_id) == held
    assert reach.written(*held) == value
    assert reach.reach_text(held[0], "North" if held[1] else "") == text
    assert value in [each for each, _ in reach.choices([(NORTH, "North")])]


@pytest.mark.parametrize(
    "value", ["", "site", "site:", "care:nonsense", "everywhere", f"owner:{NORTH}", "organisation:x"]
)
def test_what_the_form_does_not_offer_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        reach.read(value)
    assert refusal.value.field == "where"
