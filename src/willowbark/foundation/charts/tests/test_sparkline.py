from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import LARGEST, Band, sparkline
from willowbark.foundation.charts.sparkline import HEIGHT, MOST, WIDTH

ends = st.none() | st.floats(-1e6, 1e6)


def places(path):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@given(st.lists(st.floats(-LARGEST, LARGEST), max_size=150), st.builds(Band, ends, ends))
def test_every_place_lies_inside_and_runs_to_the_right(values, band):
    spark = sparkline(values, band=band)

    drawn = places(spark.path)
    assert len(drawn) == min(len(values), MOST)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn)
    assert [x for x, _ in drawn] == sorted({x for x, _ in drawn})
    if drawn:
        assert drawn[-1] == (float(spark.last_x), float(spark.last_y))
    if spark.band_height:
        assert 0 <= float(spark.band_y) <= float(spark.band_y) + float(spark.band_height) <= HEIGHT + 0.01


@given(st.floats(-LARGEST, LARGEST), st.integers(1, 10))
def test_equal_values_are_level_in_the_middle(value, count):
    assert {y for _, y in places(sparkline([value] * count).path)} == {HEIGHT / 2}


def test_nothing_to_draw():
    spark = sparkline([], title="Glucose")

    assert spark.is_empty
    assert spark.description == "Glucose: nothing to draw"


def test_the_direction_is_said():
    assert sparkline([1, 5, 2], title="Ferritin").description == "Ferritin: 3 values, up from first to last"
    assert sparkline([2, 1]).description == "2 values, down from first to last"
    assert sparkline([2, 1, 2]).description == "3 values, level from first to last"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="cannot be drawn"):
        sparkline([1, value])


def test_an_upside_down_range_is_not_drawn():
    assert sparkline([1, 2], band=Band(9, 3)).band_height == ""
