"""What holds for real input made by others; skipped where its folder is not."""

from __future__ import annotations

import gzip
import html
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from willowbark.foundation.testing import shared_data
from willowbark.knowledge.core.person import Known, Person, TakenDrug
from willowbark.knowledge.core.reading import shipped
from willowbark.knowledge.core.recognising import (
    read_drug,
    recognise_allergy,
    recognise_condition,
    recognise_drug,
)
from willowbark.knowledge.core.rules import rules_for
from willowbark.knowledge.selectors import release

TOOLS = Path(__file__).resolve().parents[4] / "tools"
LEAST_SHARE = 0.98


@pytest.fixture(scope="module")
def bundles() -> list[list[dict[str, Any]]]:
    folder = shared_data() / "fhir" / "synthea_r4"
    found = []
    for path in sorted(folder.iterdir()):
        with gzip.open(path) as file:
            found.append([entry["resource"] for entry in json.load(file)["entry"]])
    return found


def medicines(resources: list[dict[str, Any]]) -> list[tuple[str, str, str, bool]]:
    """Text, code system, code, and whether it is active, of every prescription."""
    found = []
    for one in resources:
        if one["resourceType"] == "MedicationRequest" and "medicationCodeableConcept" in one:
            concept = one["medicationCodeableConcept"]
            coding = concept["coding"][0]
            text = concept.get("text") or coding["display"]
            found.append((text, coding["system"], coding["code"], one["status"] == "active"))
    return found


def test_distinct_active_drugs_resolve_by_their_text_alone(bundles):
    texts = {text for resources in bundles for text, _, _, active in medicines(resources) if active}
    missed = sorted(text for text in texts if recognise_drug(release(), text) is None)

    share = 1 - len(missed) / len(texts)
    print(f"{len(texts)} distinct active drugs, {share:.1%} resolve; not: {missed}")
    assert len(bundles) == 170
    assert share >= LEAST_SHARE, missed


def test_code_and_text_agree_but_where_the_code_is_known_to_be_wrong(bundles):
    contradicting = set()
    for resources in bundles:
        for text, system, code, _ in medicines(resources):
            found = recognise_drug(release(), text, system, code)
            assert found is not None, text
            if found.note:
                contradicting.add(text)

    assert contradicting == {"Captopril 25 MG Oral Tablet"}


def test_every_patient_is_checked_without_an_error(bundles):
    """Every rule for every ingredient, for every patient."""
    entry = UUID(int=1)
    known = release()
    most = 0
    for resources in bundles:
        drugs: list[TakenDrug] = []
        for text, system, code, active in medicines(resources):
            if active:
                taken, unchecked = read_drug(known, entry, text, system, code)
                assert taken is not None
                assert unchecked == (), text
                drugs.append(taken)
        conditions: list[Known] = []
        allergies: list[Known] = []
        for one in resources:
            if one["resourceType"] in ("Condition", "AllergyIntolerance"):
                coding = one["code"]["coding"][0]
                recognise = recognise_condition if one["resourceType"] == "Condition" else recognise_allergy
                keys = recognise(known, coding["display"], coding["system"], coding["code"])
                (conditions if one["resourceType"] == "Condition" else allergies).append(
                    Known(entry, coding["display"], keys)
                )
        somebody = Person(
            50, "unknown", "US", frozenset(), tuple(drugs), (), tuple(conditions), tuple(allergies)
        )
        most = max(most, len(rules_for(known, somebody, known.ingredients)))
    assert most > 0


def test_every_record_that_is_cited_says_the_title_that_is_stored():
    cited = {one.locator: one.title for one in release().sources.values() if one.kind == "pubmed"}
    folder = shared_data() / "literature" / "pubmed"
    titles: dict[str, str] = {}
    for path in sorted(folder.glob("*.xml.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            number = ""
            for line in file:
                if "<PMID" in line and not number:
                    number = line.split(">")[1].split("<")[0]
                elif "<ArticleTitle>" in line:
                    titles[number] = line.split("<ArticleTitle>")[1].split("</ArticleTitle>")[0]
                elif "</PubmedArticle>" in line:
                    number = ""

    assert cited
    for number, title in cited.items():
        assert html.unescape(titles[number]) == title


@pytest.mark.parametrize(
    ("tool", "source", "name"),
    [
        ("derive_drugs", "drugs", "drugs.json.gz"),
        ("derive_limits", "nutrition/dri/ulMicro.csv", "limits_us.json"),
    ],
)
def test_the_derived_files_are_what_the_tools_derive(tool, source, name, tmp_path, monkeypatch):
    if not TOOLS.is_dir():
        pytest.skip("the tools are in a checkout only")
    folder = shared_data() / source
    spec = importlib.util.spec_from_file_location(f"tools_{tool}", TOOLS / f"{tool}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(module)
    reviewed = (module.TARGET.parent / "drug_classes.json").read_bytes()
    (tmp_path / "drug_classes.json").write_bytes(reviewed)
    monkeypatch.setattr(module, "TARGET", tmp_path / name)

    module.main(folder)

    derived = (tmp_path / name).read_bytes()
    if name.endswith(".gz"):
        assert json.loads(gzip.decompress(derived)) == json.loads(gzip.decompress(shipped()[name]))
    else:
        assert derived == shipped()[name]
