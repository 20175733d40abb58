from __future__ import annotations

import json
from datetime import date

import pytest
import typer
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from willowbark.knowledge import check_cli
from willowbark.knowledge.core.asked import (
    MOST_ENTRIES,
    Asked,
    NothingAsked,
    TooMuchAsked,
    UnknownJurisdiction,
)
from willowbark.knowledge.core.checker import Checked, Finding, check
from willowbark.knowledge.core.checker_document import document_of
from willowbark.knowledge.core.release import SEVERITIES
from willowbark.knowledge.selectors import release

KNOWN = release()
app = typer.Typer()
app.command()(check_cli.check)
ON = date(2026, 11, 22)


def checked(**asked) -> Checked:
    return check(KNOWN, Asked(**asked), on=ON)


def worst(result: Checked, *between: str) -> Finding | None:
    """The worst finding between these entries."""
    return next((one for one in result.findings if set(one.between) == set(between)), None)


# Pairs that every reference lists, with the least severity and how each is met.
SEVERE = [
    ("Warfarin 5 MG", "St. John's wort", "major", "ban"),
    ("Coumadin", "Vitamin K2", "major", "ban"),
    ("Warfarin", "Danshen", "contraindicated", "ban"),
    ("Warfarin", "Ginkgo biloba", "major", "ban"),
    ("Warfarin", "Dong quai", "major", "ban"),
    ("Warfarin", "CBD oil", "major", "caution"),
    ("Eliquis 5 mg", "St John's wort", "contraindicated", "ban"),
    ("rivaroxaban", "Nattokinase", "major", "ban"),
    ("Sertraline 50 MG", "5-HTP", "major", "ban"),
    ("Lexapro", "St. John's wort", "major", "ban"),
    ("venlafaxine", "SAMe", "major", "ban"),
    ("phenelzine", "L-tyrosine", "contraindicated", "ban"),
    ("Nardil", "Ephedra", "contraindicated", "ban"),
    ("tranylcypromine", "5-HTP", "contraindicated", "ban"),
    ("selegiline", "Mucuna", "contraindicated", "ban"),
    ("sumatriptan", "L-tryptophan", "major", "ban"),
    ("Cyclosporine", "St. John's wort", "contraindicated", "ban"),
    ("tacrolimus", "Schisandra", "contraindicated", "ban"),
    ("Sirolimus", "Grapefruit", "contraindicated", "ban"),
    ("mycophenolate", "Echinacea", "major", "ban"),
    ("atazanavir", "St. John's wort", "contraindicated", "ban"),
    ("saquinavir", "Garlic", "major", "ban"),
    ("efavirenz", "St. John's wort", "contraindicated", "ban"),
    ("dolutegravir", "Calcium carbonate 600 mg", "major", "apart"),
    ("Yaz", "St. John's wort", "major", "ban"),
    ("Synthroid", "Iron 65 mg", "major", "apart"),
    ("levothyroxine", "Kelp", "minor", "cap"),
    ("methimazole", "Iodine", "major", "ban"),
    ("simvastatin", "Red yeast rice", "contraindicated", "ban"),
    ("atorvastatin", "Grapefruit", "major", "ban"),
    ("lithium carbonate", "Lithium orotate", "contraindicated", "ban"),
    ("lithium", "Dandelion", "major", "caution"),
    ("digoxin", "Licorice root", "major", "ban"),
    ("digoxin", "St. John's wort", "major", "ban"),
    ("Lanoxin", "Foxglove", "contraindicated", "ban"),
    ("digoxin", "Senna", "major", "ban"),
    ("lisinopril", "Potassium chloride", "major", "ban"),
    ("spironolactone", "Potassium citrate", "contraindicated", "ban"),
    ("insulin glargine", "Bitter melon", "major", "ban"),
    ("ciprofloxacin", "Magnesium", "major", "apart"),
    ("doxycycline", "Zinc", "major", "apart"),
    ("alendronate", "Calcium", "major", "apart"),
    ("imatinib", "St. John's wort", "major", "ban"),
    ("irinotecan", "St. John's wort", "contraindicated", "ban"),
    ("tamoxifen", "DHEA", "contraindicated", "ban"),
    ("tamoxifen", "Soy isoflavones", "major", "ban"),
    ("bortezomib", "Green tea extract", "major", "ban"),
    ("cisplatin", "NAC", "major", "ban"),
    ("methotrexate", "White willow bark", "major", "ban"),
    ("alprazolam", "Kava", "major", "ban"),
    ("oxycodone", "Kratom", "major", "ban"),
    ("propofol", "Valerian", "major", "ban"),
    ("nitroglycerin", "L-arginine", "major", "ban"),
    ("sildenafil", "L-citrulline", "major", "ban"),
    ("clozapine", "Guarana", "major", "caution"),
    ("theophylline", "Caffeine", "major", "ban"),
    ("clobazam", "Cannabidiol", "major", "caution"),
    ("valproic acid", "CBD", "major", "ban"),
    ("isotretinoin", "Vitamin A", "contraindicated", "ban"),
    ("clonidine", "Yohimbe", "major", "ban"),
    ("donepezil", "Huperzine A", "major", "ban"),
    ("prednisone", "Echinacea", "moderate", "ban"),
]


@pytest.mark.parametrize(("drug", "supplement", "least", "kind"), SEVERE)
def test_classic_pairs_are_found_and_ranked(drug, supplement, least, kind):
    result = checked(drugs=(drug,), supplements=(supplement,))

    assert result.person.unrecognised == ()
    found = worst(result, drug, supplement)
    assert found is not None
    assert SEVERITIES.index(found.severity) <= SEVERITIES.index(least), found
    assert any(one.kind == kind for one in result.findings if set(one.between) == {drug, supplement})


@pytest.mark.parametrize(
    ("drug", "supplement", "least"),
    [
        ("blood thinners", "Ginkgo", "major"),
        ("SSRIs", "5-HTP", "major"),
        ("MAO inhibitors", "Ephedra", "contraindicated"),
        ("oral contraceptives", "St. John's wort", "major"),
        ("immunosuppressants", "Echinacea", "major"),
        ("HIV protease inhibitors", "St. John's wort", "contraindicated"),
        ("antidepressants", "SAMe", "major"),
        ("anesthesia", "Kava", "major"),
        ("statins", "Red yeast rice", "contraindicated"),
        ("quinolones", "Iron", "major"),
        ("ACE inhibitors", "Potassium", "major"),
    ],
)
def test_a_class_of_drugs_is_checked_by_its_name(drug, supplement, least):
    found = worst(checked(drugs=(drug,), supplements=(supplement,)), drug, supplement)

    assert found is not None
    assert SEVERITIES.index(found.severity) <= SEVERITIES.index(least)


@pytest.mark.parametrize(
    ("supplement", "condition", "least"),
    [
        ("Blue cohosh", "pregnancy", "contraindicated"),
        ("Goldenseal", "breastfeeding", "contraindicated"),
        ("Comfrey", "Pregnant", "contraindicated"),
        ("Ginkgo", "surgery", "major"),
        ("Kava", "Cirrhosis of liver", "contraindicated"),
        ("Licorice", "Hypertension", "major"),
        ("Iron", "Hemochromatosis", "contraindicated"),
        ("Saccharomyces boulardii", "Immunocompromised", "contraindicated"),
        ("Betaine HCl", "Gastric ulcer", "contraindicated"),
        ("Ginkgo", "Epilepsy", "major"),
        ("Black cohosh", "Breast cancer", "moderate"),
        ("St. John's wort", "Bipolar disorder", "major"),
        ("Vitamin E 400 IU", "Prostate cancer", "major"),
        ("Psyllium", "Bowel obstruction", "contraindicated"),
    ],
)
def test_conditions_and_states_are_checked(supplement, condition, least):
    found = worst(checked(supplements=(supplement,), conditions=(condition,)), supplement, condition)

    assert found is not None
    assert SEVERITIES.index(found.severity) <= SEVERITIES.index(least)


def test_two_supplements_are_said_once():
    result = checked(supplements=("5-HTP 100 mg", "St. John's wort"))

    pairs = [one for one in result.findings if len(one.between) == 2]
    assert len({one.fact_key for one in pairs}) == len(pairs)
    assert pairs[0].kind == "ban"


def test_a_test_that_reads_wrong_is_said_and_ranks_higher_when_it_is_about_to_be_made():
    alone = checked(supplements=("Biotin 10 mg",))
    asked = checked(supplements=("Biotin 10 mg",), lab_tests=("High sensitivity troponin",))

    unasked = next(one for one in alone.findings if one.fact_key == "biotin.test.troponin")
    assert (unasked.kind, unasked.between) == ("test", ("Biotin 10 mg",))
    found = worst(asked, "Biotin 10 mg", "High sensitivity troponin")
    assert found is not None
    assert found.kind == "ban"
    assert found == asked.findings[0]


@pytest.mark.parametrize(
    ("drug", "nutrient"),
    [
        ("Metformin 500 MG", "Vitamin B12"),
        ("omeprazole", "Magnesium"),
        ("furosemide", "Potassium"),
        ("hydrochlorothiazide", "Potassium"),
        ("atorvastatin", "Coenzyme Q10"),
        ("methotrexate", "Folate"),
        ("valproic acid", "L-carnitine"),
        ("phenytoin", "Vitamin D"),
        ("isoniazid", "Vitamin B6"),
        ("prednisone", "Calcium"),
        ("Yaz", "Folate"),
    ],
)
def test_what_a_drug_makes_run_low_is_said_and_is_no_reason_against_taking_it(drug, nutrient):
    result = checked(drugs=(drug,))

    found = [one for one in result.findings if one.kind == "depletion" and nutrient in one.text]
    assert found
    assert found[0].between == (drug,)
    assert "may run low" in found[0].text


def test_more_than_an_upper_limit_is_said_and_what_fits_is_not():
    much = checked(supplements=("Vitamin D3 10,000 IU, 1 softgel daily", "Vitamin D 50 mcg, 1 capsule daily"))
    little = checked(supplements=("Vitamin D3 1,000 IU, 1 softgel daily",))
    children = checked(supplements=("Zinc 15 mg, 1 tablet daily",), age_years=5)

    over = next(one for one in much.findings if one.kind == "over_limit")
    assert over.text.startswith("300 mcg a day is taken.")
    assert len(over.between) == 2
    assert not [one for one in little.findings if one.kind == "over_limit"]
    assert [one.fact_key for one in children.findings if one.kind == "over_limit"]


def test_what_is_not_recognised_is_not_checked_and_says_so():
    result = checked(
        drugs=("Zzyzxomab",), supplements=("Moon dust",), conditions=("Xyzzy",), allergies=("Plugh",)
    )

    assert result.findings == ()
    assert [(one.kind, one.text, one.reason) for one in result.person.unrecognised] == [
        ("drug", "Zzyzxomab", "not recognised"),
        ("supplement", "Moon dust", "not recognised"),
        ("condition", "Xyzzy", "not recognised"),
        ("allergy", "Plugh", "not recognised"),
    ]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Tumeric", "curcumin"),
        ("Ashwaganda", "ashwagandha"),
        ("Gingko biloba", "ginkgo"),
        ("Echinacia", "echinacea"),
        ("glucosomine", "glucosamine"),
    ],
)
def test_a_misspelt_supplement_is_brought_back_and_shown(written, key):
    taken = checked(supplements=(written,)).person.supplements[0]

    assert [one.ingredient_key for one in taken.contents] == [key]


def test_a_drug_among_the_supplements_is_checked_as_one():
    found = worst(checked(supplements=("Aspirin 81 mg",), drugs=("Warfarin",)), "Aspirin 81 mg", "Warfarin")

    assert found is None  # drugs are not checked against drugs
    assert [one.drug_keys for one in checked(supplements=("Aspirin 81 mg",)).person.drugs] == [
        ("acetylsalicylic_acid",)
    ]
    herb = worst(checked(drugs=("Ginkgo biloba", "Warfarin")), "Ginkgo biloba", "Warfarin")
    assert herb is not None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([pair[0] for pair in SEVERE]), max_size=4),
    st.lists(st.sampled_from([pair[1] for pair in SEVERE]), max_size=4),
)
def test_findings_come_worst_first_and_the_order_of_the_list_changes_nothing(drugs, supplements):
    assume(drugs or supplements)
    one = checked(drugs=tuple(drugs), supplements=tuple(supplements))
    other = checked(drugs=tuple(reversed(drugs)), supplements=tuple(reversed(supplements)))

    ranks = [SEVERITIES.index(each.severity) for each in one.findings]
    assert ranks == sorted(ranks)
    assert {(each.fact_key, frozenset(each.between)) for each in one.findings} == {
        (each.fact_key, frozenset(each.between)) for each in other.findings
    }
    json.dumps(document_of(KNOWN, one))


def test_nothing_and_too_much_are_refused_by_name():
    with pytest.raises(NothingAsked):
        checked(drugs=("  ",))
    with pytest.raises(TooMuchAsked):
        checked(drugs=("aspirin",) * (MOST_ENTRIES + 1))
    with pytest.raises(TooMuchAsked):
        checked(supplements=("x" * 301,))
    with pytest.raises(UnknownJurisdiction):
        checked(drugs=("aspirin",), jurisdiction="MARS")


def test_the_command_prints_json_and_says_by_its_code_that_something_was_not_checked():
    run = CliRunner().invoke(
        app,
        [
            "--drug", "Warfarin 5 MG", "--supplement", "St. John's wort",
            "--condition", "pregnancy", "--json",
        ],
    )  # fmt: skip
    said = json.loads(run.stdout)

    assert run.exit_code == 0
    assert said["findings"][0]["severity"] in ("contraindicated", "major")
    assert {"Warfarin 5 MG", "St. John's wort"} in [set(one["between"]) for one in said["findings"]]
    assert said["not_checked"] == []
    assert said["release"] == KNOWN.id

    words = CliRunner().invoke(app, ["--drug", "Zzyzxomab"])
    assert words.exit_code == 3
    assert "NOT CHECKED  Zzyzxomab: not recognised" in words.stdout
    assert CliRunner().invoke(app, []).exit_code == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Zinc 0 mg daily", "above zero, not 0"),
        ("Zinc 0 mg", "above zero, not 0"),
        ("Zinc -15 mg daily", "above zero, not -15 mg"),
        ("Zinc 15 spoons daily", "'spoons' is no unit"),
        ("Zinc 15 spoons", "'spoons' is no unit"),
        ("Zinc 500", "500 has no unit"),
        ("Magnesium 400 ml daily", "not measured in 'ml'"),
        ("Magnesium 400 daily", "400 has no unit"),
        ("Zinc 15 IU daily", "not measured in IU"),
        ("Zinc 50 g daily", "is the unit right"),
        ("Vitamin D 5 kg", "is the unit right"),
        ("Sleep blend: valerian, kava 500 mg daily", "of which ingredient"),
        ("Proprietary energy blend 500 mg", "a blend that does not say what is in it"),
    ],
)
def test_an_amount_that_cannot_be_counted_is_said_and_never_guessed(typed, said):
    person = check(release(), Asked(supplements=(typed,)), on=ON).person

    assert [one for one in person.unrecognised if said in one.reason]
    assert all(content.amount_a_day is None for one in person.supplements for content in one.contents)


@pytest.mark.parametrize(
    "typed",
    [
        "Zinc",
        "Vitamin B12",
        "Coenzyme Q10 daily",
        "Omega 3 daily",
        "Magnesium glycinate - 200 mg daily",
        "Magnesium 2 capsules daily",
        "Multivitamin",
        "5-HTP 2 times a day",
        "Vitamin D3 5-10 mcg daily",
    ],
)
def test_an_amount_that_nobody_stated_is_no_fault(typed):
    assert check(release(), Asked(supplements=(typed,)), on=ON).person.unrecognised == ()
