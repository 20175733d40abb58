from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.presentation.numbers import count_text, duration_text, exact_text, shown_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("6.10", "6.10"),
        ("76.50393612418128", "76.5"),
        ("176.20203871060636", "176.2"),
        ("0.00012345678", "0.0001235"),
        ("1234567.891", "1234568"),
        ("140", "140"),
        ("98.6", "98.6"),
        ("123.456", "123.456"),
        ("0", "0"),
        ("0.00", "0.00"),
        ("0E-400", "0"),
        ("1E+3", "1000"),
        ("1E+400", "1e+400"),
        ("-2.5E-30", "-2.5e-30"),
        ("NaN", "NaN"),
    ],
)
def test_numbers_as_a_clinician_reads_them(value, text):
    assert shown_text(Decimal(value)) == text


def test_the_exact_number_keeps_every_digit():
    assert exact_text(Decimal("76.50393612418128")) == "76.50393612418128"
    assert exact_text(76.5) == "76.5"


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_number_however_hostile_makes_a_long_text(value):
    assert len(shown_text(value)) <= 40
    assert len(exact_text(value)) <= 60


@given(st.decimals(-(10**9), 10**9, places=12))
def test_what_is_shown_is_near_what_is_kept(value):
    assert Decimal(shown_text(value)) == pytest.approx(value, rel=Decimal("0.001"), abs=Decimal("1e-9"))


def test_counts_and_durations():
    assert count_text(1234567) == "1,234,567"
    assert [duration_text(seconds) for seconds in (0.42, 48.2, 185, 3720, 60, 7200)] == [
        "0.4 s", "48 s", "3 min 5 s", "1 h 2 min", "1 min", "2 h",
    ]  # fmt: skip
