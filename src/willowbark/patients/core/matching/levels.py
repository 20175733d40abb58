"""
How far two values agree, field by field: '' when either is not known, which is no evidence at all.

Every comparison is symmetric. Distances are those of Damerau (an insertion, deletion, substitution or
transposition of neighbours counts one) and Jaro-Winkler, from rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from willowbark.patients.core.matching.nicknames import same_by_nickname
from willowbark.patients.core.matching.phonetics import sound
from willowbark.patients.core.matching.profile import Profile

# A date differing by one digit in the year by this much or more is as likely a parent and a child.
GENERATION_YEARS = 10


@lru_cache(maxsize=262144)
def _spelling(one: str, other: str) -> str:
    """
    Compare two different spellings without spaces: `typo`, `similar` or `different`. Arguments in order.
    """
    longest = max(len(one), len(other))
    if longest - min(len(one), len(other)) <= 2:
        edits = OSA.distance(one, other, score_cutoff=2)
        if (edits == 1 and longest >= 4) or (edits == 2 and longest >= 8):
            return "typo"
        if edits == 1 or (edits == 2 and longest >= 5):
            return "similar"
    likeness = JaroWinkler.similarity(one, other)
    if likeness >= 0.88 or (likeness >= 0.7 and longest >= 4 and sound(one) == sound(other)):
        return "similar"
    return "different"


def spelling(one: str, other: str) -> str:
    """Compare two words without spaces: `exact`, `typo`, `similar`, `different`, or ''."""
    if not one or not other:
        return ""
    if one == other:
        return "exact"
    return _spelling(one, other) if one < other else _spelling(other, one)


def _part_of(one: Collection[str], other: Collection[str]) -> bool:
    """Say whether all words of the shorter name are among those of the longer (`Smith` in `Smith-Jones`)."""
    short, long = sorted((frozenset(one), frozenset(other)), key=len)
    return len(short) < len(long) and short <= long and any(len(word) > 2 for word in short)


def given_level(one: str, one_words: tuple[str, ...], other: str, other_words: tuple[str, ...]) -> str:
    """Compare given names: `exact`, `nickname`, `typo`, `part`, `initial`, `similar`, `different`, or ''."""
    level = spelling(one, other)
    if level in ("", "exact"):
        return level
    if same_by_nickname(one_words[0], other_words[0]) and (len(one_words) == 1 or len(other_words) == 1):
        return "nickname"
    if min(len(one), len(other)) == 1:
        return "initial" if one[0] == other[0] else "different"
    if level == "typo":
        return level
    if _part_of(one_words, other_words):
        return "part"
    return level


def family_level(one: str, one_words: tuple[str, ...], other: str, other_words: tuple[str, ...]) -> str:
    """Compare family names: `exact`, `typo`, `part`, `similar`, `different`, or ''."""
    level = spelling(one, other)
    if level in ("similar", "different") and _part_of(one_words, other_words):
        return "part"
    return level


@lru_cache(maxsize=262144)
def _date_level(one: str, other: str) -> str:
    known = min(len(one), len(other))
    if known < 8:
        if one[:known] != other[:known]:
            return "different"
        return "year" if known == 4 else "month"
    year, month, day = one[:4], one[4:6], one[6:]
    if year == other[:4] and (month, day) == (other[6:], other[4:6]):
        return "swapped"
    if OSA.distance(one, other, score_cutoff=1) == 1:
        years = abs(int(year) - int(other[:4]))
        return "generation" if years >= GENERATION_YEARS else "typo"
    agreeing = (year == other[:4]) + (month == other[4:6]) + (day == other[6:])
    return "near" if agreeing == 2 else "different"


def birth_level(one: str, other: str) -> str:
    """
    Compare birth dates given as digits, year first.

    `exact`; `swapped` (day and month); `typo` (one digit off or two neighbours transposed); `generation` (the
    same, but ten years or more apart); `near` (two of year, month and day agree); `month` and `year` (as far
    as both are known they agree); `different`; or ''.
    """
    if not one or not other:
        return ""
    if one == other:
        return {8: "exact", 6: "month", 4: "year"}[len(one)]
    return _date_level(one, other) if one < other else _date_level(other, one)


def same_or_not(one: str, other: str) -> str:
    """Compare codes: `exact`, `different`, or ''."""
    if not one or not other:
        return ""
    return "exact" if one == other else "different"


def one_off(one: str, other: str) -> bool:
    """
    Say whether two codes of six or more characters differ by one character or one transposition of
    neighbours.
    """
    return min(len(one), len(other)) >= 6 and OSA.distance(one, other, score_cutoff=1) == 1


def postal_level(one: str, other: str) -> str:
    """
    Compare postcodes: `exact`, `typo` (one character off, or two neighbours transposed), `different`, or ''.
    """
    if not one or not other:
        return ""
    if one == other:
        return "exact"
    return "typo" if OSA.distance(one, other, score_cutoff=1) == 1 else "different"


@lru_cache(maxsize=262144)
def _line_level(one: str, one_full: str, other: str, other_full: str) -> str:
    name = _spelling(one, other) if one < other else _spelling(other, one)
    if name == "typo":
        return "typo"
    # A slip in the type of street (`dixondrive`) spoils the split, so compare the whole too.
    longest = max(len(one_full), len(other_full))
    allowed = 1 if longest < 8 else 2 if longest < 14 else 3
    if longest >= 5 and OSA.distance(one_full, other_full, score_cutoff=allowed) <= allowed:
        return "typo"
    return "different"


def line_level(one: str, one_full: str, other: str, other_full: str) -> str:
    """Compare address lines by name and as a whole: `exact`, `typo`, `different`, or ''."""
    if not one or not other:
        return ""
    if one == other or one_full == other_full:
        return "exact"
    return _line_level(one, one_full, other, other_full)


def place_level(one: str, other: str) -> str:
    """Compare names of places: `exact`, `typo`, `different`, or ''."""
    level = spelling(one, other)
    return "typo" if level == "similar" else level


def any_shared(one: Collection[str], other: Collection[str]) -> str:
    """
    Compare sets of numbers or addresses: `exact` when they share one, `different`, or '' when either is
    empty.
    """
    if not one or not other:
        return ""
    return "exact" if not frozenset(one).isdisjoint(other) else "different"


def national_level(
    one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]], systems: frozenset[str]
) -> str:
    """
    Compare identifiers of which a person has one for life.

    `exact`; `typo` (one character off); `different`; `mixed` (one agrees and another does not); or ''.
    """
    found = set()
    for system in one.keys() & other.keys() & systems:
        if one[system] & other[system]:
            found.add("exact")
        elif any(one_off(mine, theirs) for mine in one[system] for theirs in other[system]):
            found.add("typo")
        else:
            found.add("different")
    if len(found) == 1:
        return found.pop()
    return "mixed" if "exact" in found else "different" if found else ""


def other_identifier_level(
    one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]], national: frozenset[str]
) -> str:
    """
    Compare the other identifiers (record numbers, licences): `exact` when any is shared, `different`, or ''.
    """
    shared = (one.keys() & other.keys()) - national
    if not shared:
        return ""
    return "exact" if any(one[system] & other[system] for system in shared) else "different"


def generation_conflict(one: Profile, other: Profile) -> bool:
    """Say whether two names carry different generations (`Jr`, `Sr`, `III`)."""
    return bool(one.generation and other.generation and one.generation != other.generation)
