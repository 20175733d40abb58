"""
What forbids "sure", however high the probability: the situations in which wrong merges are made.

A wrong merge mixes two people's medicines; a missed one costs somebody a minute. So a pair is only sure when
nothing that tells people of one household apart (given name, birth date, sex, national identifier) speaks
against it, and when the agreement does not rest on name and birth date alone: of 2,488 patients named Maria
Garcia in the Harris County Hospital District, 231 shared their birth date with another (Houston Business
Journal, 16 September 2011).
"""

from __future__ import annotations

from enum import StrEnum

from willowbark.patients.core.matching.levels import generation_conflict
from willowbark.patients.core.matching.parameters import FIELDS
from willowbark.patients.core.matching.profile import Profile
from willowbark.patients.core.matching.score import Score

_NEARLY_SAME_DATE = ("exact", "swapped", "typo")


class Objection(StrEnum):
    """A reason why a person must look; the value is stable and public."""

    BIRTH_DATES_DIFFER = "birth_dates_differ"
    A_GENERATION_APART = "a_generation_apart"
    GIVEN_NAMES_DIFFER = "given_names_differ"
    GIVEN_NAMES_ONLY_ALIKE = "given_names_only_alike"
    FAMILY_NAMES_DIFFER = "family_names_differ"
    SEX_DIFFERS = "sex_differs"
    NATIONAL_IDENTIFIERS_DIFFER = "national_identifiers_differ"
    NATIONAL_IDENTIFIER_NEARLY = "national_identifier_nearly"
    GENERATIONS_DIFFER = "generations_differ"
    NO_BIRTH_DATE = "no_birth_date"
    NOT_NAMED = "not_named"
    NAME_AND_DATE_ALONE = "name_and_date_alone"
    IDENTIFIER_ALONE = "identifier_alone"
    BETWEEN_TWO_PEOPLE = "between_two_people"


# With one of these, two rows are not merely unproven but speak against each other.
CONTRADICTIONS = frozenset(
    {
        Objection.BIRTH_DATES_DIFFER,
        Objection.A_GENERATION_APART,
        Objection.GIVEN_NAMES_DIFFER,
        Objection.SEX_DIFFERS,
        Objection.NATIONAL_IDENTIFIERS_DIFFER,
        Objection.GENERATIONS_DIFFER,
    }
)

WORDS: dict[Objection, str] = {
    Objection.BIRTH_DATES_DIFFER: "The birth dates are different.",
    Objection.A_GENERATION_APART: (
        "The birth dates look alike but lie ten years or more apart, like a parent's and a child's."
    ),
    Objection.GIVEN_NAMES_DIFFER: "The given names are different, as those of twins are.",
    Objection.GIVEN_NAMES_ONLY_ALIKE: (
        "The given names are only alike, and no national identifier settles it."
    ),
    Objection.FAMILY_NAMES_DIFFER: "The family names are different, and not everything else agrees.",
    Objection.SEX_DIFFERS: "One is recorded as female and one as male.",
    Objection.NATIONAL_IDENTIFIERS_DIFFER: "The national identifiers are different.",
    Objection.NATIONAL_IDENTIFIER_NEARLY: (
        "The national identifiers nearly agree, but not everything else does."
    ),
    Objection.GENERATIONS_DIFFER: "One name says a different generation (Jr, Sr, II, III) than the other.",
    Objection.NO_BIRTH_DATE: "There is neither a birth date nor a national identifier to go by.",
    Objection.NOT_NAMED: "A name is missing, and no national identifier settles it.",
    Objection.NAME_AND_DATE_ALONE: "Only name and birth date agree; two people can share both.",
    Objection.IDENTIFIER_ALONE: "Hardly anything but the identifier agrees.",
    Objection.BETWEEN_TWO_PEOPLE: "It fits two people who are not each other.",
}


def objections(one: Profile, other: Profile, score: Score) -> tuple[Objection, ...]:
    """
    Return every reason why this pair may not be called sure, in a fixed order; none means probability
    decides.
    """
    given, family, birth = score.level("given"), score.level("family"), score.level("birth")
    if score.names_swapped:
        # Which of the two is the given name is not known, so the one that agrees less counts as that.
        given = family = max(given, family, key=FIELDS["given"].index)
    national = score.level("national")
    settled = national == "exact"
    found = []
    if birth in ("different", "near"):
        found.append(Objection.BIRTH_DATES_DIFFER)
    if birth == "generation" and not settled:
        found.append(Objection.A_GENERATION_APART)
    if given == "different":
        found.append(Objection.GIVEN_NAMES_DIFFER)
    if generation_conflict(one, other):
        found.append(Objection.GENERATIONS_DIFFER)
    if national in ("different", "mixed"):
        found.append(Objection.NATIONAL_IDENTIFIERS_DIFFER)
    same_birth = birth == "exact"
    if national == "typo" and not (given == "exact" and same_birth and family in ("exact", "typo")):
        found.append(Objection.NATIONAL_IDENTIFIER_NEARLY)
    if score.level("sex") == "different" and not (settled and given == family == "exact" and same_birth):
        found.append(Objection.SEX_DIFFERS)
    if family == "different" and not (settled and same_birth and given in ("exact", "nickname", "typo")):
        found.append(Objection.FAMILY_NAMES_DIFFER)
    if settled:
        if sum((bool(given), bool(family), birth in (*_NEARLY_SAME_DATE, "generation"))) < 2:
            found.append(Objection.IDENTIFIER_ALONE)
    else:
        found += _without_identifier(given, family, birth, score)
    return tuple(found)


def _without_identifier(given: str, family: str, birth: str, score: Score) -> list[Objection]:
    """Return what is missing for "sure" where no national identifier agrees."""
    found = []
    if birth not in (*_NEARLY_SAME_DATE, "different", "near", "generation"):
        found.append(Objection.NO_BIRTH_DATE)
    if not given or not family:
        found.append(Objection.NOT_NAMED)
    elif given not in ("exact", "nickname", "different"):
        found.append(Objection.GIVEN_NAMES_ONLY_ALIKE)
    corroborating = ("street", "place", "city", "postal_code", "phone", "email")
    if not any(weight.stranger > 1 for name, weight in score.weights.items() if name in corroborating):
        found.append(Objection.NAME_AND_DATE_ALONE)
    return found


def must_ask(score: Score) -> bool:
    """Say whether a person must look, however unlikely it is: two rows hold one national identifier."""
    return score.level("national") in ("exact", "mixed")


def nothing_to_ask(score: Score) -> bool:
    """
    Say whether a person need not look: both names differ, and neither an identifier, a telephone number, an
    e-mail address nor the house they live in connects the two. A shared birth date and town then are a
    coincidence.
    """
    if not score.level("given") == score.level("family") == "different":
        return False
    if any(
        score.level(name) in ("exact", "mixed", "typo")
        for name in ("national", "identifier", "phone", "email")
    ):
        return False
    house = any(score.level(name) in ("exact", "typo") for name in ("street", "place"))
    return not (house and score.level("number") != "different")


def contradicts(found: tuple[Objection, ...]) -> bool:
    """Say whether two rows speak against each other, so that no third row can make them one person."""
    return not CONTRADICTIONS.isdisjoint(found)
