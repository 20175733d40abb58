from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import LARGEST, Band, Point, Series, line_chart
from willowbark.foundation.charts.line import MOST_MARKS

START = datetime(2020, 1, 1, tzinfo=UTC)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
values = st.one_of(
    st.floats(-LARGEST, LARGEST),
    st.decimals(-(10**12), 10**12, allow_nan=False, places=6),
    st.integers(-5, 5).map(float),
)
points = st.lists(st.builds(Point, instants, values, st.text(max_size=5)), max_size=40)
ends = st.none() | st.floats(-1e6, 1e6)


def chart(given, **arguments):
    return line_chart([Series("Glucose", given)], unit="mg/dL", title="Glucose", **arguments)


def places(path):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@given(points, st.builds(Band, ends, ends), zones)
def test_everything_drawn_lies_inside_the_picture_and_time_runs_to_the_right(given_points, band, zone):
    drawn = chart(given_points, band=band, zone=zone)

    for picture in (drawn.wide, drawn.narrow):
        left, right, top, bottom = (
            float(place) for place in (picture.left, picture.right, picture.top, picture.bottom)
        )
        assert 0 <= left < right <= picture.width
        assert 0 <= top < bottom <= picture.height
        for line in picture.lines:
            line_places = places(line.path)
            assert all(left <= x <= right and top <= y <= bottom for x, y in line_places)
            assert [x for x, _ in line_places] == sorted(x for x, _ in line_places)
        for tick in picture.x_ticks:
            assert left <= float(tick.at) <= right
        for tick in picture.y_ticks:
            assert top <= float(tick.at) <= bottom
        if picture.band:
            assert top <= float(picture.band.y) <= bottom
            assert 0 <= float(picture.band.height) <= bottom - top + 0.01
    assert drawn.left_out == 0
    assert drawn.is_empty == (not given_points)


@given(points.filter(bool))
def test_a_higher_value_is_never_drawn_lower(given_points):
    drawn = chart(given_points)

    marks = drawn.wide.lines[0].marks
    ordered = sorted(given_points, key=lambda point: point.at)
    pairs = sorted(
        zip([float(point.value) for point in ordered], [float(mark.y) for mark in marks], strict=True)
    )
    ys = [y for _, y in pairs]
    assert ys == sorted(ys, reverse=True)


@given(st.floats(-LARGEST, LARGEST), st.integers(2, 20))
def test_equal_values_make_a_level_line_in_the_middle_ground(value, count):
    drawn = chart([Point(START + timedelta(days=at), value) for at in range(count)])

    levels = {y for _, y in places(drawn.wide.lines[0].path)}
    assert len(levels) == 1
    assert float(drawn.wide.top) < levels.pop() < float(drawn.wide.bottom)


def test_one_result_stands_in_the_middle():
    drawn = chart([Point(START, 93, "93 mg/dL")])

    ((x, _),) = places(drawn.wide.lines[0].path)
    assert x == pytest.approx((float(drawn.wide.left) + float(drawn.wide.right)) / 2, abs=0.01)
    assert drawn.description == (
        "Glucose: 1 result from 1 Jan 2020 to 1 Jan 2020, lowest 93 mg/dL, highest 93 mg/dL, latest 93 mg/dL."
    )


def test_no_results_is_empty_and_says_so():
    drawn = chart([])

    assert drawn.is_empty
    assert drawn.description == "No results to draw."
    assert drawn.wide.lines[0].path == ""
    assert drawn.wide.band is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="cannot be drawn"):
        chart([Point(START, value)])


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        chart([Point(datetime(2020, 1, 1), 1)])


@pytest.mark.parametrize("value", [Decimal("1E+400"), 2e12, Decimal("-1E+13")])
def test_a_number_too_large_to_draw_is_left_out_and_counted(value):
    drawn = chart([Point(START, value), Point(START + timedelta(days=1), 5)])

    assert drawn.left_out == 1
    assert len(drawn.wide.lines[0].marks) == 1


def test_five_lines_cannot_be_told_apart():
    with pytest.raises(ValueError, match="told apart"):
        line_chart([Series(str(at), []) for at in range(5)], unit="", title="")


def test_a_flag_makes_a_hollow_marker_and_says_so():
    drawn = chart(
        [Point(START, 120, "120 mg/dL", "high"), Point(START + timedelta(days=400), 90, "90 mg/dL", "normal")]
    )

    high, normal = drawn.wide.lines[0].marks
    assert (high.is_out, high.text) == (True, "1 Jan 2020: 120 mg/dL (high)")
    assert (normal.is_out, normal.text) == (False, "4 Feb 2021: 90 mg/dL")
    assert drawn.has_outside


def test_a_date_without_a_time_keeps_its_day_in_every_zone():
    west = timezone(timedelta(hours=-8))

    drawn = chart([Point(START, 1, "1", precision="day"), Point(START, 1, "1", precision="year")], zone=west)

    assert [mark.text for mark in drawn.wide.lines[0].marks] == ["1 Jan 2020: 1", "2020: 1"]


def test_a_range_that_is_upside_down_is_not_drawn():
    drawn = chart([Point(START, 1)], band=Band(10, 5))

    assert drawn.wide.band is None
    assert drawn.band_label == ""


def test_a_range_open_on_one_side_reaches_the_edge_of_the_picture():
    drawn = chart([Point(START, 50)], band=Band(None, 60))

    band = drawn.wide.band
    assert band is not None
    assert float(band.y) + float(band.height) == pytest.approx(float(drawn.wide.bottom), abs=0.01)
    assert len(band.edges) == 1


def test_two_lines_differ_in_style_and_marker_and_are_named():
    drawn = line_chart(
        [Series("Systolic", [Point(START, 120, "120")]), Series("Diastolic", [Point(START, 80, "80")])],
        unit="mm[Hg]",
        title="Blood pressure",
    )

    first, second = drawn.wide.lines
    assert (first.style, second.style) == (1, 2)
    assert first.marks[0].path.split("a")[0] != second.marks[0].path.split("h")[0]
    assert second.marks[0].text == "1 Jan 2020: Diastolic: 80"
    assert drawn.has_legend


def test_thousands_of_results_keep_their_extremes():
    many = [Point(START + timedelta(hours=at), 50 + at % 7) for at in range(5000)]
    many[2500] = Point(many[2500].at, 500)
    many[3000] = Point(many[3000].at, -500)

    line = chart(many).wide.lines[0]

    assert len(many) > MOST_MARKS
    assert line.marks == ()
    drawn = places(line.path)
    assert len(drawn) < 4 * 760
    ys = [y for _, y in drawn]
    assert min(ys) < min(y for y in ys if y != min(ys)) - 50
    assert max(ys) > max(y for y in ys if y != max(ys)) + 50


def test_coordinates_never_use_an_exponent_or_more_than_two_decimals():
    line = chart([Point(START + timedelta(days=at), at / 3e5) for at in range(9)]).wide.lines[0]

    assert re.fullmatch(r"(?:[ML]\d+(?:\.\d{1,2})? \d+(?:\.\d{1,2})?)+", line.path)
