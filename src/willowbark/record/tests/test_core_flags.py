from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.record.core.flags import flag_of

numbers = st.decimals(-1000, 1000, places=2)


def flag(value=None, *, comparator="", low=None, high=None, interpretation=""):
    def exact(number):
        return None if number is None else Decimal(str(number))

    return flag_of(
        value=exact(value),
        comparator=comparator,
        low=exact(low),
        high=exact(high),
        interpretation=interpretation,
    )


@given(numbers, numbers, numbers)
def test_a_plain_number_is_low_normal_or_high_exactly_by_its_range(value, one, other):
    low, high = sorted((one, other))

    expected = "low" if value < low else "high" if value > high else "normal"
    assert flag(value, low=low, high=high) == expected


@given(numbers, st.sampled_from(["<", "<=", ">=", ">"]), numbers, numbers, numbers)
def test_a_limit_is_never_called_more_than_every_number_it_may_stand_for(
    value, comparator, one, other, truth
):
    low, high = sorted((one, other))
    possible = {
        "<": truth < value,
        "<=": truth <= value,
        ">=": truth >= value,
        ">": truth > value,
    }[comparator]
    said = flag(value, comparator=comparator, low=low, high=high)

    if possible and said:
        assert said == flag(truth, low=low, high=high)


@pytest.mark.parametrize(
    ("value", "comparator", "low", "high", "said"),
    [
        (5, "<", 5, None, "low"),
        (5, "<=", 5, None, ""),
        (5, "<", 3, None, ""),
        (200, ">", None, 200, "high"),
        (200, ">=", None, 200, ""),
        (201, ">=", None, 200, "high"),
        (5, "ad", 6, 7, ""),
        (5, "", 5, 5, "normal"),
        (5, "", None, None, ""),
        (None, "", 1, 2, ""),
    ],
)
def test_the_edges_of_a_range(value, comparator, low, high, said):
    assert flag(value, comparator=comparator, low=low, high=high) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("HH", "critical_high"),
        ("LL", "critical_low"),
        ("N", "normal"),
        ("A", "abnormal"),
        ("POS", "abnormal"),
    ],
)
def test_the_laboratorys_own_word_counts_before_our_comparison(code, said):
    assert flag(5, low=1, high=9, interpretation=code) == said
    assert flag(None, interpretation=code) == said


def test_a_word_of_the_laboratory_that_we_do_not_know_leaves_the_comparison():
    assert flag(10, low=1, high=9, interpretation="EXP") == "high"
