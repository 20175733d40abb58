"""What the rules of the knowledge mean for products and moments: the hard and soft parts of a problem."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from willowbark.knowledge.core.person import Person
from willowbark.knowledge.core.release import Release
from willowbark.knowledge.core.rules import WHOLE_DAY_MINUTES, Rule
from willowbark.protocols.core.candidates import Candidate
from willowbark.protocols.core.day import BURDENS, MOMENT_KEYS, are_near
from willowbark.protocols.core.notices import Notice, Weight

LONGEST_KEY = 200


@dataclass(slots=True)
class Parts:
    """Parts of a problem, as its document has them."""

    bans: list[dict[str, Any]] = field(default_factory=list)
    moment_bans: list[dict[str, Any]] = field(default_factory=list)
    apart: list[dict[str, Any]] = field(default_factory=list)
    cautions: list[dict[str, Any]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def key_of(*parts: str) -> str:
    """A key of parts; one that is too long ends in a digest of itself."""
    key = "/".join(parts)
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def parts_of(rules: Sequence[Rule], candidates: Sequence[Candidate]) -> Parts:
    """The bans, separations and cautions that these rules put on these products."""
    parts = Parts()
    holders = _holders(candidates)
    for rule in rules:
        holding = holders.get(rule.ingredient_key)
        if not holding:
            continue
        because = [rule.fact_key]
        if rule.kind == "ban":
            parts.bans += (_of_product(rule, each, because) for each in holding)
        elif rule.kind == "apart_from_drug":
            parts.moment_bans += _moment_bans(rule, holding, because)
            if not rule.drug_moments:
                parts.notices.append(_unknown_moment(rule))
        elif rule.kind == "apart":
            _keep_apart(parts, rule, holding, holders, because)
        elif rule.kind == "caution" and (rule.chart_entries or not rule.other_ingredient_key):
            burden = BURDENS.get(rule.severity, 1)
            parts.cautions += (_of_product(rule, each, because) | {"burden": burden} for each in holding)
    return parts


def _holders(candidates: Iterable[Candidate]) -> Mapping[str, list[Candidate]]:
    """The candidates that hold an ingredient, by its key."""
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        for key in candidate.ingredient_keys:
            found.setdefault(key, []).append(candidate)
    return found


def _of_product(rule: Rule, candidate: Candidate, because: list[str]) -> dict[str, Any]:
    return {"key": key_of(rule.key, candidate.key), "product": candidate.key, "because": because}


def _moment_bans(rule: Rule, holding: Iterable[Candidate], because: list[str]) -> Iterator[dict[str, Any]]:
    """The moments that lie too near to when the drug is taken."""
    near = [key for key in MOMENT_KEYS if are_near((key,), rule.drug_moments, rule.minutes or 0)]
    for candidate in holding:
        for moment in near:
            yield {
                "key": key_of(rule.key, candidate.key, moment),
                "product": candidate.key,
                "moment": moment,
                "because": because,
            }


def _unknown_moment(rule: Rule) -> Notice:
    return Notice(
        f"drug_moment/{rule.key}",
        "drug_moment",
        Weight.ASK,
        rule.text,
        given=rule.ingredient_key,
        entries=rule.chart_entries,
        fact_key=rule.fact_key,
    )


def _keep_apart(
    parts: Parts,
    rule: Rule,
    holding: list[Candidate],
    holders: Mapping[str, list[Candidate]],
    because: list[str],
) -> None:
    other = rule.other_ingredient_key
    others = holders.get(other, [])
    if others:
        parts.apart.append(
            {
                "key": key_of(rule.key),
                "first_products": [each.key for each in holding],
                "second_products": [each.key for each in others],
                "minutes": rule.minutes,
                "because": because,
            }
        )
    if rule.minutes == WHOLE_DAY_MINUTES:
        # What must never be taken on one day must not be in one capsule either.
        both = [each for each in holding if other in each.ingredient_keys]
        parts.bans += (_of_product(rule, each, because) for each in both)
    if rule.chart_entries:
        # When a supplement of one's own is taken is not in the record: the person keeps it apart.
        parts.notices.append(
            Notice(
                f"own_supplement/{rule.key}",
                "own_supplement",
                Weight.TELL,
                rule.text,
                given=rule.ingredient_key,
                entries=rule.chart_entries,
                fact_key=rule.fact_key,
            )
        )


def allergen_bans(
    release: Release, person: Person, candidates: Sequence[Candidate]
) -> Iterator[dict[str, Any]]:
    """A product that declares an allergen of this person is not given."""
    names = {each.key: each.name for each in release.allergens}
    known = {key for each in person.allergies for key in each.keys}
    for candidate in candidates:
        for allergen in sorted(set(candidate.info.allergens) & known):
            yield {
                "key": key_of("ban", "allergen", allergen, candidate.key),
                "product": candidate.key,
                "because": [f"allergen/{allergen}"],
                "text": f"{candidate.info.name} contains {names.get(allergen, allergen)},"
                " to which an allergy is recorded.",
            }


def diet_bans(diets: Iterable[str], candidates: Sequence[Candidate]) -> Iterator[dict[str, Any]]:
    """A product that does not say that it keeps a diet is not given to whoever keeps it."""
    for candidate in candidates:
        said = set(candidate.info.diets)
        kept = said | ({"vegetarian", "dairy_free"} if "vegan" in said else set())
        for diet in sorted(set(diets) - kept):
            yield {
                "key": key_of("ban", "diet", diet, candidate.key),
                "product": candidate.key,
                "because": [f"diet/{diet}"],
                "text": f"{candidate.info.name} does not say that it is {diet.replace('_', ' ')}.",
            }


def rule_of(key: str, rules: Mapping[str, Rule]) -> Rule | None:
    """The rule that a key of the problem came from, None when it came from something else."""
    while key:
        if key in rules:
            return rules[key]
        key = key.rpartition("/")[0]
    return None
