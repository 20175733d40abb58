"""Compare two people: how likely they are one, what band that is, and what speaks for and against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from willowbark.patients.core.matching.frequencies import Frequencies
from willowbark.patients.core.matching.parameters import Parameters, default_parameters
from willowbark.patients.core.matching.person import Person
from willowbark.patients.core.matching.profile import Profile, profile_of
from willowbark.patients.core.matching.rules import Objection, must_ask, nothing_to_ask, objections
from willowbark.patients.core.matching.score import Score, Scorer


class Band(StrEnum):
    """What to do with a pair."""

    SURE = "sure"
    REVIEW = "review"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two profiles, in order of their keys, with their score, the objections to "sure", and the band."""

    one: Profile
    other: Profile
    score: Score
    objections: tuple[Objection, ...]
    band: Band

    @property
    def probability(self) -> float:
        """How likely the two are one person, 0 to 1."""
        return self.score.probability


def compare_profiles(one: Profile, other: Profile, scorer: Scorer) -> Comparison:
    """Compare two prepared people; symmetric."""
    if one.key > other.key:
        one, other = other, one
    score = scorer.score(one, other)
    if not must_ask(score) and (score.probability < scorer.parameters.review or nothing_to_ask(score)):
        return Comparison(one, other, score, (), Band.DIFFERENT)
    found = objections(one, other, score)
    sure = score.probability >= scorer.parameters.sure and not found
    return Comparison(one, other, score, found, Band.SURE if sure else Band.REVIEW)


def compare(
    one: Person, other: Person, *, frequencies: Frequencies, parameters: Parameters | None = None
) -> Comparison:
    """Compare two people of a population whose size and commonest values `frequencies` holds."""
    scorer = Scorer(parameters or default_parameters(), frequencies)
    return compare_profiles(profile_of(one), profile_of(other), scorer)
