from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.knowledge.core.dosage import read_dosage
from willowbark.knowledge.core.recognising import read_drug, recognise_supplement
from willowbark.knowledge.selectors import release


def amounts(text: str, dosage: str = "") -> dict[str, str | None]:
    taken = recognise_supplement(release(), text, dosage)
    return {
        one.ingredient_key: None if one.amount_a_day is None else str(one.amount_a_day)
        for one in taken.contents
    }


@pytest.mark.parametrize(
    ("text", "dosage", "expected"),
    [
        ("Vitamin D3 2000 IU", "1 softgel daily", {"vitamin_d": "50"}),
        ("Vitamin D3 2,000 IU", "2 softgels twice a day", {"vitamin_d": "200"}),
        ("Vitamin D3 with K2", "5,000 IU once a day with a meal", {"vitamin_d": "125", "vitamin_k2": None}),
        ("Magnesium glycinate", "200 mg elemental twice a day, the second at bedtime", {"magnesium": "400"}),
        ("Iron bisglycinate", "25 mg elemental every other day, with vitamin C", {"iron": "12.5"}),
        ("Omega-3 fish oil (EPA and DHA)", "2 g of EPA and DHA a day, with food", {"epa_and_dha": "2000"}),
        ("Probiotic, multi-strain", "25 billion CFU once a day", {"probiotic_strains": "25000"}),
        ("5-MTHF", "400 mcg once a day", {"folate": "680"}),
        ("Zinc 15 mg / Copper 1 mg", "2 capsules daily", {"zinc": "30", "copper": "2"}),
        (
            "Calcium carbonate 600 mg with vitamin D 800 IU",
            "1 tablet twice a day",
            {"calcium": "1200", "vitamin_d": "40"},
        ),
        ("Curcumin phytosome", "500 mg twice a day", {"curcumin": "1000"}),
        ("St. John's Wort 300 mg", "1 capsule three times daily", {"st_johns_wort": "900"}),
        ("Vitamin D 50,000 IU", "1 capsule once a week", {"vitamin_d": "178.572"}),
        ("Melatonin", "1 mg an hour before bed", {"melatonin": "1"}),
        ("Vitamine C 2,5 g", "1 sachet par day", {}),
        ("Vitamin C 2,5 g", "1 sachet a day", {"vitamin_c": "2500"}),
        ("Magnesium", "400 mg a day in divided doses", {"magnesium": "400"}),
        ("Cholecalciferol 2000 UNT Oral Tablet", "1 tablet daily", {"vitamin_d": "50"}),
        # Counted too low, a plan would add to it beyond the limit.
        ("Zinc 15 mg", "1 capsule daily with breakfast and dinner", {"zinc": "30"}),
        ("Zinc 15 mg", "1 capsule daily with breakfast, lunch and dinner", {"zinc": "45"}),
        ("Zinc 15 mg", "1 capsule daily with breakfast or dinner", {"zinc": "15"}),
        ("Zinc 15 mg", "1 capsule at 8 am and at 8 pm, with or without food", {"zinc": "30"}),
        ("Zinc 15 mg", "2 capsules twice daily every other day", {"zinc": "30"}),
        ("Vitamin B 12 500 mcg", "1 tablet daily", {"vitamin_b12": "500"}),
        ("Omega 3 500 mg", "1 softgel daily", {"epa": None, "dha": None}),
    ],
)
def test_amounts_a_day_are_what_the_texts_say(text, dosage, expected):
    assert amounts(text, dosage) == expected


@pytest.mark.parametrize(
    ("text", "dosage", "why"),
    [
        ("Vitamin D3 2000 IU", "", "how often it is taken is not said"),
        ("Vitamin D3", "1 softgel daily", "how much is in it is not said"),
        ("Vitamin D3 2000 IU", "daily", "how many are taken each time is not said"),
        ("Magnesium", "2 capsules (400 mg) daily", "of one piece or of all"),
        ("Magnesium", "200 mg in the morning and 400 mg at bedtime", "more than one amount"),
        ("Zinc 15 mg", "1 tablet in the morning and 2 tablets at night", "how many are taken each time"),
        ("Zinc 15 mg", "1 tablet in the morning and 2 at night", "how many are taken each time"),
        ("Zinc 15 mg", "1 capsule AM, 2 PM", "how many are taken each time"),
        ("Zinc 15 mg", "1/2 tablet daily", "how many are taken each time"),
        ("Vitamin D3", "2 x 500 IU daily", "how much is in it"),
        ("Zinc", "take 2 15 mg capsules daily", "of one piece or of all"),
        ("Vitamin D3", "two 500 IU capsules daily", "of one piece or of all"),
        ("Vitamin D3 5.000 IU", "1 capsule daily", "how much is in it"),
        ("Vitamin D3 2 500 IU", "1 capsule daily", "how much is in it"),
        ("Vitamin D3 10'500 IU", "1 capsule daily", "how much is in it"),
        ("Zinc and copper", "15 mg once a day", "of which ingredient"),
        ("Vitamin D3 5000 mg", "1 capsule daily", "is the unit right"),
        ("Peppermint oil", "0.2 mL twice a day", "not measured in 'ml'"),
        ("Multivitamin with minerals", "1 tablet a day", "part of a mixture"),
        ("Zinc 0 mg", "1 tablet a day", "above zero"),
        ("Fish oil 1000 mg", "1 softgel twice daily", "part of a mixture"),
    ],
)
def test_what_the_texts_do_not_say_stays_unknown_and_says_why(text, dosage, why):
    taken = recognise_supplement(release(), text, dosage)

    assert taken.contents
    assert all(one.amount_a_day is None for one in taken.contents)
    assert any(why in one.note for one in taken.contents), [one.note for one in taken.contents]


def test_the_form_is_recognised():
    forms = {
        text: recognise_supplement(release(), text).contents[0].form_key
        for text in (
            "Magnesium glycinate",
            "Zinc picolinate",
            "Curcumin phytosome",
            "Quercetin phytosome",
            "Ubiquinol",
        )
    }

    assert forms == {
        "Magnesium glycinate": "magnesium_bisglycinate",
        "Zinc picolinate": "zinc_picolinate",
        "Curcumin phytosome": "phytosome",
        "Quercetin phytosome": "phytosome",
        "Ubiquinol": "ubiquinol",
    }


def test_what_is_no_supplement_has_no_contents():
    for text in ("", "Proprietary blend", "Green superfood powder", "whatever"):
        assert not recognise_supplement(release(), text, "1 a day").is_recognised


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(text, dosage):
    entry = uuid4()
    taken = recognise_supplement(release(), text, dosage, entry_id=entry)

    assert taken.entry_id == entry
    for one in taken.contents:
        assert one.amount_a_day is None or one.amount_a_day > 0
        assert (one.amount_a_day is None) == bool(one.note)


@given(
    key=st.sampled_from(["zinc", "magnesium", "selenium", "vitamin_c", "coq10"]),
    amount=st.integers(1, 100),
    pieces=st.integers(1, 4),
    times=st.sampled_from([("once a day", 1), ("twice daily", 2), ("3 times a day", 3)]),
)
def test_pieces_times_strength_times_often(key, amount, pieces, times):
    ingredient = release().ingredient(key)
    words, often = times
    text = f"{ingredient.name} {amount} {'mcg' if ingredient.unit == 'ug' else ingredient.unit}"

    taken = recognise_supplement(release(), text, f"{pieces} capsules {words}")

    assert [one.amount_a_day for one in taken.contents] == [Decimal(amount * pieces * often)]


@pytest.mark.parametrize(
    ("text", "moments", "assumed"),
    [
        ("1 tablet each morning", ("breakfast",), False),
        ("1 tablet each morning on an empty stomach, 60 minutes before breakfast", ("waking",), False),
        ("1 tablet twice a day with meals", ("breakfast", "dinner"), True),
        ("200 mg elemental twice a day, the second at bedtime", ("breakfast", "dinner", "bedtime"), True),
        ("1 capsule with breakfast and 1 with dinner", ("breakfast", "dinner"), False),
        ("1 tablet at bedtime", ("bedtime",), False),
        ("1 tablet daily", (), False),
        ("1 tablet at bedtime as needed", (), False),
        ("", (), False),
    ],
)
def test_moments_are_those_that_are_named_or_spread_and_marked(text, moments, assumed):
    dosage = read_dosage(text)

    assert (dosage.moments, dosage.moments_are_assumed) == (moments, assumed)


def test_a_drug_is_taken_when_the_dosage_says_else_at_its_usual_moment():
    def when(text: str, dosage: str) -> tuple[tuple[str, ...], bool]:
        taken, _ = read_drug(release(), None, text, dosage_text=dosage)
        assert taken is not None
        return taken.moments, taken.moments_are_assumed

    assert when("Levothyroxine 50 mcg", "") == (("waking",), True)
    assert when("Levothyroxine 50 mcg", "1 tablet each morning") == (("waking",), True)
    assert when("Levothyroxine 50 mcg", "1 tablet with breakfast") == (("breakfast",), False)
    assert when("Levothyroxine 50 mcg", "1 tablet at bedtime") == (("bedtime",), False)
    assert when("Naproxen 500 MG", "") == ((), False)
    assert when("Trazodone 50 mg", "at bedtime as needed") == ((), False)


def test_a_medicine_adds_to_what_is_taken():
    taken, _ = read_drug(
        release(), None, "ferrous sulfate 325 MG Oral Tablet", dosage_text="1 tablet twice a day"
    )
    silent, _ = read_drug(release(), None, "ferrous sulfate 325 MG Oral Tablet")

    assert taken is not None
    assert silent is not None
    assert [(one.ingredient_key, one.amount_a_day) for one in taken.contents] == [("iron", Decimal(130))]
    assert [(one.ingredient_key, one.amount_a_day) for one in silent.contents] == [("iron", None)]


def test_units_of_a_medicine_count_as_iu():
    taken, _ = read_drug(
        release(), None, "Ergocalciferol 50000 UNT Oral Capsule", dosage_text="1 capsule once a week"
    )

    assert taken is not None
    assert [(one.ingredient_key, one.amount_a_day) for one in taken.contents] == [
        ("vitamin_d", Decimal("178.572"))
    ]
