"""Link the rows of a file: which are surely one person, which a person must look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from math import log2

from willowbark.patients.core.matching.blocking import blocking_keys
from willowbark.patients.core.matching.comparison import Band, Comparison, compare_profiles
from willowbark.patients.core.matching.frequencies import frequencies_of
from willowbark.patients.core.matching.groups import Pair, ordered, withdraw_contradicted
from willowbark.patients.core.matching.pairing import blocks_of, candidate_pairs
from willowbark.patients.core.matching.parameters import Parameters, default_parameters
from willowbark.patients.core.matching.person import Person
from willowbark.patients.core.matching.prior import rows_per_person
from willowbark.patients.core.matching.profile import Profile, profile_of
from willowbark.patients.core.matching.rules import Objection, contradicts, must_ask, objections
from willowbark.patients.core.matching.score import Scorer

# Every pair among so many rows of one person is listed; rows beyond are in their group only.
LISTED_ROWS = 50

Unit = tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """
    Two rows that are surely one person, or that a person must look at, as `comparison.band` says.

    `through` is set when that follows from other rows: each is surely the same as one of a pair that was
    found directly. `probability` is that of the direct comparison, or of the pair it follows from, whichever
    is more.
    """

    comparison: Comparison
    probability: float
    through: bool = False


@dataclass(frozen=True, slots=True)
class LinkResult:
    """
    What linking a file gives; independent of the order of its rows.

    `rows_per_person` is how many further rows of one person the file was found to hold per row. `groups` are
    the keys of rows that are surely one person, two or more each. `sure` and `review` are pairs in order of
    their keys. `questions` is how many times a person has to decide: review pairs between the same two groups
    are one question. `compared` pairs were weighed; `skipped_blocks` names blocking keys that more than
    `largest_block` rows share, which by themselves bring no two rows together.
    """

    rows: int
    rows_per_person: float
    groups: tuple[tuple[str, ...], ...]
    sure: tuple[Link, ...]
    review: tuple[Link, ...]
    questions: int
    compared: int
    skipped_blocks: tuple[str, ...]


def link(
    persons: Iterable[Person],
    *,
    parameters: Parameters | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LinkResult:
    """
    Link a whole file to itself. `progress` is called with the pairs compared so far and the pairs in all.

    Raises:
        ValueError: two rows have the same key.
    """
    parameters = parameters or default_parameters()
    everyone = sorted(map(profile_of, persons), key=lambda profile: profile.key)
    for one, other in pairwise(everyone):
        if one.key == other.key:
            raise ValueError(f"two rows have the key {one.key!r}")
    copies = _identical(everyone)
    profiles = [rows[0] for rows in copies]
    frequencies = frequencies_of(profiles)
    blocks = blocks_of(profiles)
    pairs = list(candidate_pairs(blocks, largest=parameters.largest_block))
    first = Scorer(parameters, frequencies)
    bits = []
    asking = set()
    for done, (low, high) in enumerate(pairs):
        if progress and done % 1000 == 0:
            progress(done, len(pairs))
        score = first.score(profiles[low], profiles[high])
        bits.append(score.bits)
        if must_ask(score):
            asking.add((low, high))
    if progress:
        progress(len(pairs), len(pairs))
    usual = parameters.rows_per_person
    expected = rows_per_person(bits, rows=len(profiles), usual=usual)
    scorer = Scorer(replace(parameters, rows_per_person=expected), frequencies)
    # The other prior only shifts the odds, so no pair below this floor can reach the band of review.
    floor = log2(parameters.review / (1 - parameters.review)) - log2(expected / usual) - 1e-6
    likely = [pair for pair, bit in zip(pairs, bits, strict=True) if bit >= floor or pair in asking]
    found = {
        (low, high): comparison
        for low, high in likely
        if (comparison := compare_profiles(profiles[low], profiles[high], scorer)).band is not Band.DIFFERENT
    }
    people = _People(copies, scorer)
    people.settle(found)
    return LinkResult(
        rows=len(everyone),
        rows_per_person=expected,
        groups=tuple(tuple(row.key for row in unit) for unit in people.units if len(unit) > 1),
        sure=_in_order(people.sure()),
        review=_in_order(people.review()),
        questions=len(people.questions),
        compared=len(pairs),
        skipped_blocks=tuple(
            sorted(key for key, rows in blocks.items() if len(rows) > parameters.largest_block)
        ),
    )


def _identical(everyone: Sequence[Profile]) -> list[list[Profile]]:
    """
    Return the profiles, put together when they say exactly the same: comparing one of each then does for all.
    """
    same: dict[Profile, list[Profile]] = {}
    for profile in everyone:
        same.setdefault(profile, []).append(profile)
    return list(same.values())


def _in_order(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (link.comparison.one.key, link.comparison.other.key)))


class _People:
    """
    Who is surely one person (`units`, each sorted by key), and which units may be (`questions`, with the best
    evidence).

    Rows that say the same are not one person for that: with nothing but a common name they are two strangers.
    """

    def __init__(self, copies: Sequence[Sequence[Profile]], scorer: Scorer) -> None:
        self.copies = copies
        self.scorer = scorer
        self.units: list[Unit] = []
        self.questions: dict[Pair, float] = {}
        self._withdrawn: set[tuple[str, str]] = set()

    def _contradict(self, low: int, high: int) -> bool:
        one, other = self.copies[low][0], self.copies[high][0]
        return contradicts(objections(one, other, self.scorer.score(one, other)))

    def settle(self, found: dict[Pair, Comparison]) -> None:
        """Form the units from the sure pairs of first copies, and the questions from the rest."""
        sure = {pair for pair, comparison in found.items() if comparison.band is Band.SURE}
        groups, withdrawn = withdraw_contradicted(sure, self._contradict)
        alike = {
            number: compare_profiles(rows[0], rows[1], self.scorer)
            for number, rows in enumerate(self.copies)
            if len(rows) > 1 and blocking_keys(rows[0])
        }
        self._form(groups, {number for number, same in alike.items() if same.band is Band.SURE})
        unit_of = {row.key: number for number, unit in enumerate(self.units) for row in unit}
        for (low, high), comparison in found.items():
            one, other = comparison.one.key, comparison.other.key
            if (low, high) in withdrawn:
                self._withdrawn.add((one, other))
            self._ask(unit_of[one], unit_of[other], comparison.probability)
        for number, same in alike.items():
            if same.band is Band.REVIEW:
                first, *rest = self.copies[number]
                for row in rest:
                    self._ask(unit_of[first.key], unit_of[row.key], same.probability)

    def _form(self, groups: list[list[int]], surely_alike: set[int]) -> None:
        grouped = {position for group in groups for position in group}
        alone = [[position] for position in range(len(self.copies)) if position not in grouped]
        units: list[Unit] = []
        for group in groups + alone:
            unit: list[Profile] = []
            for position in group:
                first, *rest = self.copies[position]
                unit.append(first)
                if position in surely_alike:
                    unit += rest
                else:
                    units += [(row,) for row in rest]
            units.append(tuple(sorted(unit, key=lambda row: row.key)))
        self.units = sorted(units, key=lambda unit: unit[0].key)

    def _ask(self, one: int, other: int, probability: float) -> None:
        """Note that two units may be one person; a pair within a unit is settled."""
        if one != other:
            pair = ordered(one, other)
            self.questions[pair] = max(self.questions.get(pair, 0.0), probability)

    def sure(self) -> Iterator[Link]:
        """Yield every pair of rows that are surely one person."""
        for unit in self.units:
            compared = [
                compare_profiles(one, other, self.scorer)
                for one, other in combinations(unit[:LISTED_ROWS], 2)
            ]
            weakest = min((pair.probability for pair in compared if pair.band is Band.SURE), default=0.0)
            for pair in compared:
                if pair.band is Band.SURE:
                    yield Link(pair, pair.probability)
                else:
                    yield Link(replace(pair, band=Band.SURE), max(pair.probability, weakest), through=True)

    def review(self) -> Iterator[Link]:
        """Yield every pair of rows about whose units a person must decide."""
        for (first, second), probability in self.questions.items():
            rows = product(self.units[first][:LISTED_ROWS], self.units[second][:LISTED_ROWS])
            for pair in (compare_profiles(one, other, self.scorer) for one, other in rows):
                found = pair.objections
                if (pair.one.key, pair.other.key) in self._withdrawn:
                    found = (*found, Objection.BETWEEN_TWO_PEOPLE)
                yield Link(
                    replace(pair, band=Band.REVIEW, objections=found),
                    max(pair.probability, probability if pair.band is Band.DIFFERENT else 0.0),
                    through=pair.band is Band.DIFFERENT,
                )
