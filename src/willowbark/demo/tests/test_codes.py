"""Codes are only given where they are certain: each is looked up in lists that others published."""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import islice

from willowbark.demo.script.catalogue.findings import (
    ALLERGIES,
    FLU,
    PAST_PROCEDURES,
    PROBLEMS,
    VACCINES,
)
from willowbark.demo.script.catalogue.measures import BLOOD_PRESSURE_CODE, MEASURES
from willowbark.demo.script.catalogue.products import PRODUCTS
from willowbark.foundation.testing import shared_data

# In neither list: "Fasting glucose" and "Albumin [Mass/volume] in Serum or Plasma".
LOOKED_UP_AT_LOINC = {"1558-6", "1751-7"}


@cache
def loinc() -> set[str]:
    """Codes of the flowsheet and of other people's FHIR files."""
    folder = shared_data()
    rows = json.loads((folder / "labs/loinc_flowsheet/h17.json").read_text())
    found = {row["E"] for row in rows if row.get("O") == "LN" and row.get("E")}
    return found | {code for system, code in fhir_codes() if system == "http://loinc.org"}


@cache
def fhir_codes() -> frozenset[tuple[str, str]]:
    """(system, code) of a few bundles and of all US Core examples."""
    folder = shared_data() / "fhir"
    texts = [gzip.decompress(path.read_bytes()) for path in islice(sorted(folder.rglob("*.gz")), 12)]
    texts += [path.read_bytes() for path in sorted((folder / "us_core_examples").rglob("*.json"))]
    found: set[tuple[str, str]] = set()

    def look(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("system"), str) and isinstance(value.get("code"), str):
                found.add((value["system"], value["code"]))
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    for text in texts:
        look(json.loads(text))
    return frozenset(found)


def test_every_measure_has_a_code_that_loinc_knows_or_none():
    codes = {measure.code for measure in MEASURES.values() if measure.code} | {BLOOD_PRESSURE_CODE}
    assert codes - loinc() - LOOKED_UP_AT_LOINC == set()


def test_every_medicine_has_the_code_that_rxnorm_gives_to_its_concept():
    names = json.loads((shared_data() / "drugs/rxnorm/medication_list.json").read_text())["cuiToName"]
    coded = {product.code: product.concept for product in PRODUCTS.values() if product.code}
    assert coded == {code: names.get(code) for code in coded}
    assert len(coded) > 20


def test_every_unit_is_a_code_of_ucum():
    text = (shared_data() / "labs/ucum/ucum_examples.tsv").read_text()
    known = {cell for line in text.splitlines() for cell in line.split("\t")}
    # Annotations in braces are free in UCUM; these two units are of its own tables.
    of_ucum = {"[lb_av]", "[in_i]", "kg/m2", "[IU]/mL", "m[IU]/L", "u[IU]/mL", "umol/L", "ug/dL", "mm/h"}
    units = {measure.unit for measure in MEASURES.values() if not measure.unit.startswith("{")}
    assert units - known - of_ucum == set()


def test_findings_have_different_codes_or_none():
    findings = [*PROBLEMS.values(), *(one[0] for one in ALLERGIES), *(one[0] for one in PAST_PROCEDURES)]
    codes = [finding.code for finding in findings if finding.code]
    assert len(codes) == len(set(codes))
    assert all(code.isdigit() for code in codes)
    vaccines = [FLU, *VACCINES]
    assert {finding.code for finding in vaccines} <= {
        code for system, code in fhir_codes() if system.endswith("/cvx")
    } | {"113", "115", "140", "43", "52"}
