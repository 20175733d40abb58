"""Settle who newly arrived rows are, among those already known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from willowbark.patients.core.matching.comparison import Band, Comparison, compare_profiles
from willowbark.patients.core.matching.groups import Pair, ordered, withdraw_contradicted
from willowbark.patients.core.matching.profile import Profile
from willowbark.patients.core.matching.rules import Objection, contradicts, objections
from willowbark.patients.core.matching.score import Scorer


@dataclass(frozen=True, slots=True)
class Question:
    """A newcomer who may be somebody, keys of both, with the comparison that says most for it."""

    newcomer: str
    other: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Settled:
    """
    What is decided about newcomers, and what a person must decide.

    `links` maps a newcomer's key to that of the row they are surely the same person as, which is itself
    linked to nobody. `questions` are at most one per newcomer and person, in order of their keys.
    """

    links: Mapping[str, str]
    questions: tuple[Question, ...]


def settle_newcomers(
    newcomers: Sequence[Profile],
    known: Sequence[Profile],
    *,
    primary_of: Mapping[str, str],
    candidates: Iterable[tuple[str, str]],
    scorer: Scorer,
) -> Settled:
    """
    Decide who the newcomers are. Independent of the order of the arguments.

    `known` rows are people already; `primary_of` maps those that are linked to the row they are linked to.
    Two known rows that are not linked are two people, whatever they look like: a newcomer who is sure with
    both is a question. `candidates` are pairs of keys, a newcomer's first, worth comparing; the newcomers may
    meet each other. Among newcomers who are one person and were not known, the one with the lowest key stands
    for all.
    """
    people = sorted(
        {profile.key: profile for profile in (*known, *newcomers)}.values(), key=lambda row: row.key
    )
    position = {profile.key: number for number, profile in enumerate(people)}
    arriving = {position[profile.key] for profile in newcomers}
    pairs = {ordered(position[one], position[other]) for one, other in candidates if one != other}
    found = {
        pair: comparison
        for pair in sorted(pairs)
        if (comparison := compare_profiles(people[pair[0]], people[pair[1]], scorer)).band
        is not Band.DIFFERENT
    }

    def person_of(number: int) -> str:
        """The key of the row that stands for a known row's person; '' for a newcomer."""
        return "" if number in arriving else primary_of.get(people[number].key, people[number].key)

    def contradict(low: int, high: int) -> bool:
        if low not in arriving and high not in arriving:
            return person_of(low) != person_of(high)
        one, other = people[low], people[high]
        return contradicts(objections(one, other, scorer.score(one, other)))

    sure = {pair for pair, comparison in found.items() if comparison.band is Band.SURE}
    groups, withdrawn = withdraw_contradicted(sure | _rows_of_one(people, arriving, person_of), contradict)
    stands_for = {number: person_of(number) or people[number].key for number in range(len(people))}
    links = {}
    for group in groups:
        persons = sorted({person for number in group if (person := person_of(number))})
        primary = persons[0] if persons else people[group[0]].key
        for number in group:
            if number in arriving:
                stands_for[number] = primary
                if people[number].key != primary:
                    links[people[number].key] = primary
    return Settled(links, _questions(found, withdrawn, people, arriving, stands_for))


def _rows_of_one(people: Sequence[Profile], arriving: set[int], person_of: Callable[[int], str]) -> set[Pair]:
    """Return the pairs of known rows that are one person already, so that a newcomer must fit them all."""
    rows: dict[str, list[int]] = {}
    for number in range(len(people)):
        if number not in arriving:
            rows.setdefault(person_of(number), []).append(number)
    return {pair for numbers in rows.values() for pair in combinations(numbers, 2)}


def _questions(
    found: Mapping[Pair, Comparison],
    withdrawn: set[Pair],
    people: Sequence[Profile],
    arriving: set[int],
    stands_for: Mapping[int, str],
) -> tuple[Question, ...]:
    """Return one question for each two persons that some pair leaves open, with the likeliest pair."""
    best: dict[frozenset[str], Question] = {}
    for (low, high), comparison in found.items():
        persons = frozenset((stands_for[low], stands_for[high]))
        if len(persons) == 1:
            continue
        if (low, high) in withdrawn:
            comparison = replace(
                comparison,
                band=Band.REVIEW,
                objections=(*comparison.objections, Objection.BETWEEN_TWO_PEOPLE),
            )
        # The later of two newcomers asks; whom is asked about is named by the row that stands for them.
        asking, asked = (high, low) if high in arriving else (low, high)
        question = Question(people[asking].key, stands_for[asked], comparison)
        other = best.get(persons)
        if other is None or comparison.probability > other.comparison.probability:
            best[persons] = question
    return tuple(sorted(best.values(), key=lambda each: (each.newcomer, each.other)))
