from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.protocols.core.units import (
    NotWhole,
    OtherUnit,
    converted,
    finest_scale,
    scale_between,
    scale_for,
)
from willowbark.protocols.core.wording import amount_text, moments_text, money_text, units_text

amounts = st.decimals(min_value="0.000001", max_value="100000", places=6, allow_nan=False)
masses = st.sampled_from(["g", "mg", "ug"])


@given(unit=masses, listed=st.lists(amounts, min_size=1, max_size=6))
def test_every_amount_is_whole_and_comes_back_exactly(unit, listed):
    scale = scale_for(unit, listed)
    for amount in listed:
        assert scale.amount(scale.whole(amount)) == amount


@given(unit=masses, listed=st.lists(amounts, min_size=1, max_size=6))
def test_no_larger_unit_would_do(unit, listed):
    units = ["g", "mg", "ug", "ng", "pg"]
    chosen = scale_for(unit, listed).unit
    for larger in units[: units.index(chosen)]:
        with pytest.raises(NotWhole):
            for amount in listed:
                scale_between(larger, unit).whole(amount)


@given(amount=amounts, unit=masses, to=masses)
def test_a_conversion_there_and_back_is_the_same(amount, unit, to):
    assert converted(converted(amount, unit, to), to, unit) == amount


def test_what_is_not_whole_in_the_smallest_unit_is_refused_and_named():
    with pytest.raises(NotWhole, match=r"^0[.]0000001 ug"):
        scale_for("ug", [Decimal(1), Decimal("0.0000001")])


@pytest.mark.parametrize(("unit", "of"), [("mg", "million_cfu"), ("unit", "mg"), ("lb", "mg"), ("mg", "lb")])
def test_units_of_another_kind_do_not_convert(unit, of):
    with pytest.raises(OtherUnit):
        scale_between(unit, of)


def test_living_organisms_and_pieces_are_counted_too():
    assert scale_for("million_cfu", [Decimal(50_000)]).unit == "billion_cfu"
    assert scale_for("million_cfu", [Decimal("0.5")]).unit == "thousand_cfu"
    assert scale_for("unit", [Decimal("0.5")]).unit == "milliunit"
    assert finest_scale("mg").unit == "pg"


@pytest.mark.parametrize(
    ("count", "unit", "said"),
    [
        (1000, "ug", "1,000 mcg"),
        (25_000, "ng", "25 mcg"),
        (62_500, "ng", "62.5 mcg"),
        (20_000_000, "ng", "20 mg"),
        (350, "mg", "350 mg"),
        (12_000, "mg", "12 g"),
        (50, "billion_cfu", "50 billion CFU"),
        (500, "thousand_cfu", "0.5 million CFU"),
        (3, "unit", "3 units"),
        (0, "mg", "0 mg"),
    ],
)
def test_amounts_are_said_as_on_a_label(count, unit, said):
    assert amount_text(count, unit) == said


def test_moments_units_and_money_are_said_plainly():
    assert units_text(1, "capsule") == "1 capsule"
    assert units_text(2, "drop") == "2 drops"
    assert units_text(5, "ml") == "5 ml"
    assert moments_text([("waking", 1), ("dinner", 2)], "capsule") == (
        "1 capsule on waking and 2 capsules with dinner"
    )
    assert moments_text([], "capsule") == ""
    assert money_text(123_456) == "$1,234.56"
    assert money_text(5, "EUR") == "€0.05"
    assert money_text(100, "CHF") == "CHF 1.00"
