from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.knowledge.core.drug_names import RXNORM_SYSTEMS, nearest
from willowbark.knowledge.core.recognising import read_drug, recognise_drug
from willowbark.knowledge.selectors import release

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def keys_of(text: str) -> tuple[str, ...]:
    found = recognise_drug(release(), text)
    return found.drug_keys if found is not None else ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Warfarin Sodium 5 MG Oral Tablet", {"warfarin"}),
        ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", {"metformin"}),
        (
            "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]",
            {"metoprolol"},
        ),
        ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", {"acetaminophen", "oxycodone"}),
        ("Acetaminophen/Hydrocodone", {"acetaminophen", "hydrocodone"}),
        ("Carbamazepine[Tegretol]", {"carbamazepine"}),
        ("Lasix 40mg", {"furosemide"}),
        ("LASIX", {"furosemide"}),
        ("Coumadin 2.5 mg", {"warfarin"}),
        ("Levora 0.15/30 28 Day Pack", {"levonorgestrel", "ethinylestradiol"}),
        ("NuvaRing 0.12/0.015 MG per 24HR 21 Day Vaginal Ring", {"etonogestrel", "ethinylestradiol"}),
        ("Penicillin V Potassium 250 MG Oral Tablet", {"phenoxymethylpenicillin"}),
        ("NITROFURANTOIN, MACROCRYSTALS 50 MG Oral Capsule", {"nitrofurantoin"}),
        ("Potassium Chloride 20 MEQ Extended Release Oral Tablet", {"potassium_chloride"}),
        ("lithium carbonate 300 mg capsule", {"lithium_carbonate"}),
        ("Aspirin 81 MG Oral Tablet", {"acetylsalicylic_acid"}),
        ("frusemide 40 mg", {"furosemide"}),
        ("paracetamol", {"acetaminophen"}),
        ("levothyroxine 75 mcg tablets, once daily", {"levothyroxine"}),
        ("Amoxicillin and clavulanate 875 mg", {"amoxicillin", "clavulanic_acid"}),
        ("SIMVASTATINE 20 mg", {"simvastatin"}),
    ],
)
def test_a_drug_is_known_as_it_is_written(text, expected):
    assert set(keys_of(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected", "name"),
    [
        ("Simvistatin 10 MG Oral Tablet", "simvastatin", "simvastatin"),
        ("Warfrin 5 mg", "warfarin", "warfarin"),
        ("levothyroxin sodum 50 mcg", "levothyroxine", "levothyroxin"),
        ("Hydroclorothiazide 25 MG", "hydrochlorothiazide", "hydrochlorothiazide"),
        ("furosemdie 40 mg tablet", "furosemide", "furosemide"),
    ],
)
def test_a_misspelt_drug_is_brought_back_and_shown(text, expected, name):
    found = recognise_drug(release(), text)

    assert found is not None
    assert found.drug_keys == (expected,)
    if expected not in text:
        assert found.via in ("spelling", "name")
    if found.via == "spelling":
        assert found.matched_text == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hydroxyzine", "hydralazine"),
        ("prednisone", "prednisolone"),
        ("chlorpropamide", "chlorpromazine"),
        ("clonidine", "clonazepam"),
        ("bupropion", "buspirone"),
        ("lamotrigine", "lamivudine"),
        ("glipizide", "glyburide"),
        ("metformin", "metronidazole"),
        ("methotrexate", "metolazone"),
        ("tramadol", "trazodone"),
        ("vinblastine", "vincristine"),
        ("cetirizine", "sertraline"),
        ("acetazolamide", "acetohexamide"),
        ("dobutamine", "dopamine"),
        ("nicardipine", "nifedipine"),
        ("quinine", "quinidine"),
        ("sulfadiazine", "sulfasalazine"),
        ("tolazamide", "tolbutamide"),
        ("ephedrine", "epinephrine"),
        ("fluoxetine", "fluvoxamine"),
        ("fluoxetine", "duloxetine"),
        ("paroxetine", "fluoxetine"),
        ("atorvastatin", "pitavastatin"),
        ("amlodipine", "amiloride"),
        ("losartan", "valsartan"),
        ("oxcarbazepine", "carbamazepine"),
        ("medroxyprogesterone", "methylprednisolone"),
        ("hydrocodone", "oxycodone"),
        ("rifampin", "rifaximin"),
        ("azathioprine", "azithromycin"),
        ("penicillamine", "penicillin"),
        ("digoxin", "digitoxin"),
    ],
)
def test_names_that_look_alike_stay_apart(one, other):
    first, second = keys_of(f"{one} 10 MG Oral Tablet"), keys_of(f"{other} 10 MG Oral Tablet")

    assert first
    assert second
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "Compression stockings",
        "glucose test strips",
        "Insulin pen needles",
        "Physiotherapy twice a week",
        "10 MG Oral Tablet",
        "Zzyzxomab 5 MG",
        "take with plenty of water",
        "blood pressure monitor",
        "1234567",
        "[ ]",
        "/ / /",
        "predniso",
        "the usual tablets",
    ],
)
def test_what_is_no_drug_is_not_taken_for_one(text):
    assert recognise_drug(release(), text) is None


def test_a_code_is_enough():
    found = recognise_drug(release(), "As discussed", RXNORM, "855332")

    assert found is not None
    assert (found.drug_keys, found.via) == (("warfarin",), "code")
    assert recognise_drug(release(), "As discussed", "http://example.org/own", "855332") is None
    for system in RXNORM_SYSTEMS:
        assert recognise_drug(release(), "", system.upper(), " 855332 ") is not None


def test_when_code_and_text_contradict_both_count_and_it_is_said():
    found = recognise_drug(release(), "Captopril 25 MG Oral Tablet", RXNORM, "855332")
    taken, unchecked = read_drug(release(), None, "Captopril 25 MG Oral Tablet", RXNORM, "855332")

    assert found is not None
    assert set(found.drug_keys) == {"warfarin", "captopril"}
    assert "the code says Warfarin, the text Captopril" in found.note
    assert taken is not None
    assert len(unchecked) == 1


def test_a_component_that_is_not_known_is_said():
    taken, unchecked = read_drug(release(), None, "Warfarin 5 MG / Zzyzxomab 2 MG Oral Tablet")

    assert taken is not None
    assert taken.drug_keys == ("warfarin",)
    assert [one.reason for one in unchecked] == ["“zzyzxomab” in it is not recognised"]


def test_a_drug_whose_classes_nobody_reviewed_is_said():
    taken, unchecked = read_drug(release(), None, "Lepirudin 50 MG Injection")

    assert taken is not None
    assert taken.class_keys == ()
    assert [one.reason for one in unchecked] == ["lepirudin has not been reviewed"]


def test_what_is_not_recognised_is_said():
    taken, unchecked = read_drug(release(), None, "Zzyzxomab 5 MG")

    assert taken is None
    assert [(one.kind, one.text) for one in unchecked] == [("drug", "Zzyzxomab 5 MG")]


def test_classes_come_with_a_drug():
    furosemide, yaz = recognise_drug(release(), "Lasix 40mg"), recognise_drug(release(), "Yaz 28 Day Pack")

    assert furosemide is not None
    assert yaz is not None
    assert "loop_diuretic" in furosemide.class_keys
    assert "hormonal_contraceptive" in yaz.class_keys


def test_every_name_given_by_hand_leads_to_the_classes_of_its_drug():
    known = release()
    for drug in known.drug_book.drugs.values():
        found = recognise_drug(known, drug.name)
        assert found is not None, drug.name
        assert found.via == "name", drug.name
        assert set(found.class_keys) == set(drug.classes), drug.name


def test_every_reviewed_brand_leads_to_its_drugs():
    brands = release().drug_book.names.brands
    for brand in ("lasix", "synthroid", "zoloft", "xarelto", "camila", "augmentin", "sinemet"):
        assert set(keys_of(f"{brand.title()} 10 mg tablet")) == set(brands[brand])


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_answered_and_only_with_known_drugs(text):
    found = recognise_drug(release(), text)

    if found is not None:
        assert found.drug_keys
        assert set(found.class_keys) <= set(release().drug_book.classes)
        assert found.via in ("name", "spelling")


REVIEWED = sorted(
    name
    for name, key in release().drug_book.names.generic.items()
    if key in release().drug_book.drugs and name.isascii() and name.isalpha() and len(name) >= 7
)


@given(data=st.data(), name=st.sampled_from(REVIEWED), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
@settings(max_examples=40, deadline=None)
def test_one_slip_leads_to_the_drug_or_to_nothing_else_that_is_nearer(data, name, letter):
    at = data.draw(st.integers(1, len(name) - 1))
    slipped = data.draw(
        st.sampled_from(
            [name[:at] + letter + name[at:], name[:at] + name[at + 1 :], name[:at] + letter + name[at + 1 :]]
        )
    )
    known = release().drug_book.names
    if slipped in known.generic or slipped in known.brands:
        return

    found = nearest(known, slipped)

    assert found is None or known.generic[found] == known.generic[name]
