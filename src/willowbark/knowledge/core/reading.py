"""From the files of `knowledge/data/` to a release."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from willowbark.knowledge.core.drug_files import book_of
from willowbark.knowledge.core.release import (
    Allergen,
    Bound,
    Condition,
    Form,
    Ingredient,
    Interaction,
    LabFinding,
    LabTest,
    Limit,
    Release,
    Source,
)

JSON_FILES = (
    "allergens.json",
    "conditions.json",
    "drug_classes.json",
    "ingredients.json",
    "interactions.json",
    "lab_findings.json",
    "lab_tests.json",
    "limits_eu.json",
    "limits_together.json",
    "limits_us.json",
    "sources.json",
)
DRUG_NAMES = "drugs.json.gz"


def shipped() -> dict[str, bytes]:
    """The bytes of every file of a release, as this version of the platform ships them."""
    folder = files("willowbark.knowledge").joinpath("data")
    return {name: folder.joinpath(name).read_bytes() for name in (*JSON_FILES, DRUG_NAMES)}


def schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema of a data file: the three files of limits share that of `limits`."""
    stem = name.removesuffix(".json")
    stem = "limits" if stem.startswith("limits") else stem
    text = files("willowbark.knowledge").joinpath(f"data/schema/{stem}.schema.json").read_text("utf-8")
    content: Mapping[str, Any] = json.loads(text)
    return content


def release_of(contents: Mapping[str, bytes]) -> Release:
    """
    The release that these files are.

    Its id is the SHA-256 over the meaning of the files: spaces and line ends do not change it.

    Raises:
        ValueError, KeyError: a file is not as its schema asks (`willow knowledge check` says where).
    """
    read = {name: json.loads(contents[name]) for name in JSON_FILES}
    limits = [one for name in JSON_FILES if name.startswith("limits") for one in read[name]["limits"]]
    ingredients = read["ingredients.json"]
    return Release(
        id=_id_of(read, contents[DRUG_NAMES]),
        sources={one["key"]: _source(one) for one in read["sources.json"]["sources"]},
        ingredients={one["key"]: _ingredient(one) for one in ingredients["ingredients"]},
        limits=tuple(_limit(one) for one in limits),
        interactions=tuple(_interaction(one) for one in read["interactions.json"]["interactions"]),
        conditions=tuple(_condition(one) for one in read["conditions.json"]["conditions"]),
        allergens=tuple(_allergen(one) for one in read["allergens.json"]["allergens"]),
        lab_tests=tuple(_lab_test(one) for one in read["lab_tests.json"]["lab_tests"]),
        lab_findings=tuple(_lab_finding(one) for one in read["lab_findings.json"]["findings"]),
        groups=dict(ingredients["groups"]),
        blends={name: tuple(keys) for name, keys in ingredients["blends"].items()},
        drug_book=book_of(contents[DRUG_NAMES], read["drug_classes.json"]),
    )


def _id_of(read: Mapping[str, Any], drug_names: bytes) -> str:
    whole = hashlib.sha256()
    for name in JSON_FILES:
        canonical = json.dumps(read[name], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        whole.update(f"{name}\0{canonical}\0".encode())
    whole.update(DRUG_NAMES.encode() + b"\0" + hashlib.sha256(drug_names).digest())
    return whole.hexdigest()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _fact(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "source_keys": tuple(row["sources"]),
        "grade": row["grade"],
        "reviewed_on": date.fromisoformat(row["reviewed_on"]),
    }


def _source(row: Mapping[str, Any]) -> Source:
    return Source(
        key=row["key"],
        kind=row["kind"],
        title=row["title"],
        publisher=row["publisher"],
        year=row["year"],
        locator=row["locator"],
        verified=row["verified"],
        seen_on=_day(row["seen_on"]),
    )


def _form(row: Mapping[str, Any]) -> Form:
    return Form(
        key=row["key"],
        name=row["name"],
        synonyms=tuple(row["synonyms"]),
        per_amount=Decimal(row["per_amount"]),
        iu_amount=_number(row["iu_amount"]),
        compound_amount=_number(row["compound_amount"]),
        formula=row.get("formula", ""),
        active=row.get("active", ""),
    )


def _ingredient(row: Mapping[str, Any]) -> Ingredient:
    return Ingredient(
        **_fact(row),
        name=row["name"],
        kind=row["kind"],
        synonyms=tuple(row["synonyms"]),
        groups=tuple(row["groups"]),
        unit=row["unit"],
        measured_as=row["measured_as"],
        largest=Decimal(row["largest"]),
        forms=tuple(_form(one) for one in row["forms"]),
    )


def _limit(row: Mapping[str, Any]) -> Limit:
    return Limit(
        **_fact(row),
        ingredient_key=row["ingredient"],
        jurisdiction=row["jurisdiction"],
        most=Decimal(row["most"]),
        unit=row["unit"],
        counts=row["counts"],
        form_keys=tuple(row["forms"]),
        from_age_years=Decimal(row["from_age_years"]),
        to_age_years=_number(row["to_age_years"]),
        states=frozenset(row["states"]),
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
        note=row["note"],
        together=tuple((one["ingredient"], tuple(one["forms"])) for one in row.get("together", ())),
        name=row.get("name", ""),
    )


def _interaction(row: Mapping[str, Any]) -> Interaction:
    return Interaction(
        **_fact(row),
        subject=row["subject"],
        other_kind=row["other_kind"],
        other_key=row["other"],
        severity=row["severity"],
        management=row["management"],
        separate_minutes=row["separate_minutes"],
        most=_number(row["most"]),
        unit=row["unit"],
        monitor_text=row["monitor"],
        monitor_after_days=row["monitor_after_days"],
        effect_text=row["effect"],
        mechanism_text=row["mechanism"],
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        key=row["key"],
        name=row["name"],
        snomed=frozenset(row["snomed"]),
        icd10=tuple(row["icd10"]),
        phrases=tuple(row["phrases"]),
        not_phrases=tuple(row["not_phrases"]),
    )


def _allergen(row: Mapping[str, Any]) -> Allergen:
    return Allergen(
        key=row["key"],
        name=row["name"],
        snomed=frozenset(row["snomed"]),
        phrases=tuple(row["phrases"]),
        not_phrases=tuple(row["not_phrases"]),
    )


def _lab_test(row: Mapping[str, Any]) -> LabTest:
    return LabTest(row["key"], row["name"], frozenset(row["loinc"]), tuple(row["phrases"]))


def _lab_finding(row: Mapping[str, Any]) -> LabFinding:
    return LabFinding(
        **_fact(row),
        name=row["name"],
        condition_key=row["condition"],
        loinc=frozenset(row["loinc"]),
        bounds=tuple(
            Bound(one["unit"], _number(one["at_least"]), _number(one["below"])) for one in row["bounds"]
        ),
        is_positive=row["positive"],
        counts_days=row["counts_days"],
        note=row["note"],
    )
