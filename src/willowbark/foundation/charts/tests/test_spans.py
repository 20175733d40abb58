from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.charts import Limit, Span, SpanRow, span_chart

ends = st.floats(-1e9, 1e9)
spans = st.tuples(ends, ends).map(lambda both: Span(min(both), max(both)))


def share(text):
    assert text.endswith("%")
    return float(text[:-1])


@given(
    st.lists(st.builds(SpanRow, st.text(max_size=5), st.just(""), st.lists(spans, max_size=3)), max_size=8)
)
def test_spans_lie_inside_the_picture(rows):
    chart = span_chart(rows, title="Ranges", limits=[Limit(5, "most")])

    for row in chart.rows:
        for span in row.spans:
            assert share(span.x) >= 0
            assert share(span.x) + share(span.width) <= 100.1
            assert share(span.width) > 0
    assert all(0 <= share(tick.x) <= 100 for tick in chart.ticks)
    assert chart.is_empty == (not rows)


def test_what_is_drawn_is_said_and_the_scale_holds_zero():
    chart = span_chart([SpanRow("Needed", "4 to 6 FTE", [Span(4, 6)])], title="People", unit="FTE")

    assert chart.description == "Needed: 4 to 6 FTE"
    assert chart.ticks[0].text == "0"
    assert (chart.rows[0].spans[0].x, chart.rows[0].spans[0].width) == ("66.67%", "33.33%")


def test_of_two_pictures_beside_each_other_the_longer_bar_is_the_larger_figure():
    few, many = ([SpanRow("Taken", "", [Span(0, size)])] for size in (113, 151))
    first = [span_chart(few, title=""), span_chart(many, title="")]
    drawn = [span_chart(rows, title="", beside=first) for rows in (few, many)]

    assert [share(chart.rows[0].spans[0].width) for chart in drawn] == [56.5, 75.5]
    assert drawn[0].ticks == drawn[1].ticks


@given(ends, ends)
def test_where_there_is_little_room_no_two_ticks_stand_side_by_side(one, other):
    chart = span_chart([SpanRow("", "", [Span(min(one, other), max(one, other))])], title="")
    shown = [at for at, tick in enumerate(chart.ticks) if not tick.is_minor]
    assert all(after - before > 1 for before, after in pairwise(shown)) or shown == [0, 1]


@pytest.mark.parametrize(
    ("span", "said"),
    [(Span(2, 1), "back"), (Span(0, 1, "loud"), "unknown tone"), (Span(0, float("nan")), "cannot be drawn")],
    ids=["backwards", "tone", "nan"],
)
def test_what_cannot_be_a_span_is_refused(span, said):
    with pytest.raises(ValueError, match=said):
        span_chart([SpanRow("x", "", [span])], title="")
