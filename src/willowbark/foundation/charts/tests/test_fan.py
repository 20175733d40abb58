from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import Event, Fan, Goal, fan_chart


def drawn(weeks: int = 78, **options):
    lines = [[400 + week * slope for week in range(weeks + 1)] for slope in (6, 7, 8, 8.5, 9)]
    return fan_chart(Fan(*lines), unit="patients", title="Active patients", **options)


def heights(path: str) -> list[float]:
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


def test_the_middle_lies_within_half_of_the_runs_and_those_within_nine_in_ten():
    picture = drawn().wide
    middle, inner, outer = (heights(one) for one in (picture.middle, picture.inner, picture.outer))
    assert len(middle) == 79
    assert len(inner) == len(outer) == 158
    for week in range(79):
        assert outer[week] <= inner[week] <= middle[week] <= inner[-1 - week] <= outer[-1 - week]


def test_weeks_are_ticked_by_quarters_and_fewer_on_a_phone():
    assert [tick.text for tick in drawn().wide.x_ticks] == ["0", "13", "26", "39", "52", "65", "78"]
    assert [tick.text for tick in drawn().narrow.x_ticks] == ["0", "26", "52", "78"]
    assert [tick.text for tick in drawn(weeks=3).wide.x_ticks] == ["0", "1", "2", "3"]


def test_goals_and_events_stand_at_their_weeks():
    picture = drawn(goals=[Goal(78, 1050)], events=[Event(39, "A practitioner comes")]).wide
    assert picture.goals[0].x == picture.right
    assert picture.goals[0].text == "Week 78: 1,050 patients"
    assert float(picture.events[0].x) == pytest.approx((float(picture.left) + float(picture.right)) / 2)
    assert picture.events[0].number == 1


def test_numbers_of_events_that_are_too_near_share_a_place():
    weeks = (30, 3, 3, 4)
    events = drawn(events=[Event(week, f"at {week}") for week in weeks]).wide.events
    assert [(one.number, one.label, one.text) for one in events] == [
        (1, "1 2 3", "at 3"),
        (2, "", "at 3"),
        (3, "", "at 4"),
        (4, "4", "at 30"),
    ]


def test_what_is_read_aloud_has_the_middle_and_its_range():
    chart = drawn()
    assert chart.description.endswith("Week 78: 1,024 patients, nine in ten 868 to 1,102.")
    assert chart.goal_label == ""
    assert len(chart.wide.marks) <= 21


def test_what_changes_at_once_is_stepped():
    people = [3.0, 3.0, 4.0]
    picture = fan_chart(Fan(*[people] * 5), unit="FTE", title="Staff", is_stepped=True, decimals=1).wide
    assert re.fullmatch(r"M\S+ \S+H\S+V\S+H\S+V\S+", picture.middle)


@pytest.mark.parametrize("options", [{"goals": [Goal(79, 1)]}, {"events": [Event(-1, "x")]}, {"weeks": 0}])
def test_what_cannot_be_drawn_is_refused(options):
    with pytest.raises(ValueError):
        drawn(**options)


def test_lines_of_different_lengths_and_no_numbers_are_refused():
    for last in ([1.0], [1.0, float("nan")]):
        with pytest.raises(ValueError):
            fan_chart(Fan([1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0], last), unit="", title="")


@given(st.lists(st.floats(0, 1e12), min_size=2, max_size=60), st.booleans())
def test_everything_stays_inside_the_picture(values, is_stepped):
    chart = fan_chart(Fan(*[values] * 5), unit="", title="", is_stepped=is_stepped)
    for picture in (chart.wide, chart.narrow):
        for mark in picture.marks:
            assert float(picture.left) <= float(mark.x) <= float(picture.right) + 0.01
            assert float(picture.top) - 0.01 <= float(mark.y) <= float(picture.bottom) + 0.01
