from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.knowledge.core.amounts import (
    BadAmount,
    UnknownForm,
    UnknownUnit,
    a_day,
    amount_of,
)
from willowbark.knowledge.core.molar import molar_mass, share
from willowbark.knowledge.selectors import release

INGREDIENTS = release().ingredients
MASSES = {"kg": 10**9, "g": 10**6, "mg": 10**3, "ug": 1, "mcg": 1}


def converted(key: str, form: str, amount: str, unit: str, **options) -> Decimal:
    return amount_of(INGREDIENTS[key], form, Decimal(amount), unit, **options)


@pytest.mark.parametrize(
    ("key", "form", "amount", "unit", "expected"),
    [
        ("vitamin_d", "cholecalciferol", "2000", "IU", "50"),
        ("vitamin_d", "ergocalciferol", "50000", "[IU]", "1250"),
        ("vitamin_d", "", "0.025", "mg", "25"),
        ("vitamin_a", "retinyl_palmitate", "10000", "IU", "3000"),
        ("vitamin_a", "beta_carotene", "5000", "IU", "1500"),
        ("vitamin_e", "d_alpha_tocopherol", "400", "IU", "268"),
        ("vitamin_e", "dl_alpha_tocopherol", "400", "IU", "180"),
        ("folate", "folic_acid", "400", "mcg", "680"),
        ("folate", "l_5_mthf", "1", "mg", "1700"),
        ("folate", "folic_acid", "680", "mcg DFE", "680"),
        ("magnesium", "magnesium_bisglycinate", "200", "mg", "200"),
        ("lactobacillus", "", "25", "10*9{CFU}", "25000"),
        ("lactobacillus", "", "25", "billion CFU", "25000"),
        ("l_glutamine", "", "5000", "mg", "5"),
        ("copper", "", "900", "ug", "0.9"),
    ],
)
def test_a_labelled_amount_is_converted_exactly(key, form, amount, unit, expected):
    result = converted(key, form, amount, unit)

    assert result == Decimal(expected)
    assert "E" not in str(result)


def test_a_label_of_the_whole_salt_counts_its_elemental_part():
    assert converted("iron", "ferrous_sulfate", "325", "mg", as_compound=True) == 65
    assert converted("iron", "ferrous_sulfate", "65", "mg") == 65
    assert converted("vitamin_a", "beta_carotene", "15", "mg", as_compound=True) == 7500
    with pytest.raises(UnknownUnit):
        converted("iron", "polysaccharide_iron", "100", "mg", as_compound=True)


@pytest.mark.parametrize(
    ("ingredient", "form", "elemental_mg"),
    [
        ("magnesium", "magnesium_bisglycinate", "141"),
        ("magnesium", "magnesium_citrate", "161.6"),
        ("magnesium", "magnesium_oxide", "603"),
        ("magnesium", "magnesium_threonate", "82.5"),
        ("calcium", "calcium_carbonate", "400.4"),
        ("zinc", "zinc_gluconate", "143.5"),
        ("potassium", "potassium_chloride", "524.5"),
    ],
)
def test_a_gram_of_a_salt_counts_as_its_formula_says(ingredient, form, elemental_mg):
    assert converted(ingredient, form, "1", "g", as_compound=True) == Decimal(elemental_mg)


def test_a_formula_weighs_what_its_atoms_weigh():
    assert molar_mass("Mg(C2H4NO2)2") == Decimal("172.423")
    assert molar_mass("Ca5(PO4)3(OH)") == molar_mass("Ca5P3O13H")
    for wrong in ("", "Xx2", "Mg(", ")Mg", "2Mg", "mg", "(2)Mg"):
        with pytest.raises(ValueError, match=r"formula|weight"):
            molar_mass(wrong)
    with pytest.raises(ValueError, match="weighs more"):
        share("MgO", "Mg")


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "-Infinity", "1E+999999"])
def test_an_amount_that_cannot_be_is_refused(amount):
    with pytest.raises(BadAmount):
        converted("zinc", "", amount, "mg")


def test_a_thousandfold_is_refused_and_says_so():
    with pytest.raises(BadAmount, match="is the unit right"):
        converted("vitamin_d", "", "50", "mg")
    with pytest.raises(BadAmount):
        converted("zinc", "", "15", "g")


@pytest.mark.parametrize(
    ("key", "form", "unit"),
    [
        ("vitamin_c", "", "IU"),
        ("zinc", "", "mL"),
        ("zinc", "", "billion CFU"),
        ("lactobacillus", "", "mg"),
        ("zinc", "", ""),
        ("zinc", "", "stone"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(key, form, unit):
    with pytest.raises(UnknownUnit):
        converted(key, form, "1", unit)


def test_a_form_of_another_ingredient_is_refused():
    with pytest.raises(UnknownForm):
        converted("zinc", "cholecalciferol", "1", "mg")


@given(
    key=st.sampled_from(sorted(INGREDIENTS)),
    amount=st.decimals(min_value="0.000001", max_value="1000000", places=6),
    unit=st.sampled_from(sorted(MASSES)),
    other=st.sampled_from(sorted(MASSES)),
)
def test_the_unit_of_a_mass_does_not_matter(key, amount, unit, other):
    ingredient = INGREDIENTS[key]
    same = amount * MASSES[unit] / MASSES[other]
    try:
        first = amount_of(ingredient, "", amount, unit)
    except (BadAmount, UnknownUnit) as error:
        with pytest.raises(type(error)):
            amount_of(ingredient, "", same, other)
        return

    assert first == amount_of(ingredient, "", same, other)
    assert 0 < first <= ingredient.largest


@given(
    key=st.sampled_from(sorted(INGREDIENTS)),
    small=st.decimals(min_value="0.001", max_value="1", places=3),
    times=st.integers(2, 10),
)
def test_twice_the_label_is_twice_the_ingredient(key, small, times):
    ingredient = INGREDIENTS[key]
    for form in ("", *(one.key for one in ingredient.forms)):
        once = amount_of(ingredient, form, small, ingredient.unit)
        assert amount_of(ingredient, form, small * times, ingredient.unit) == once * times


def test_an_amount_a_day_that_does_not_end_is_rounded_up():
    assert a_day(Decimal(25), Fraction(1, 2)) == Decimal("12.5")
    assert a_day(Decimal(1250), Fraction(1, 7)) == Decimal("178.572")
    assert a_day(Decimal(500), Fraction(2)) == 1000
