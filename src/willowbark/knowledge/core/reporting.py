"""Counting what a release holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from willowbark.knowledge.core.release import (
    GRADES,
    Fact,
    Ingredient,
    Interaction,
    LabFinding,
    Limit,
    Release,
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many facts of one kind there are, how good they are, and how long ago they were reviewed."""

    kind: str
    facts: int
    verified: int
    by_grade: tuple[tuple[str, int], ...]
    oldest_review_days: int


def kind_of(fact: Fact) -> str:
    """The kind of a fact, in the words of the report."""
    if isinstance(fact, Ingredient):
        return "ingredients"
    if isinstance(fact, Limit):
        return f"limits, {fact.jurisdiction}"
    if isinstance(fact, Interaction):
        return f"interactions, {fact.other_kind.replace('_', ' ')}"
    if isinstance(fact, LabFinding):
        return "results that count as a condition"
    return "other"


def counts(release: Release, on: date) -> tuple[Count, ...]:
    """The counts of each kind of fact on a day, in the order of their names."""
    kinds: dict[str, list[Fact]] = {}
    for fact in release.facts.values():
        kinds.setdefault(kind_of(fact), []).append(fact)
    return tuple(_count(release, kind, facts, on) for kind, facts in sorted(kinds.items()))


def _count(release: Release, kind: str, facts: list[Fact], on: date) -> Count:
    grades = Counter(one.grade for one in facts)
    return Count(
        kind=kind,
        facts=len(facts),
        verified=sum(release.is_verified(one) for one in facts),
        by_grade=tuple((grade, grades[grade]) for grade in GRADES),
        oldest_review_days=max((on - one.reviewed_on).days for one in facts),
    )
