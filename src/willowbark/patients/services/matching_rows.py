"""
What matching reads and writes in the database, set by set: a fixed number of statements however many rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from willowbark.patients.core.matching import Frequencies, NumberIndex, Profile, identifier_key
from willowbark.patients.selectors.details import fetched

_SHARING = """
SELECT wanted.key, found.patient_id
FROM unnest(%s::text[]) AS wanted (key)
CROSS JOIN LATERAL (SELECT m.patient_id FROM patients_matchkey m WHERE m.key = wanted.key LIMIT %s) AS found
"""
_NAMES = """
SELECT family, given, count(*) FROM patients_patient WHERE family = ANY (%s) OR given = ANY (%s)
GROUP BY GROUPING SETS ((family), (given))
"""
_BIRTH_DATES = """
SELECT birth_date, count(*) FROM patients_patient WHERE birth_date = ANY (%s::date[]) GROUP BY birth_date
"""
_PLACES = """
SELECT city, postal_code, state, count(*) FROM patients_address
WHERE city = ANY (%s) OR postal_code = ANY (%s) OR state = ANY (%s)
GROUP BY GROUPING SETS ((city), (postal_code), (state))
"""


def sharing_keys(keys: Iterable[str], *, largest: int) -> dict[str, list[UUID]]:
    """
    Return who holds each key, `largest + 1` of them at most; one statement.

    A list longer than `largest` is of a key that brings nobody together.
    """
    holders: dict[str, list[UUID]] = {}
    for key, patient_id in fetched(_SHARING, sorted(set(keys)), largest + 1):
        holders.setdefault(key, []).append(patient_id)
    return holders


def commonness(
    profiles: Sequence[Profile], holders: Mapping[str, Sequence[UUID]], index: NumberIndex
) -> Frequencies:
    """
    Count how common the values of these profiles are among all patients; four statements, two of them scans.

    How common an identifier, a telephone number or an e-mail address is comes from the `holders` of its key;
    `index` is what the keys of numbers were made with.
    """
    people = [profile.person for profile in profiles]
    counts = {
        "name": _counted_names(profiles),
        "birth": {
            day.strftime("%Y%m%d"): number
            for day, number in fetched(
                _BIRTH_DATES, [p.birth_date for p in people if len(p.birth_date) == 10]
            )
        },
        "identifier": _counted_numbers(profiles, holders, index),
        "phone": {key[2:]: len(rows) for key, rows in holders.items() if key.startswith("t:")},
        "email": {key[2:]: len(rows) for key, rows in holders.items() if key.startswith("e:")},
    }
    columns = ("city", "postal_code", "state")
    found: list[dict[str, int]] = [{}, {}, {}]
    for *values, number in fetched(
        _PLACES, *(sorted({getattr(each, name) for each in people}) for name in columns)
    ):
        for place, value in enumerate(values):
            if value is not None:
                found[place][value] = number
    for name, numbers in zip(columns, found, strict=True):
        spellings = {(getattr(each.person, name), getattr(each, name)) for each in profiles}
        counts[name] = _added_up(spellings, numbers)
    ((rows,),) = fetched("SELECT count(*) FROM patients_patient")
    return Frequencies(max(rows, 1), counts)


def _counted_numbers(
    profiles: Sequence[Profile], holders: Mapping[str, Sequence[UUID]], index: NumberIndex
) -> dict[str, int]:
    """Count who holds each number, of the system in which most do; no statement."""
    counts: dict[str, int] = {}
    for profile in profiles:
        for system, values in profile.identifiers.items():
            for value in values:
                number = len(holders.get(identifier_key(system, value, index), ()))
                counts[value] = max(counts.get(value, 0), number)
    return counts


def _counted_names(profiles: Sequence[Profile]) -> dict[str, int]:
    """Count names, given and family together, since either may stand in the other's place; one statement."""
    families = {(profile.person.family, profile.family) for profile in profiles}
    givens = {(profile.person.given, profile.given) for profile in profiles}
    by_family: dict[str, int] = {}
    by_given: dict[str, int] = {}
    wanted = [sorted({spelling for spelling, _ in pairs}) for pairs in (families, givens)]
    for family, given, number in fetched(_NAMES, *wanted):
        if given is None:
            by_family[family] = number
        else:
            by_given[given] = number
    counts = _added_up(families, by_family)
    for value, number in _added_up(givens, by_given).items():
        counts[value] = counts.get(value, 0) + number
    return counts


def _added_up(spellings: Iterable[tuple[str, str]], found: Mapping[str, int]) -> dict[str, int]:
    """Return how often each normalised value was found under any of its spellings (as given, normalised)."""
    counts: dict[str, int] = {}
    for spelling, value in spellings:
        if value and spelling in found:
            counts[value] = counts.get(value, 0) + found[spelling]
    return counts
