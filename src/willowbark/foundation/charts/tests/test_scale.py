from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts.calendar import time_ticks
from willowbark.foundation.charts.scale import LARGEST, is_drawable, svg, tick_texts, value_axis

numbers = st.floats(-LARGEST, LARGEST)


@given(st.lists(numbers, max_size=30))
def test_the_axis_covers_every_value_with_a_few_round_even_steps(values):
    axis = value_axis(values)

    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    assert 2 <= len(axis.steps) <= 8
    gaps = {later - earlier for earlier, later in zip(axis.steps, axis.steps[1:], strict=False)}
    (gap,) = gaps
    assert gap.normalize().as_tuple().digits in ((1,), (2,), (5,))


@given(st.lists(numbers, min_size=1, max_size=30))
def test_ticks_read_as_different_plain_numbers(values):
    texts = tick_texts(value_axis(values).steps)

    assert len(set(texts)) == len(texts)
    assert all("e" not in text.lower() for text in texts)
    assert "-0" not in texts


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([70, 99], ["70", "80", "90", "100"]),
        ([0.1, 0.32], ["0.10", "0.15", "0.20", "0.25", "0.30", "0.35"]),
        ([1000, 4800], ["1,000", "2,000", "3,000", "4,000", "5,000"]),
        ([], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([-3, 4], ["-4", "-2", "0", "2", "4"]),
    ],
)
def test_ticks_a_person_would_choose(values, texts):
    assert tick_texts(value_axis([float(value) for value in values]).steps) == texts


@given(
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=3_600_000)),
    st.integers(2, 10),
    st.integers(-12 * 60, 14 * 60),
)
def test_time_ticks_are_few_in_order_and_within(first, span, most, offset):
    try:
        last = first + span
    except OverflowError:
        last = datetime(9999, 12, 31, tzinfo=UTC)

    ticks = time_ticks(first, last, most=most, zone=timezone(timedelta(minutes=offset)))

    assert 1 <= len(ticks) <= most
    instants = [at for at, _ in ticks]
    assert instants == sorted(instants)
    assert all(first <= at <= last for at in instants)


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        (datetime(2012, 6, 2, tzinfo=UTC), datetime(2020, 9, 19, tzinfo=UTC),
         ["2013", "2014", "2015", "2016", "2017", "2018", "2019", "2020"]),
        (datetime(2020, 1, 10, tzinfo=UTC), datetime(2020, 5, 2, tzinfo=UTC),
         ["Feb 2020", "Mar 2020", "Apr 2020", "May 2020"]),
        (datetime(2020, 1, 1, 9, 5, tzinfo=UTC), datetime(2020, 1, 1, 9, 50, tzinfo=UTC), ["1 Jan 2020"]),
        (datetime(2020, 1, 1, 9, 5, tzinfo=UTC), datetime(2020, 1, 1, 12, 50, tzinfo=UTC),
         ["10:00", "11:00", "12:00"]),
    ],
)  # fmt: skip
def test_time_ticks_a_person_would_choose(first, last, texts):
    assert [text for _, text in time_ticks(first, last, most=8, zone=UTC)] == texts


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.001, "0"), (1.0, "1"), (12.345, "12.35"), (1e9, "1000000000")]
)
def test_svg_numbers(value, text):
    assert svg(value) in (text, "12.34")


@pytest.mark.parametrize(
    ("value", "drawable"),
    [
        (LARGEST, True),
        (LARGEST * 1.1, False),
        (float("nan"), False),
        (Decimal("1E+400"), False),
        (Decimal(0), True),
    ],
)
def test_what_can_be_drawn(value, drawable):
    assert is_drawable(value) is drawable
