"""Ranges: every combination of ends, an input that occurs twice being one input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.planner.core.ranges import MOST_RANGED, Range, TooManyRanges, extremes, extremes_of_sum, point


def test_an_input_that_occurs_twice_is_one_input():
    found = extremes(lambda v: {"share": v["a"] / (v["a"] + v["b"])}, {"a": Range(1, 3), "b": point(1)})
    assert found["share"] == Range(0.5, 0.75)


def test_too_many_ranges_are_refused():
    inputs = {f"x{at}": Range(0, 1) for at in range(MOST_RANGED + 1)}
    with pytest.raises(TooManyRanges):
        extremes(lambda v: {"sum": np.sum(list(v.values()), axis=0)}, inputs)


def test_groups_without_a_range_in_common_need_no_common_corners():
    inputs = {f"x{at}": Range(0, 1) for at in range(3 * MOST_RANGED)}
    terms = [lambda v, name=name: 2 * v[name] for name in inputs]
    assert extremes_of_sum(terms, inputs) == Range(0, 6 * MOST_RANGED)


def test_terms_with_a_range_in_common_move_together():
    inputs = {"a": Range(0, 1), "b": Range(0, 1)}
    assert extremes_of_sum([lambda v: v["a"] + v["b"], lambda v: -v["a"]], inputs) == Range(0, 1)


ENDS = st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)).map(lambda ends: Range(min(ends), max(ends)))


@given(a=ENDS, b=ENDS, at=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_no_value_inside_the_ranges_leaves_the_range_found(a, b, at):
    found = extremes(lambda v: {"panel": 525 / (v["a"] + v["b"])}, {"a": a, "b": b})["panel"]
    inside = 525 / (a.low + (a.high - a.low) * at[0] + b.low + (b.high - b.low) * at[1])
    assert found.low * (1 - 1e-12) <= inside <= found.high * (1 + 1e-12)
