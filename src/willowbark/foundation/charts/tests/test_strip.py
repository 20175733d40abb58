from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import YearCount, timeline_strip
from willowbark.foundation.charts.strip import HEIGHT, MOST_COLUMNS

years = st.lists(
    st.builds(YearCount, st.integers(1, 9999), st.integers(0, 10**6)),
    max_size=60,
    unique_by=lambda one: one.year,
)


def share(text):
    assert text.endswith("%")
    return float(text[:-1])


@given(years)
def test_every_entry_is_in_one_column_and_all_columns_lie_inside(counts):
    strip = timeline_strip(counts)

    assert sum(column.count for column in strip.columns) == sum(one.count for one in counts)
    assert len(strip.columns) <= MOST_COLUMNS
    starts = [share(column.x) for column in strip.columns]
    assert starts == sorted(starts)
    for column in strip.columns:
        assert 0 <= share(column.x) <= share(column.x) + share(column.width) <= 100.5
        assert share(column.x) <= share(column.bar_x)
        assert 0 <= float(column.y) <= float(column.y) + float(column.height) <= HEIGHT
        assert (float(column.height) > 0) == (column.count > 0)
    assert len(strip.ticks) <= 20
    assert sum(not tick.is_minor for tick in strip.ticks) <= 7
    assert strip.is_empty == (not any(one.count for one in counts))


@given(years)
def test_more_entries_never_make_a_lower_bar(counts):
    pairs = sorted((column.count, float(column.height)) for column in timeline_strip(counts).columns)

    heights = [height for _, height in pairs]
    assert heights == sorted(heights)


def test_years_without_entries_are_drawn_empty_between_the_others():
    strip = timeline_strip(
        [YearCount(2014, 4, "?year=2014"), YearCount(2017, 1, "?year=2017", is_current=True)]
    )

    assert [(column.label, column.count, column.url) for column in strip.columns] == [
        ("2014", 4, "?year=2014"),
        ("2015", 0, ""),
        ("2016", 0, ""),
        ("2017", 1, "?year=2017"),
    ]
    assert strip.columns[-1].is_current
    assert [one.year for one in strip.years] == [2017, 2014]
    assert strip.description.startswith("5 from 2014 to 2017; most in 2014: 4.")


def test_a_mistyped_year_makes_spans_instead_of_two_thousand_columns():
    strip = timeline_strip(
        [YearCount(1, 1, "?year=1"), YearCount(2011, 2, "?year=2011"), YearCount(2013, 3, "?year=2013")]
    )

    assert strip.columns[0].label == "1 to 19"
    last = strip.columns[-1]
    assert (last.label, last.count, last.url) == ("2000 to 2019", 5, "?year=2013")


def test_no_years_is_empty():
    strip = timeline_strip([])

    assert strip.is_empty
    assert strip.columns == ()
    assert strip.description == "No dated entries."


def test_bad_counts_are_the_callers_bug():
    with pytest.raises(ValueError, match="negative"):
        timeline_strip([YearCount(2020, -1)])
    with pytest.raises(ValueError, match="twice"):
        timeline_strip([YearCount(2020, 1), YearCount(2020, 2)])
