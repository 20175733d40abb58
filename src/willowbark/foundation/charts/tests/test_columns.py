from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import Amount, column_chart
from willowbark.foundation.charts.columns import MOST_COLUMNS


def drawn(*values, **options):
    return column_chart([Amount(str(at), value) for at, value in enumerate(values)], title="T", **options)


def test_columns_are_in_proportion_and_nothing_has_no_height():
    chart = drawn(0, 5, 10)

    assert [float(one.height) for one in chart.columns] == [0, 20, 40]
    assert [one.is_empty for one in chart.columns] == [True, False, False]
    assert [float(one.y) + float(one.height) for one in chart.columns] == [43, 43, 43]


def test_several_pictures_can_share_a_scale():
    assert float(drawn(5, most=10).columns[0].height) == 20
    assert float(drawn(20, most=10).columns[0].height) == 40


def test_what_is_there_is_said_and_what_is_not_is_left_out():
    assert drawn(0, 3, unit="protocols").description == "1: 3 protocols"
    assert drawn(0, 0).description == "Nothing on any of these days."
    assert drawn().is_empty


@pytest.mark.parametrize("values", [[-1], [float("nan")], [float("inf")], [1] * (MOST_COLUMNS + 1)])
def test_what_cannot_be_drawn_is_refused(values):
    with pytest.raises(ValueError):
        drawn(*values)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=MOST_COLUMNS))
def test_every_column_stays_in_the_picture(values):
    for one in drawn(*values).columns:
        assert 0 <= float(one.x.rstrip("%")) <= 100
        assert float(one.x.rstrip("%")) + float(one.width.rstrip("%")) <= 100.1
        assert 3 <= float(one.y) <= 43
        assert float(one.height) <= 40
