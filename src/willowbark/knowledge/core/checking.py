"""What a release must be beyond its schemas: whole, without contradictions, and honest about its sources."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from willowbark.knowledge.core.folding import fold
from willowbark.knowledge.core.molar import share
from willowbark.knowledge.core.release import (
    STATES,
    Form,
    Ingredient,
    Interaction,
    LabFinding,
    Limit,
    Release,
)


def problems(release: Release) -> tuple[str, ...]:
    """Everything that is wrong with a release, each in one sentence; () when nothing is."""
    return (
        *_facts(release),
        *_ingredients(release),
        *(problem for one in release.limits for problem in _limit(release, one)),
        *(problem for one in release.interactions for problem in _interaction(release, one)),
        *(problem for one in release.lab_findings for problem in _lab_finding(release, one)),
        *_drugs(release),
    )


def repeated_keys(contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Keys that a file gives twice: reading it would keep the last one only and say nothing."""
    found: list[str] = []
    for name, content in sorted(contents.items()):
        if not name.endswith(".json"):
            continue
        for part, rows in json.loads(content).items():
            if isinstance(rows, list):
                keys = Counter(row["key"] for row in rows if isinstance(row, dict) and "key" in row)
                found.extend(f"{name}: {part}: {key} is there {n} times" for key, n in keys.items() if n > 1)
    return tuple(found)


def _facts(release: Release) -> Iterator[str]:
    facts = (*release.ingredients.values(), *release.limits, *release.interactions, *release.lab_findings)
    for key, times in Counter(one.key for one in facts).items():
        if times > 1:
            yield f"{key}: {times} facts have this key"
    cited: set[str] = set()
    for one in facts:
        cited.update(one.source_keys)
        unknown = [key for key in one.source_keys if key not in release.sources]
        if unknown:
            yield f"{one.key}: its source {unknown[0]} is not in sources.json"
        elif one.grade == "A" and not release.is_verified(one):
            yield f"{one.key}: graded A on a source that was not seen"
        if one.reviewed_on < date(2000, 1, 1):
            yield f"{one.key}: reviewed in {one.reviewed_on.year}"
    for key in sorted(set(release.sources) - cited):
        yield f"source {key}: no fact cites it"
    for source in release.sources.values():
        if (source.kind == "document") == source.verified:
            yield f"source {source.key}: a record is cited once seen, a document is not"


def _ingredients(release: Release) -> Iterator[str]:
    names: dict[str, str] = {}
    for one in release.ingredients.values():
        for form in one.forms:
            yield from _formula(one, form)
        for group in one.groups:
            if group not in release.groups:
                yield f"{one.key}: its group {group} has no name"
        for name in (one.name, *one.synonyms):
            other = names.setdefault(fold(name), one.key)
            if other != one.key:
                yield f"{one.key}: {name!r} names {other} too"
    for group in release.groups:
        if group in release.ingredients:
            yield f"group {group}: an ingredient has this key"
        if group not in release.members:
            yield f"group {group}: no ingredient is in it"
    for name, keys in release.blends.items():
        for key in keys:
            if key not in release.ingredients:
                yield f"{name}: {key} is no ingredient"


def _formula(ingredient: Ingredient, form: Form) -> Iterator[str]:
    if not form.formula:
        return
    try:
        computed = share(form.active, form.formula)
    except ValueError as error:
        yield f"{ingredient.key}: {form.key}: {error}"
        return
    if form.compound_amount != computed:
        yield f"{ingredient.key}: {form.key}: {form.compound_amount} is not {computed}, as its formula says"


def _limit(release: Release, limit: Limit) -> Iterator[str]:
    ingredient = release.ingredients.get(limit.ingredient_key)
    if ingredient is None:
        yield f"{limit.key}: {limit.ingredient_key} is no ingredient"
        return
    if limit.unit != ingredient.unit:
        yield f"{limit.key}: in {limit.unit}, and its ingredient is in {ingredient.unit}"
    if limit.most > ingredient.largest:
        yield f"{limit.key}: more than can be meant of its ingredient"
    yield from _parts(release, limit, ingredient.unit)
    if limit.to_age_years is not None and limit.to_age_years <= limit.from_age_years:
        yield f"{limit.key}: ends at an age before it begins"
    for other in release.limits_of(limit.ingredient_key):
        if other.key < limit.key and _same_people(limit, other):
            yield f"{limit.key}: {other.key} is for the same people"


def _parts(release: Release, limit: Limit, unit: str) -> Iterator[str]:
    for key, forms in limit.parts:
        one = release.ingredients.get(key)
        if one is None or one.unit != unit:
            yield f"{limit.key}: {key} is no ingredient that is counted in {unit}"
            continue
        for form in forms:
            if one.form(form) is None:
                yield f"{limit.key}: {key} has no form {form}"
    if bool(limit.name) != bool(limit.together):
        yield f"{limit.key}: what counts together has a name, and nothing else"


def _same_people(one: Limit, other: Limit) -> bool:
    """Whether two limits are of the same kind and their ages and days overlap."""
    if (one.jurisdiction, one.states, one.parts, one.counts) != (
        other.jurisdiction,
        other.states,
        other.parts,
        other.counts,
    ):
        return False
    ages = (one.to_age_years is None or other.from_age_years < one.to_age_years) and (
        other.to_age_years is None or one.from_age_years < other.to_age_years
    )
    begin = max(one.valid_from or date.min, other.valid_from or date.min)
    end = min(one.valid_until or date.max, other.valid_until or date.max)
    return ages and begin < end


def _interaction(release: Release, one: Interaction) -> Iterator[str]:
    if one.subject not in release.members:
        yield f"{one.key}: {one.subject} is neither an ingredient nor a group"
        return
    known = {
        "drug": set(release.drug_book.drugs),
        "drug_class": set(release.drug_book.classes),
        "ingredient": set(release.members),
        "condition": {each.key for each in release.conditions},
        "allergy": {each.key for each in release.allergens},
        "state": set(STATES),
        "lab_test": {each.key for each in release.lab_tests},
    }
    if one.other_key not in known[one.other_kind]:
        yield f"{one.key}: {one.other_key} is no {one.other_kind.replace('_', ' ')} of this release"
    if one.most is not None:
        for key in sorted(release.members[one.subject]):
            ingredient = release.ingredients[key]
            if ingredient.unit != one.unit or one.most > ingredient.largest:
                yield f"{one.key}: its limit does not fit {key}"


def _lab_finding(release: Release, one: LabFinding) -> Iterator[str]:
    if one.condition_key not in {each.key for each in release.conditions}:
        yield f"{one.key}: {one.condition_key} is no condition of this release"
    if bool(one.bounds) == one.is_positive:
        yield f"{one.key}: a finding has bounds, or is positive"
    units = Counter(bound.unit for bound in one.bounds)
    for unit, times in units.items():
        if times > 1:
            yield f"{one.key}: {times} bounds in {unit}"
    for bound in one.bounds:
        if (bound.at_least is None) == (bound.below is None):
            yield f"{one.key}: a bound is from above or from below"


def _drugs(release: Release) -> Iterator[str]:
    book = release.drug_book
    named = set(book.names.generic.values())
    for drug in book.drugs.values():
        if drug.key not in named:
            yield f"drug {drug.key}: no name leads to it"
        for one in drug.classes:
            if one not in book.classes:
                yield f"drug {drug.key}: its class {one} has no name"
        ingredient = release.ingredients.get(drug.ingredient_key)
        if drug.ingredient_key and ingredient is None:
            yield f"drug {drug.key}: {drug.ingredient_key} is no ingredient"
        elif drug.form_key and (ingredient is None or ingredient.form(drug.form_key) is None):
            yield f"drug {drug.key}: {drug.ingredient_key} has no form {drug.form_key}"
    for key in sorted({key for keys in book.class_names.values() for key in keys} - set(book.classes)):
        yield f"class {key}: names are given to it, and it is none"
    for brand, keys in book.names.brands.items():
        for key in keys:
            if key not in named:
                yield f"brand {brand}: {key} is no drug"
    used = {one for drug in book.drugs.values() for one in drug.classes}
    for one in sorted(set(book.classes) - used):
        yield f"class {one}: no drug is in it"
