from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.knowledge.core.recognising import recognise_allergy, recognise_condition
from willowbark.knowledge.selectors import release

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


@pytest.mark.parametrize(
    ("text", "system", "code", "expected"),
    [
        ("Normal pregnancy", SNOMED, "72892002", {"pregnancy"}),
        ("x", SNOMED, "72892002", {"pregnancy"}),
        ("Atrial Fibrillation", SNOMED, "49436004", {"arrhythmia", "atrial_fibrillation"}),
        ("Chronic kidney disease stage 1 (disorder)", SNOMED, "431855005", {"ckd"}),
        ("End stage renal disease", "", "", {"ckd", "ckd_severe"}),
        ("CKD stage IV", "", "", {"ckd", "ckd_severe"}),
        ("Stage 5 chronic kidney disease", "", "", {"ckd", "ckd_severe"}),
        ("ESRD", "", "", {"ckd", "ckd_severe"}),
        ("Stage 3 chronic kidney disease", "", "", {"ckd"}),
        ("x", ICD10, "N18.4", {"ckd", "ckd_severe"}),
        ("x", ICD10, "N184", {"ckd", "ckd_severe"}),
        ("x", ICD10, "N18.2", {"ckd"}),
        ("Hashimoto's thyroiditis", SNOMED, "21983002", {"hypothyroidism", "autoimmune_thyroiditis"}),
        ("Insulin resistance", "", "", {"prediabetes"}),
        ("Prediabetes", SNOMED, "15777000", {"prediabetes"}),
        ("Diabetes", SNOMED, "44054006", {"diabetes", "diabetes_type_2"}),
        ("Gestational diabetes", SNOMED, "11687002", {"diabetes"}),
        ("Polycystic ovary syndrome", SNOMED, "237055002", {"pcos"}),
        ("Insomnia", SNOMED, "193462001", {"insomnia"}),
        ("Seizure disorder", SNOMED, "128613002", {"epilepsy"}),
        ("Smokes tobacco daily", SNOMED, "449868002", {"smoking"}),
        (
            "Carcinoma in situ of prostate (disorder)",
            SNOMED,
            "92691004",
            {"hormone_sensitive_cancer", "prostate_cancer"},
        ),
        ("Alcoholism", SNOMED, "7200002", {"alcohol_use_disorder"}),
        ("Gout", SNOMED, "90560007", {"gout"}),
        ("Viral sinusitis (disorder)", SNOMED, "444814009", set()),
        ("Tubal pregnancy", SNOMED, "79586000", set()),
        ("Family history of breast cancer", "", "", set()),
        ("No history of epilepsy", "", "", set()),
        ("Suspected hyperthyroidism", "", "", set()),
        ("Never smoker", "", "", set()),
        ("White coat hypertension", "", "", set()),
        ("Diabetes insipidus", "", "", set()),
        ("", "", "", set()),
    ],
)
def test_a_condition_is_known_by_code_or_by_words(text, system, code, expected):
    assert recognise_condition(release(), text, system, code) == expected


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Shellfish allergy", "300913006", {"shellfish"}),
        ("Almonds and walnuts", "", {"tree_nut"}),
        ("Seafood", "", {"fish", "shellfish"}),
        ("Anchovies", "", {"fish"}),
        ("Krill", "", {"shellfish"}),
        ("Lactose intolerance", "", {"milk"}),
        ("Coeliac disease", "", {"wheat"}),
        ("Alpha-gal syndrome", "", {"gelatin", "milk", "pork"}),
        ("Allergy to fish", "417532002", {"fish"}),
        ("Latex allergy", "300916003", {"latex"}),
        ("Allergy to nut", "91934008", {"tree_nut"}),
        ("Allergy to peanuts", "91935009", {"peanut"}),
        ("Allergy to dairy product", "425525006", {"milk"}),
        ("Allergy to eggs", "91930004", {"egg"}),
        ("Allergy to soya", "714035009", {"soy"}),
        ("Allergy to wheat", "420174000", {"wheat"}),
        ("Gluten sensitivity", "", {"wheat"}),
        ("Allergy to mould", "419474003", set()),
        ("Allergy to tree pollen", "419263009", set()),
        ("Allergy to bee venom", "424213003", set()),
        ("Allergy to penicillin", "91936005", set()),
        ("Milk thistle", "", set()),
        ("No known allergy", "716186003", set()),
        ("No known fish allergy", "", set()),
    ],
)
def test_an_allergy_is_known_by_code_or_by_words(text, code, expected):
    assert recognise_allergy(release(), text, SNOMED if code else "", code) == expected


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_text_is_answered(text, system, code):
    known = {one.key for one in release().conditions}

    assert recognise_condition(release(), text, system, code) <= known
