"""
What the field knows, as values: ingredients and their forms, upper limits, interactions, and their sources.

A release is one state of `knowledge/data/`, in memory and immutable. Amounts are exact; each ingredient has
one unit in which all of its amounts are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from willowbark.kernel.errors import NotFound
from willowbark.knowledge.core.drug_book import DrugBook

GRADES = ("A", "B", "C", "D")
UNITS = ("g", "mg", "ug", "million_cfu", "unit")
SEVERITIES = ("contraindicated", "major", "moderate", "minor")
MANAGEMENTS = ("avoid", "separate", "limit", "monitor", "replenish")
JURISDICTIONS = ("US", "EU")
# Life stages that a limit or an interaction may be about.
STATES = ("pregnancy", "lactation", "surgery_planned")
SOURCE_KINDS = ("pubmed", "doi", "document")
OTHER_KINDS = ("drug", "drug_class", "ingredient", "condition", "allergy", "state", "lab_test")


# An ingredient and those of its forms that count; () for all of them.
Part = tuple[str, tuple[str, ...]]


class UnknownFact(NotFound):
    """No fact of this release has that key."""

    code = "unknown_fact"


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where a fact is written: a PubMed record, a DOI, or an official document.

    `locator` is a PMID, a DOI, or the document's address. `verified` says that the record itself was seen (on
    `seen_on`) and that what it says supports the facts that cite it; a document cited from knowledge is not.
    `year` is None for pages that are kept up to date.
    """

    key: str
    kind: str
    title: str
    publisher: str
    year: int | None
    locator: str
    verified: bool
    seen_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact carries. `grade` is 'A' (strong evidence) to 'D' (theory or tradition)."""

    key: str
    source_keys: tuple[str, ...]
    grade: str
    reviewed_on: date


@dataclass(frozen=True, slots=True)
class Form:
    """
    A form of an ingredient.

    `per_amount`: amount of the ingredient, in its unit, per one unit as labelled (labels state the elemental
    or active amount, so 1 but for folate). `iu_amount`: amount of the ingredient per IU, None where no IU is
    defined. `compound_amount`: amount of the ingredient per one unit of mass of the whole compound, for
    labels that state the salt ("ferrous sulfate 325 mg"); None where not needed. Where `formula` is given, it
    is the share of `active` in that, to four decimals.
    """

    key: str
    name: str
    synonyms: tuple[str, ...]
    per_amount: Decimal
    iu_amount: Decimal | None = None
    compound_amount: Decimal | None = None
    formula: str = ""
    active: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient(Fact):
    """
    Something that a supplement contains.

    `unit` is that of all its amounts (`measured_as` says of what: "elemental magnesium", "ug DFE").
    `largest` is the most that one unit of a product, or one day, can plausibly hold: more is a slip of the
    unit. `groups` are what interactions may be about besides the ingredient itself.
    """

    name: str
    kind: str
    synonyms: tuple[str, ...]
    groups: tuple[str, ...]
    unit: str
    measured_as: str
    largest: Decimal
    forms: tuple[Form, ...]

    def form(self, key: str) -> Form | None:
        """The form of that key, or None."""
        return next((one for one in self.forms if one.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Fact):
    """
    The most of an ingredient a day, for a life stage and a jurisdiction.

    `counts`: 'everything' (food, supplements and medicines together) or 'supplements' (supplements, medicines
    and fortified food alone). `form_keys` narrows it to forms; empty means all. From `from_age_years`
    inclusive to `to_age_years` exclusive (None: no end). `states`: only in that state (pregnancy, lactation).
    `together` are ingredients that count towards it as well, each with the forms that do (all when it names
    none): a form of the same ingredient there counts once more. `name` is then what they are called.
    """

    ingredient_key: str
    jurisdiction: str
    most: Decimal
    unit: str
    counts: str
    form_keys: tuple[str, ...]
    from_age_years: Decimal
    to_age_years: Decimal | None
    states: frozenset[str]
    valid_from: date | None
    valid_until: date | None
    note: str
    together: tuple[Part, ...] = ()
    name: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that counts towards it."""
        return ((self.ingredient_key, self.form_keys), *self.together)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction(Fact):
    """
    What happens between an ingredient (or a group of them) and something about the person.

    `other_kind`: 'drug', 'drug_class', 'ingredient' (or a group), 'condition', 'allergy', 'state' or
    'lab_test' (a test that the ingredient changes). `management`: 'avoid', 'separate' (by
    `separate_minutes`), 'limit' (to `most` of `unit` a day), 'monitor' (`monitor_text`, first after
    `monitor_after_days`) or 'replenish': the drug makes the ingredient run low. `effect_text` goes on from
    "because it ...", of the ingredient; for 'replenish' from "because the drug ...".
    """

    subject: str
    other_kind: str
    other_key: str
    severity: str
    management: str
    separate_minutes: int | None
    most: Decimal | None
    unit: str
    monitor_text: str
    monitor_after_days: int | None
    effect_text: str
    mechanism_text: str


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A condition that interactions or protocols ask for, and how it is recognised.

    `icd10` are beginnings of codes. `phrases` are words of its name; where `not_phrases` stand it is another.
    """

    key: str
    name: str
    snomed: frozenset[str]
    icd10: tuple[str, ...]
    phrases: tuple[str, ...]
    not_phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allergen:
    """An allergen that products declare or interactions ask for; recognised as a condition is."""

    key: str
    name: str
    snomed: frozenset[str]
    phrases: tuple[str, ...]
    not_phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabTest:
    """A laboratory test that supplements change; recognised by LOINC code or by words."""

    key: str
    name: str
    loinc: frozenset[str]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A result in `unit` (UCUM) counts from `at_least` on, or `below`; what is None bounds nothing."""

    unit: str
    at_least: Decimal | None
    below: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFinding(Fact):
    """
    A laboratory result that counts as a condition: rules ask of it what they ask of that.

    `loinc` are the tests, `bounds` one for each unit in which they are compared; `is_positive` counts what
    says so in words or a code. A result counts for `counts_days`, or until the next of the same test.
    """

    name: str
    condition_key: str
    loinc: frozenset[str]
    bounds: tuple[Bound, ...]
    is_positive: bool
    counts_days: int
    note: str


@dataclass(frozen=True, eq=False)
class Release:
    """
    One state of the knowledge. `id` is the SHA-256 of all of it, in hexadecimal. Two are the same only when
    they are one; compare ids.

    `groups` and `drug_classes` map keys to names; `blends` maps a name of a mixture ("multivitamin") to the
    ingredients that it holds in amounts that its name does not say. `drug_book` reads its names when first
    asked.
    """

    id: str
    sources: Mapping[str, Source]
    ingredients: Mapping[str, Ingredient]
    limits: tuple[Limit, ...]
    interactions: tuple[Interaction, ...]
    conditions: tuple[Condition, ...]
    allergens: tuple[Allergen, ...]
    lab_tests: tuple[LabTest, ...]
    lab_findings: tuple[LabFinding, ...]
    groups: Mapping[str, str]
    blends: Mapping[str, tuple[str, ...]]
    drug_book: DrugBook = field(repr=False)

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Every ingredient, limit, interaction and finding by key."""
        found: dict[str, Fact] = {}
        for one in (*self.ingredients.values(), *self.limits, *self.interactions, *self.lab_findings):
            found[one.key] = one
        return found

    @cached_property
    def findings_by_test(self) -> Mapping[str, tuple[LabFinding, ...]]:
        """The findings that a result can be, by the LOINC code of its test."""
        found: dict[str, list[LabFinding]] = {}
        for one in self.lab_findings:
            for code in one.loinc:
                found.setdefault(code, []).append(one)
        return {code: tuple(findings) for code, findings in sorted(found.items())}

    @cached_property
    def members(self) -> Mapping[str, frozenset[str]]:
        """The ingredients that a subject stands for: those of a group, or the ingredient itself."""
        found: dict[str, set[str]] = {key: {key} for key in self.ingredients}
        for one in self.ingredients.values():
            for group in one.groups:
                found.setdefault(group, set()).add(one.key)
        return {key: frozenset(members) for key, members in found.items()}

    @cached_property
    def _limits_by_ingredient(self) -> Mapping[str, tuple[Limit, ...]]:
        found: dict[str, list[Limit]] = {}
        for one in self.limits:
            for key in dict.fromkeys(key for key, _ in one.parts):
                found.setdefault(key, []).append(one)
        return {key: tuple(limits) for key, limits in found.items()}

    @cached_property
    def _interactions_by_ingredient(self) -> Mapping[str, tuple[Interaction, ...]]:
        found: dict[str, list[Interaction]] = {}
        for one in self.interactions:
            sides = self.members.get(one.subject, frozenset())
            if one.other_kind == "ingredient":
                sides = sides | self.members.get(one.other_key, frozenset())
            for key in sides:
                found.setdefault(key, []).append(one)
        return {key: tuple(interactions) for key, interactions in found.items()}

    def only(self, fact_keys: Collection[str]) -> Release:
        """The same release with these interactions alone: for looking at a few of them in many people."""
        return replace(self, interactions=tuple(one for one in self.interactions if one.key in fact_keys))

    def interactions_of(self, ingredient_key: str) -> tuple[Interaction, ...]:
        """Every interaction that an ingredient is on either side of, in the order of the files."""
        return self._interactions_by_ingredient.get(ingredient_key, ())

    def limits_of(self, ingredient_key: str) -> tuple[Limit, ...]:
        """Every limit that an ingredient counts towards, of all jurisdictions and life stages."""
        return self._limits_by_ingredient.get(ingredient_key, ())

    def ingredient(self, key: str) -> Ingredient:
        """
        The ingredient of that key.

        Raises:
            UnknownFact: there is none.
        """
        found = self.ingredients.get(key)
        if found is None:
            raise UnknownFact(f"no ingredient {key!r} in this release")
        return found

    def is_verified(self, fact: Fact) -> bool:
        """Whether every source of the fact was seen."""
        return bool(fact.source_keys) and all(self.sources[key].verified for key in fact.source_keys)
