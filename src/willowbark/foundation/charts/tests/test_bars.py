from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import Bar, Part, bar_chart, stacked_bar

amounts = st.one_of(st.integers(0, 10**9), st.floats(0, 1e300), st.decimals(0, 10**9, places=3))


def share(text):
    assert text.endswith("%")
    return float(text[:-1])


@given(st.lists(st.builds(Bar, st.text(max_size=5), amounts), max_size=20))
def test_bars_lie_inside_and_the_longest_fills_the_width(bars):
    chart = bar_chart(bars, unit="rows", title="Rows")

    widths = [share(bar.width) for bar in chart.bars]
    assert all(0 <= width <= 100 for width in widths)
    assert all((width > 0) == (bar.value > 0) for width, bar in zip(widths, bars, strict=True))
    if any(bar.value > 0 for bar in bars):
        assert max(widths) == 100
    assert all(float(bar.y) + float(chart.thickness) <= float(chart.height) for bar in chart.bars)
    assert chart.is_empty == (not bars)


@given(st.lists(st.builds(Part, st.text(max_size=5), amounts), max_size=20))
def test_parts_follow_each_other_and_fill_the_whole(parts):
    chart = stacked_bar(parts, title="Parts")

    place = 0.0
    for part in chart.parts:
        assert share(part.x) == pytest.approx(place, abs=0.1)
        place += share(part.width)
    if chart.parts:
        assert place == pytest.approx(100, abs=0.2)
    assert chart.is_empty == (not any(part.value > 0 for part in parts))


def test_what_is_drawn_is_said():
    parts = stacked_bar(
        [Part("Added", 3, "good"), Part("Changed", 0), Part("Lost", 1, "bad")], title="Import"
    )

    assert parts.description == "Added: 3 (75.0%); Lost: 1 (25.0%)"
    bars = bar_chart([Bar("Notes", 1204), Bar("Visits", 2, "two")], unit="rows", title="Rows")
    assert bars.description == "Notes: 1,204 rows; Visits: two"


@pytest.mark.parametrize("value", [-1, float("nan"), Decimal("Infinity")])
def test_what_cannot_be_a_bar_is_refused(value):
    with pytest.raises(ValueError, match="cannot"):
        bar_chart([Bar("x", value)], unit="", title="")
    with pytest.raises(ValueError, match="cannot"):
        stacked_bar([Part("x", value)], title="")


def test_an_unknown_tone_is_refused():
    with pytest.raises(ValueError, match="mauve"):
        stacked_bar([Part("x", 1, "mauve")], title="")
