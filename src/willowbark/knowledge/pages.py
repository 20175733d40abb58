"""What the pages of the knowledge are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from willowbark.foundation.explaining import reference, why_url
from willowbark.foundation.presentation.choices import Choice
from willowbark.knowledge.core import wording
from willowbark.knowledge.core.asked import Asked
from willowbark.knowledge.core.checker import Checked, Finding
from willowbark.knowledge.core.person import Person, Unrecognised
from willowbark.knowledge.core.release import SEVERITIES, Fact, Ingredient, Interaction, Release

TONES = {"contraindicated": "bad", "major": "bad", "moderate": "warn", "minor": "info"}
KIND_WORDS = {
    "ban": "Do not take together",
    "over_limit": "Above an upper limit",
    "cap": "At most",
    "apart": "Keep apart",
    "caution": "Take care",
    "test": "Test reads wrong",
    "depletion": "May run low",
}
OTHER_WORDS = {
    "drug": "Drugs",
    "drug_class": "Drugs",
    "condition": "Conditions",
    "state": "Pregnancy, breastfeeding, surgery",
    "allergy": "Allergies",
    "ingredient": "Other ingredients",
    "lab_test": "Laboratory tests",
}
EXAMPLE_DRUGS = "Warfarin 5 MG\nSynthroid 75 mcg"
EXAMPLE_SUPPLEMENTS = "St. John's wort\nVitamin D3 2,000 IU, 1 softgel daily"


@dataclass(frozen=True, slots=True)
class IngredientRow:
    """One ingredient in the list."""

    key: str
    name: str
    kind: str
    also: str
    facts: int


@dataclass(frozen=True, slots=True)
class IngredientList:
    """The ingredients that were asked for."""

    query: str
    rows: tuple[IngredientRow, ...]
    release_id: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact: what it says, how sure it is, and where it is explained."""

    text: str
    severity: str
    tone: str
    grade: str
    is_verified: bool
    reviewed_on: date
    sources: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts of one kind, the worst first."""

    title: str
    rows: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class IngredientPage:
    """What is known of one ingredient."""

    ingredient: Ingredient
    measured_text: str
    forms: tuple[str, ...]
    limits: tuple[FactRow, ...]
    groups: tuple[FactGroup, ...]
    own_url: str
    release_id: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of the checker."""

    finding: Finding
    tone: str
    kind_text: str
    url: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One entry and what it was read as."""

    text: str
    read_as: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The form of the checker, and what was found: None before anything was asked."""

    asked: Asked
    jurisdictions: tuple[Choice, ...]
    findings: tuple[FindingRow, ...] | None = None
    read: tuple[ReadRow, ...] = ()
    unread: tuple[Unrecognised, ...] = ()
    release_id: str = ""


def ingredient_list(known: Release, query: str, found: Sequence[Ingredient]) -> IngredientList:
    """The list of ingredients."""
    rows = tuple(
        IngredientRow(
            one.key,
            one.name,
            one.kind,
            ", ".join(one.synonyms[:4]),
            len(known.interactions_of(one.key)) + len(known.limits_of(one.key)),
        )
        for one in found
    )
    return IngredientList(query, rows, known.id[:16])


def ingredient_page(known: Release, one: Ingredient) -> IngredientPage:
    """Everything that is known of an ingredient, the worst first."""
    by_title: dict[str, list[Interaction]] = {title: [] for title in OTHER_WORDS.values()}
    depletions: list[Interaction] = []
    for interaction in known.interactions_of(one.key):
        if interaction.management == "replenish":
            depletions.append(interaction)
        else:
            by_title[OTHER_WORDS[interaction.other_kind]].append(interaction)
    groups = [(title, found) for title, found in by_title.items() if found]
    if depletions:
        groups.append(("Drugs that make it run low", depletions))
    return IngredientPage(
        ingredient=one,
        measured_text=wording.measured(one),
        forms=tuple(wording.form_text(one, form) for form in one.forms),
        limits=tuple(
            _row(known, limit, wording.limit_text(one, limit, age_is_known=True), "")
            for limit in known.limits_of(one.key)
        ),
        groups=tuple(FactGroup(title, _rows(known, one, found)) for title, found in groups),
        own_url=why_url(reference("fact", one.key)),
        release_id=known.id[:16],
    )


def _rows(known: Release, about: Ingredient, found: Sequence[Interaction]) -> tuple[FactRow, ...]:
    ranked = sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.grade, one.key))
    return tuple(_row(known, one, wording.text_of(known, about, one), one.severity) for one in ranked)


def _row(known: Release, fact: Fact, text: str, severity: str) -> FactRow:
    return FactRow(
        text=text,
        severity=severity,
        tone=TONES.get(severity, ""),
        grade=fact.grade,
        is_verified=known.is_verified(fact),
        reviewed_on=fact.reviewed_on,
        sources=tuple(wording.source_text(known.sources[key]) for key in fact.source_keys),
        url=why_url(reference("fact", fact.key)),
    )


def check_page(asked: Asked, result: tuple[Release, Checked] | None = None) -> CheckPage:
    """The checker with what was asked, and its answer."""
    places = tuple(
        Choice(key, name, key == asked.jurisdiction)
        for key, name in sorted(wording.PLACES.items(), reverse=True)
    )
    if result is None:
        return CheckPage(asked, places)
    known, checked = result
    rows = tuple(
        FindingRow(
            one, TONES.get(one.severity, ""), KIND_WORDS[one.kind], why_url(reference("fact", one.fact_key))
        )
        for one in checked.findings
    )
    person = checked.person
    return CheckPage(asked, places, rows, tuple(_read(known, person)), person.unrecognised, known.id[:16])


def _read(known: Release, person: Person) -> Sequence[ReadRow]:
    names = {one.key: one.name for one in known.conditions}
    allergens = {one.key: one.name for one in known.allergens}
    tests = {one.key: one.name for one in known.lab_tests}
    supplements = [
        ReadRow(
            one.text,
            wording.listed([known.ingredient(each.ingredient_key).name for each in one.contents]),
        )
        for one in person.supplements
    ]
    found = [
        ReadRow(one.text, wording.listed([said[key] for key in sorted(one.keys) if key in said]))
        for known_things, said in (
            (person.conditions, names),
            (person.allergies, allergens),
            (person.lab_tests, tests),
        )
        for one in known_things
    ]
    return [*(ReadRow(one.text, one.matched_text) for one in person.drugs), *supplements, *found]
