"""What the demo practice takes is known to the knowledge, so that its protocols are checked."""

from __future__ import annotations

import pytest

from willowbark.demo.script.catalogue.findings import ALLERGIES, PROBLEMS, SNOMED
from willowbark.demo.script.catalogue.products import PRODUCTS, RXNORM
from willowbark.knowledge.core.recognising import (
    read_drug,
    recognise_allergy,
    recognise_condition,
    recognise_supplement,
)
from willowbark.knowledge.selectors import release

# Their names do not say how much is in them, and oil by volume is not converted into its mass.
WITHOUT_AMOUNTS = {"B complex, methylated", "Multivitamin with minerals", "Peppermint oil, enteric coated"}


@pytest.mark.parametrize("name", [name for name, one in PRODUCTS.items() if one.kind == "drug"])
def test_every_drug_is_recognised_and_reviewed(name):
    product = PRODUCTS[name]

    taken, unchecked = read_drug(release(), None, product.text, RXNORM, product.code, product.dosage)
    by_text, _ = read_drug(release(), None, product.text)

    assert taken is not None
    assert by_text is not None
    assert taken.drug_keys == by_text.drug_keys
    assert unchecked == ()


@pytest.mark.parametrize("name", [name for name, one in PRODUCTS.items() if one.kind == "supplement"])
def test_every_supplement_is_recognised_with_its_amount(name):
    product = PRODUCTS[name]

    taken = recognise_supplement(release(), product.text, product.dosage)

    assert taken.is_recognised
    if product.text not in WITHOUT_AMOUNTS:
        assert taken.contents[0].amount_a_day is not None, taken


def test_problems_and_allergies_that_rules_ask_for_are_recognised():
    known = release()

    def problem(name: str) -> frozenset[str]:
        return recognise_condition(known, PROBLEMS[name].text, SNOMED, PROBLEMS[name].code)

    assert problem("hashimoto") == {"hypothyroidism", "autoimmune_thyroiditis"}
    assert problem("atrial_fibrillation") == {"atrial_fibrillation", "arrhythmia"}
    assert problem("insulin_resistance") == {"prediabetes"}
    assert problem("gestational_diabetes") == {"diabetes"}
    allergens = [recognise_allergy(known, finding.text, SNOMED, finding.code) for finding, *_ in ALLERGIES]
    assert {"shellfish"} in allergens
    assert {"tree_nut"} in allergens
    assert {"wheat"} in allergens
