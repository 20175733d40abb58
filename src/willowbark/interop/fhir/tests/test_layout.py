"""JSON laid out to be read: the same words, more space."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.interop.fhir.core.layout import laid_out

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4),
    max_leaves=20,
)


@given(ANY)
def test_it_says_the_same_in_the_layout_that_everybody_knows(value):
    assert laid_out(json.dumps(value, separators=(",", ":"))) == json.dumps(value, indent=2)


def test_numbers_stay_as_they_are_written():
    assert laid_out('{"a":1.50,"b":[1e3,-0]}') == '{\n  "a": 1.50,\n  "b": [\n    1e3,\n    -0\n  ]\n}'


@pytest.mark.parametrize(
    "text", ["", "{", '{\n"a": 1}', "[" * 100_000], ids=["nothing", "cut", "lines", "deep"]
)
def test_what_is_no_json_or_has_lines_stays_as_it_is(text):
    assert laid_out(text) == text
