from __future__ import annotations

from datetime import date

import pytest

from willowbark.protocols.core.people import age_on, person_of
from willowbark.protocols.tests.people import ON, Chart, Entry, known


def person(**said):
    return person_of(known(), Chart(**said), jurisdiction="US", age_years=40, on=ON)


@pytest.mark.parametrize(
    ("born", "precision", "on", "years"),
    [
        (date(1980, 11, 22), "day", date(2026, 11, 21), 45),
        (date(1980, 11, 22), "day", date(2026, 11, 22), 46),
        (date(1980, 11, 1), "month", date(2026, 11, 30), 45),
        (date(1980, 11, 1), "month", date(2026, 12, 1), 46),
        (date(1980, 1, 1), "year", date(2026, 12, 31), 45),
        (date(2026, 11, 1), "day", date(2026, 11, 22), 0),
        (date(2026, 1, 1), "year", date(2026, 11, 22), 0),
        (date(2004, 2, 29), "day", date(2025, 2, 28), 20),
        (None, "", date(2026, 11, 22), None),
    ],
)
def test_an_age_is_the_youngest_that_the_date_allows(born, precision, on, years):
    assert age_on(born, precision, on) == years


def test_drugs_supplements_conditions_and_allergies_are_recognised_with_their_entries():
    drug, supplement = Entry("Warfarin 5 MG"), Entry("Magnesium 200 mg", "supplement", "1 daily")
    seen = person(
        taken=(drug, supplement),
        conditions=(Entry("Hypothyroidism", "condition"),),
        allergies=(Entry("Allergy to fish", "allergy"),),
    )
    assert [(each.entry_id, each.drug_keys) for each in seen.drugs] == [(drug.id, ("warfarin",))]
    assert seen.supplements[0].entry_id == supplement.id
    assert seen.supplements[0].contents[0].ingredient_key == "magnesium"
    assert "hypothyroidism" in seen.conditions[0].keys
    assert "fish" in seen.allergies[0].keys
    assert seen.unrecognised == ()


def test_what_is_not_recognised_is_kept_as_it_was_written():
    seen = person(
        taken=(Entry("Foobarium"), Entry("Grandmother's tonic", "supplement")),
        allergies=(Entry("Stardust", "allergy"), Entry("Penicillin", "allergy")),
        conditions=(Entry("Full-time employment (finding)", "condition"),),
    )
    assert [(each.kind, each.text) for each in seen.unrecognised] == [
        ("drug", "Foobarium"),
        ("supplement", "Grandmother's tonic"),
        ("allergy", "Stardust"),
    ]
    assert seen.conditions[0].keys == frozenset()
