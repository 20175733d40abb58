"""What clashes in a list of drugs, supplements, conditions and tests, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willowbark.knowledge.core import wording
from willowbark.knowledge.core.asked import Asked, person_of
from willowbark.knowledge.core.person import Person, TakenDrug
from willowbark.knowledge.core.release import GRADES, SEVERITIES, Interaction, Release
from willowbark.knowledge.core.rules import Rule, rules_for
from willowbark.knowledge.core.taken import contents_of, taken_together

# In this order within one severity. 'over_limit' is more than a limit allows, 'test' a laboratory test that
# reads wrong, 'depletion' what a drug makes run low.
KINDS = ("ban", "over_limit", "cap", "apart", "caution", "test", "depletion")
_KIND_OF = {"apart_from_drug": "apart"}
OVER_LIMIT_SEVERITY = "major"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that was found.

    `between` is what it is between, as it was typed; one entry alone for a limit, a test or a depletion that
    nobody asked about. `minutes` is how far apart, for 'apart' alone.
    """

    kind: str
    severity: str
    between: tuple[str, ...]
    text: str
    mechanism_text: str
    monitor_text: str
    minutes: int | None
    grade: str
    is_verified: bool
    fact_key: str
    reviewed_on: date
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings, the worst first; `person` is what was read, with what was not checked."""

    person: Person
    findings: tuple[Finding, ...]


def check(release: Release, asked: Asked, *, on: date) -> Checked:
    """
    Check a list against the release. The same list always gives the same findings in the same order.

    Raises:
        NothingAsked, TooMuchAsked, UnknownJurisdiction: see `person_of`.
    """
    person = person_of(release, asked)
    found: dict[tuple[str, str, frozenset[str]], Finding] = {}
    for one in (*_of_rules(release, person, on), *_of_tests(release, person), *_depletions(release, person)):
        found.setdefault((one.fact_key, one.kind, frozenset(one.between)), one)
    return Checked(person, tuple(sorted(found.values(), key=_rank)))


def _rank(one: Finding) -> tuple[int, int, int, tuple[str, ...], str]:
    severity = len(SEVERITIES) if not one.severity else SEVERITIES.index(one.severity)
    return (severity, KINDS.index(one.kind), GRADES.index(one.grade), one.between, one.fact_key)


def _of_rules(release: Release, person: Person, on: date) -> Iterator[Finding]:
    texts = _texts(person)
    contents = tuple(contents_of(person))
    held = {content.ingredient_key for _, content in contents}
    for rule in rules_for(release, person, held, on=on):
        kind, severity = _KIND_OF.get(rule.kind, rule.kind), rule.severity
        text = rule.text
        if kind == "cap":
            total, unknown = taken_together(person, rule.parts)
            if rule.most is None or (total <= rule.most and not (unknown and severity)):
                continue
            if total > rule.most:
                kind, severity = "over_limit", severity or OVER_LIMIT_SEVERITY
                text = f"{wording.amount(total, rule.unit)} a day is taken. {rule.text}"
        counted = {key for key, _ in rule.parts}
        holding = [said for said, content in contents if content.ingredient_key in counted]
        others = [texts[entry] for entry in rule.chart_entries if entry in texts]
        between = tuple(dict.fromkeys((*holding, *others)))
        if rule.fact_key in _itself(release, rule, between):
            continue
        yield _finding(
            release, rule.fact_key, kind, severity, between, text,
            monitor=rule.monitor_text, minutes=rule.minutes if kind == "apart" else None,
        )  # fmt: skip


def _itself(release: Release, rule: Rule, between: tuple[str, ...]) -> frozenset[str]:
    """An interaction of an entry with itself: the drug that is the supplement, and nothing else beside it."""
    fact = release.facts[rule.fact_key]
    alone = isinstance(fact, Interaction) and fact.other_kind in ("drug", "drug_class", "ingredient")
    return frozenset({rule.fact_key}) if alone and len(between) < 2 else frozenset()


def _of_tests(release: Release, person: Person) -> Iterator[Finding]:
    """Tests that what is taken changes, other than those that were asked about: they come as rules."""
    asked = {key for one in person.lab_tests for key in one.keys}
    for said, content in contents_of(person):
        ingredient = release.ingredient(content.ingredient_key)
        for one in release.interactions_of(content.ingredient_key):
            if one.other_kind == "lab_test" and one.other_key not in asked:
                name = next(test.name for test in release.lab_tests if test.key == one.other_key)
                text = wording.interaction_text(ingredient, one, [name])
                yield _finding(
                    release, one.key, "test", one.severity, (said,), text, monitor=one.monitor_text
                )


def _depletions(release: Release, person: Person) -> Iterator[Finding]:
    for one in release.interactions:
        if one.management != "replenish":
            continue
        drugs = [drug for drug in person.drugs if _is_of(drug, one)]
        if drugs:
            text = wording.said_of(_subject(release, one), one, [wording.drug_words(drug) for drug in drugs])
            between = tuple(dict.fromkeys(drug.text for drug in drugs))
            yield _finding(
                release, one.key, "depletion", one.severity, between, text, monitor=one.monitor_text
            )


def _is_of(drug: TakenDrug, one: Interaction) -> bool:
    return one.other_key in (drug.drug_keys if one.other_kind == "drug" else drug.class_keys)


def _subject(release: Release, one: Interaction) -> str:
    known = release.ingredients.get(one.subject)
    return known.name if known is not None else release.groups[one.subject]


def _texts(person: Person) -> dict[UUID, str]:
    everything: Iterable[tuple[UUID | None, str]] = (
        *((each.entry_id, each.text) for each in person.drugs),
        *((each.entry_id, each.text) for each in person.supplements),
        *((each.entry_id, each.text) for each in (*person.conditions, *person.allergies, *person.lab_tests)),
    )
    return {entry: text for entry, text in everything if entry is not None}


def _finding(
    release: Release,
    fact_key: str,
    kind: str,
    severity: str,
    between: tuple[str, ...],
    text: str,
    *,
    monitor: str,
    minutes: int | None = None,
) -> Finding:
    fact = release.facts[fact_key]
    return Finding(
        kind=kind,
        severity=severity,
        between=between,
        text=text,
        mechanism_text=fact.mechanism_text if isinstance(fact, Interaction) else "",
        monitor_text=monitor,
        minutes=minutes,
        grade=fact.grade,
        is_verified=release.is_verified(fact),
        fact_key=fact_key,
        reviewed_on=fact.reviewed_on,
        sources=tuple(wording.source_text(release.sources[key]) for key in fact.source_keys),
    )
