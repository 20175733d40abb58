from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from willowbark.knowledge.core.checking import problems, repeated_keys
from willowbark.knowledge.core.facts import fact
from willowbark.knowledge.core.reading import JSON_FILES, release_of, schema, shipped
from willowbark.knowledge.core.release import UnknownFact
from willowbark.knowledge.core.reporting import counts
from willowbark.knowledge.selectors import release

# What products and protocols are written with.
AGREED = """
    vitamin_a vitamin_d vitamin_e vitamin_k1 vitamin_k2 vitamin_c thiamin riboflavin niacin
    vitamin_b6 folate vitamin_b12 pantothenic_acid biotin choline inositol calcium magnesium zinc
    copper selenium iodine iron chromium manganese molybdenum potassium boron epa dha coq10
    alpha_lipoic_acid n_acetylcysteine l_carnitine taurine glycine l_theanine l_glutamine l_tyrosine
    5_htp melatonin berberine curcumin ashwagandha rhodiola st_johns_wort ginkgo ginseng garlic
    milk_thistle valerian saffron black_cohosh vitex green_tea_extract resveratrol quercetin
    psyllium lactobacillus bifidobacterium saccharomyces_boulardii red_yeast_rice myo_inositol
    creatine dhea same_e
"""


@pytest.mark.parametrize("name", JSON_FILES)
def test_every_file_is_as_its_schema_asks(name):
    asked = schema(name)
    Draft202012Validator.check_schema(asked)

    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(asked).iter_errors(json.loads(shipped()[name]))
    ]

    assert errors == []


def test_the_release_is_whole():
    assert repeated_keys(shipped()) == ()
    assert problems(release()) == ()


def test_every_fact_has_a_source_a_grade_and_a_review():
    for one in release().facts.values():
        assert one.source_keys, one.key
        assert one.grade in "ABCD"
        assert one.reviewed_on >= date(2026, 1, 1)


def test_every_record_that_is_cited_was_read_and_says_the_title_that_is_stored():
    """The titles were taken down where the records were read, apart from the sources."""
    records = json.loads(Path(__file__).with_name("records_read.json").read_text("utf-8"))
    read = {(one["kind"], one["locator"]): one["title"] for one in records}
    cited = [one for one in release().sources.values() if one.kind != "document"]

    assert {(one.kind, one.locator): one.title for one in cited} == read
    assert all(one.verified and one.seen_on for one in cited)


def test_nothing_is_graded_a_that_was_not_seen():
    known = release()

    assert [one.key for one in known.facts.values() if one.grade == "A" and not known.is_verified(one)] == []


def test_there_is_enough_to_work_with():
    known = release()
    agreed = AGREED.split()

    assert set(agreed) <= set(known.ingredients)
    assert len(known.ingredients) >= 425
    assert len(known.interactions) >= 1890
    for name in ("warfarin", "digoxin", "simvastatin", "levothyroxine", "furosemide", "sertraline"):
        drug = known.drug_book.drugs[name]
        asked = {drug.key, *drug.classes}
        assert any(one.other_key in asked for one in known.interactions), name


def test_the_id_goes_by_the_meaning_not_by_the_spaces():
    contents = shipped()
    spaced = {**contents, "sources.json": json.dumps(json.loads(contents["sources.json"]), indent=7).encode()}
    changed = {
        **contents,
        "sources.json": contents["sources.json"].replace(b"National Academies", b"Academies", 1),
    }

    assert release_of(spaced).id == release().id
    assert release_of(changed).id != release().id


def test_a_release_is_read_without_the_names_of_drugs():
    assert "names" not in vars(release_of(shipped()).drug_book)


def test_a_fact_comes_with_its_sources():
    backed = fact(release(), "vitamin_k.anticoagulant_vka")

    assert [source.kind for source in backed.sources] == ["pubmed"]
    assert backed.is_verified
    with pytest.raises(UnknownFact):
        fact(release(), "no.such.fact")


def test_the_counts_add_up():
    known = release()
    rows = counts(known, date(2026, 12, 2))

    assert sum(row.facts for row in rows) == len(known.facts)
    assert all(sum(number for _, number in row.by_grade) == row.facts for row in rows)
    assert all(row.oldest_review_days == 10 for row in rows)


def test_what_is_wrong_is_said():
    known = release()
    iron, *_ = [one for one in known.interactions if one.key == "calcium.with.iron"]
    wrong = dataclasses.replace(
        known,
        interactions=(
            dataclasses.replace(iron, key="one", source_keys=("nowhere",)),
            dataclasses.replace(iron, key="two", grade="A"),
            dataclasses.replace(iron, key="three", other_key="plutonium"),
            dataclasses.replace(iron, key="four", subject="phlogiston"),
            dataclasses.replace(iron, key="five", most=known.ingredients["calcium"].largest * 2, unit="mg"),
            dataclasses.replace(iron, key="five"),
        ),
    )

    said = "\n".join(problems(wrong))

    assert "one: its source nowhere is not in sources.json" in said
    assert "two: graded A on a source that was not seen" in said
    assert "three: plutonium is no ingredient of this release" in said
    assert "four: phlogiston is neither an ingredient nor a group" in said
    assert "five: its limit does not fit calcium" in said
    assert "five: 2 facts have this key" in said
