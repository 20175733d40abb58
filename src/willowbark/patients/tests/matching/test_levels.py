from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.matching.levels import (
    birth_level,
    family_level,
    given_level,
    line_level,
    national_level,
    one_off,
    other_identifier_level,
    place_level,
    postal_level,
)
from willowbark.patients.core.matching.normalise import split_name

words = st.sampled_from(
    ["", "anna", "hanna", "ann", "smith", "smyth", "a", "christopher", "chrstopher"]
) | st.text(alphabet="abcdeéß王", max_size=7)


def compared_given(one: str, other: str) -> str:
    mine, theirs = split_name(one)[0], split_name(other)[0]
    return given_level("".join(mine), mine, "".join(theirs), theirs)


def compared_family(one: str, other: str) -> str:
    mine, theirs = split_name(one)[0], split_name(other)[0]
    return family_level("".join(mine), mine, "".join(theirs), theirs)


@given(words, words)
def test_comparing_names_is_symmetric(one, other):
    assert compared_given(one, other) == compared_given(other, one)
    assert compared_family(one, other) == compared_family(other, one)
    assert place_level(one, other) == place_level(other, one)
    assert line_level(one, one, other, other) == line_level(other, other, one, one)


dates = st.sampled_from(["", "1961", "196107", "19610714", "19611407", "19231164"]) | st.from_regex(
    r"(19|20)[0-9]{2}([0-9]{2}){0,2}", fullmatch=True
)


@given(dates, dates)
def test_comparing_dates_is_symmetric_and_never_calls_a_missing_one_different(one, other):
    assert birth_level(one, other) == birth_level(other, one)
    assert bool(birth_level(one, other)) == bool(one and other)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Anna", "ANNA", "exact"),
        ("Jac ob", "Jacob", "exact"),
        ("Bill", "William", "nickname"),
        ("Liz", "Elizabeth", "nickname"),
        ("Jayedn", "Jayden", "typo"),
        ("Hanna", "Anna", "typo"),
        ("Christine", "Christina", "typo"),
        ("Tim", "Tom", "similar"),
        ("J", "James", "initial"),
        ("J", "Anna", "different"),
        ("Mary Ann", "Mary", "part"),
        ("Anna", "Beatrice", "different"),
        ("Anna", "", ""),
        ("Unknown", "Anna", ""),
    ],
)
def test_given_names(one, other, level):
    assert compared_given(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("O'Brien", "OBRIEN", "exact"),
        ("Hathaway", "Hathaay", "typo"),
        ("Featherstonehaugh", "Fetherstonhaugh", "typo"),
        ("Smith", "Smith-Jones", "part"),
        ("Schmidt", "Schmitt", "typo"),
        ("Philips", "Fillips", "similar"),
        ("Smith", "Nguyen", "different"),
        ("", "Nguyen", ""),
    ],
)
def test_family_names(one, other, level):
    assert compared_family(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19610714", "19610714", "exact"),
        ("19610203", "19610302", "swapped"),
        ("19610714", "19610715", "typo"),
        ("19610714", "19611714", "typo"),
        ("19610714", "19160714", "generation"),
        ("19610714", "19910714", "generation"),
        ("19610714", "19600714", "typo"),
        ("19610714", "19611114", "near"),
        ("19610714", "19731122", "different"),
        ("1961", "19610714", "year"),
        ("1962", "19610714", "different"),
        ("196107", "19610714", "month"),
        ("196107", "1961", "year"),
        ("1961", "1961", "year"),
        ("19231164", "19231114", "typo"),
        ("", "19610714", ""),
    ],
)
def test_birth_dates(one, other, level):
    assert birth_level(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("acacia", "acaciastreet"), ("acacia", "acaciaroad"), "exact"),
        (("dixondrive", "dixondrive"), ("dixon", "dixondrive"), "exact"),
        (("mcmillan", "mcmillancrescent"), ("mcmillanctescent", "mcmillanctescent"), "typo"),
        (("forbes", "forbesstreet"), ("warrambool", "warramboolclose"), "different"),
        (("", ""), ("forbes", "forbesstreet"), ""),
    ],
)
def test_address_lines(one, other, level):
    assert line_level(*one, *other) == level


def test_postcodes_one_digit_off_are_a_slip():
    assert postal_level("2602", "2620") == "typo"
    assert postal_level("2602", "3502") == "different"
    assert postal_level("", "3502") == ""


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"ssn": "321549876"}, {"ssn": "321549876"}, "exact"),
        ({"ssn": "321549876"}, {"ssn": "321549867"}, "typo"),
        ({"ssn": "321549876"}, {"ssn": "777001234"}, "different"),
        ({"ssn": "321549876", "nhs": "1"}, {"ssn": "321549876", "nhs": "2"}, "mixed"),
        ({"ssn": "321549876"}, {"nhs": "321549876"}, ""),
        ({"mrn": "321549876"}, {"mrn": "321549876"}, ""),
        ({}, {"ssn": "321549876"}, ""),
    ],
)
def test_national_identifiers(one, other, level):
    mine, theirs = ({key: frozenset([value]) for key, value in each.items()} for each in (one, other))
    assert national_level(mine, theirs, frozenset({"ssn", "nhs"})) == level


def test_other_identifiers_agree_when_any_does():
    mine = {"mrn": frozenset("1"), "licence": frozenset("2"), "ssn": frozenset("3")}
    theirs = {"mrn": frozenset("9"), "licence": frozenset("2"), "ssn": frozenset("8")}

    assert other_identifier_level(mine, theirs, frozenset({"ssn"})) == "exact"
    assert (
        other_identifier_level({"mrn": frozenset("1")}, {"mrn": frozenset("9")}, frozenset()) == "different"
    )
    assert other_identifier_level({"mrn": frozenset("1")}, {"licence": frozenset("1")}, frozenset()) == ""


def test_short_codes_are_never_nearly_the_same():
    assert not one_off("12345", "12346")
    assert one_off("123456", "123465")
