"""What the knowledge asks for one person: bans, caps, hours apart, cautions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willowbark.knowledge.core import limits, wording
from willowbark.knowledge.core.person import MOMENTS, Person, TakenDrug, TakenSupplement
from willowbark.knowledge.core.release import STATES, Interaction, Release
from willowbark.knowledge.core.rule import WHOLE_DAY_MINUTES, Rule

__all__ = ["WHOLE_DAY_MINUTES", "Rule", "rules_for", "states_of"]

KINDS = ("ban", "cap", "apart_from_drug", "apart", "caution")
KIND_OF = {"avoid": "ban", "limit": "cap", "separate": "apart", "monitor": "caution"}


@dataclass(frozen=True, slots=True)
class _Match:
    """What in a person makes an interaction apply."""

    words: tuple[str, ...]
    entries: tuple[UUID, ...]
    drugs: tuple[TakenDrug, ...] = ()


def states_of(person: Person) -> frozenset[str]:
    """The states that a person is in, said outright or by a condition of the record."""
    known = {key for one in person.conditions for key in one.keys}
    return person.states | (known & set(STATES))


def rules_for(
    release: Release, person: Person, ingredient_keys: Iterable[str], *, on: date | None = None
) -> tuple[Rule, ...]:
    """
    Every rule that holds for these ingredients in this person, in a fixed order.

    The limits are those of the person's life stage and jurisdiction on the day `on` (without one: those with
    no end). Drugs, supplements, conditions, allergies and states of the person count, and the other
    ingredients of `ingredient_keys`. To hear about what is taken already too, name it among the ingredients.

    Raises:
        UnknownFact: an ingredient is not in this release.
    """
    asked = frozenset(release.ingredient(key).key for key in ingredient_keys)
    states, taken = states_of(person), _taken(person)
    found: dict[str, Rule] = {}
    for key in sorted(asked):
        for rule in (
            *limits.caps(release, person, key, states=states, on=on),
            *_of_interactions(release, person, key, asked, taken),
        ):
            found.setdefault(rule.key, rule)
    return tuple(sorted(found.values(), key=lambda one: (one.ingredient_key, KINDS.index(one.kind), one.key)))


def _of_interactions(
    release: Release, person: Person, key: str, asked: frozenset[str], taken: Mapping[str, _Match]
) -> Iterator[Rule]:
    nobody: frozenset[str] = frozenset()
    for interaction in release.interactions_of(key):
        if interaction.management not in KIND_OF:
            continue
        subjects = release.members.get(interaction.subject, nobody)
        if interaction.other_kind != "ingredient":
            if key in subjects:
                match = _match(person, interaction)
                if match is not None:
                    yield _rule(release, key, interaction, match)
            continue
        others = release.members.get(interaction.other_key, nobody)
        if key in subjects:
            yield from _between(release, taken, key, interaction, others - {key}, asked)
        elif key in others:
            taken_only = subjects - asked - {key}
            yield from _between(release, taken, key, interaction, taken_only, asked)


def _between(
    release: Release,
    taken: Mapping[str, _Match],
    key: str,
    interaction: Interaction,
    others: frozenset[str],
    asked: frozenset[str],
) -> Iterator[Rule]:
    """
    Rules between an ingredient and others that are taken already, or asked about with it.

    Between two of a group that is on both sides, and neither taken yet, one rule says it for both.
    """
    mutual = release.members.get(interaction.other_key, frozenset()) & release.members.get(
        interaction.subject, frozenset()
    )
    for other in sorted(others):
        match = taken.get(other)
        if match is not None:
            yield _rule(release, key, interaction, match, other=other)
        elif other in asked and not (other < key and key in mutual):
            name = release.ingredient(other).name
            yield _rule(release, key, interaction, _Match((name,), ()), other=other, both_open=True)


def _rule(
    release: Release,
    key: str,
    interaction: Interaction,
    match: _Match,
    *,
    other: str = "",
    both_open: bool = False,
) -> Rule:
    """One rule. `both_open`: neither ingredient is taken yet, so a ban is one of taking both on one day."""
    kind = KIND_OF[interaction.management]
    minutes = interaction.separate_minutes
    if kind == "apart" and not other:
        kind = "apart_from_drug"
    elif kind == "ban" and both_open:
        kind, minutes = "apart", WHOLE_DAY_MINUTES
    elif kind == "cap" and both_open:
        kind = "caution"
    moments = {moment for drug in match.drugs for moment in drug.moments}
    when = wording.times_of(match.drugs) if kind == "apart_from_drug" else ""
    ingredient = release.ingredient(key)
    return Rule(
        key="/".join(part for part in (kind, key, other, interaction.key) if part),
        kind=kind,
        ingredient_key=key,
        other_ingredient_key=other,
        most=interaction.most if kind == "cap" else None,
        unit=interaction.unit if kind == "cap" else "",
        minutes=minutes if kind in ("apart", "apart_from_drug") else None,
        drug_moments=tuple(one for one in MOMENTS if one in moments) if kind == "apart_from_drug" else (),
        severity=interaction.severity,
        monitor_text=interaction.monitor_text,
        monitor_after_days=interaction.monitor_after_days,
        fact_key=interaction.key,
        chart_entries=match.entries,
        text=wording.interaction_text(ingredient, interaction, match.words, when=when),
        is_verified=release.is_verified(interaction),
    )


def _match(person: Person, interaction: Interaction) -> _Match | None:
    """What in the person the interaction is with, or None."""
    kind, key = interaction.other_kind, interaction.other_key
    if kind in ("drug", "drug_class"):
        drugs = tuple(
            drug for drug in person.drugs if key in (drug.drug_keys if kind == "drug" else drug.class_keys)
        )
        if not drugs:
            return None
        words = tuple(wording.drug_words(drug) for drug in drugs)
        return _Match(words, _entries(drug.entry_id for drug in drugs), drugs)
    if kind == "state":
        sources = [one for one in person.conditions if key in one.keys]
        if key not in states_of(person):
            return None
        return _Match((key,), _entries(one.entry_id for one in sources))
    known = {"condition": person.conditions, "allergy": person.allergies, "lab_test": person.lab_tests}[kind]
    matching = [one for one in known if key in one.keys]
    if not matching:
        return None
    words = tuple(wording.finding_words(one.text) for one in matching)
    return _Match(words, _entries(one.entry_id for one in matching))


def _taken(person: Person) -> Mapping[str, _Match]:
    """The supplements and drugs of the record that hold each ingredient."""
    everything: list[TakenSupplement | TakenDrug] = [*person.supplements, *person.drugs]
    holding: dict[str, list[TakenSupplement | TakenDrug]] = {}
    for one in everything:
        for key in {content.ingredient_key for content in one.contents}:
            holding.setdefault(key, []).append(one)
    return {
        key: _Match(tuple(wording.taken_words(one) for one in those), _entries(one.entry_id for one in those))
        for key, those in holding.items()
    }


def _entries(entries: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple(sorted({entry for entry in entries if entry is not None}))
