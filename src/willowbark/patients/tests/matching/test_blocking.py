from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from willowbark.patients.core.matching import KEY_LENGTH, Person, blocking_keys, profile_of
from willowbark.patients.core.matching.pairing import blocks_of, candidate_pairs
from willowbark.patients.core.matching.phonetics import sound
from willowbark.patients.tests.matching.people import persons
from willowbark.patients.tests.matching.test_rules import ANNA


def keys_of(person: Person) -> set[str]:
    return set(blocking_keys(profile_of(person)))


@given(persons)
def test_keys_are_short_sorted_and_follow_from_the_person_alone(person):
    keys = blocking_keys(profile_of(person))

    assert keys == blocking_keys(profile_of(replace(person, key="another")))
    assert list(keys) == sorted(set(keys))
    assert all(0 < len(key) <= KEY_LENGTH for key in keys)


@given(persons)
def test_swapping_names_or_day_and_month_keeps_a_key(person):
    profile = profile_of(person)
    swapped = replace(person, given=person.family, family=person.given)

    if profile.given and profile.family and profile_of(swapped).given and profile_of(swapped).family:
        assert keys_of(person) & keys_of(swapped)


def test_an_empty_row_has_no_keys():
    assert blocking_keys(profile_of(Person(key="a"))) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"given": "Zoe", "family": "Nguyen"},
        {"birth_date": "", "identifiers": {}, "given": "Ana"},
        {"birth_date": "1999-01-01", "identifiers": {}, "lines": ("7 Elm Road",), "phones": ()},
        {"family": "Nguyen", "identifiers": {}, "lines": (), "phones": ()},
        {"given": "", "family": "", "identifiers": {}, "birth_date": "1961-14-07", "lines": (), "phones": ()},
        {"given": "Zoe", "family": "Nguyen", "birth_date": "", "identifiers": {}, "phones": ()},
        {"given": "Zoe", "family": "Nguyen", "birth_date": "", "identifiers": {}, "lines": ()},
        {"family": "", "birth_date": "", "identifiers": {}, "lines": (), "phones": ()},
    ],
    ids=str,
)
def test_one_agreeing_part_is_enough_to_be_compared(changes):
    assert keys_of(ANNA) & keys_of(replace(ANNA, **changes))


def test_pairs_are_found_once_and_large_blocks_bring_nobody_together():
    profiles = [profile_of(Person(key=str(number), phones=("02 9555 1234",))) for number in range(4)]
    blocks = blocks_of(profiles)

    assert blocks == {"t:295551234": [0, 1, 2, 3]}
    assert list(candidate_pairs(blocks, largest=4)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert list(candidate_pairs(blocks, largest=3)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("smith", "smyth"),
        ("philip", "fillip"),
        ("catherine", "katherine"),
        ("obrien", "obryan"),
        ("wright", "right"),
    ],
)
def test_names_that_sound_alike_share_a_code(one, other):
    assert sound(one) == sound(other)
