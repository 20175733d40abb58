"""Situations in which two people are taken for one, and situations in which one person is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from willowbark.patients.core.matching import (
    Band,
    Comparison,
    Objection,
    Person,
    compare_profiles,
    profile_of,
)
from willowbark.patients.tests.matching.people import scorer

ANNA = Person(
    key="a",
    given="Anna",
    family="Featherstonehaugh",
    birth_date="1961-07-14",
    sex="female",
    lines=("12 Acacia Street", "The Willows"),
    city="Glenwood",
    postal_code="2211",
    state="NSW",
    phones=("02 9555 1234",),
    identifiers={"national": ("321549876",)},
)
UNNUMBERED = replace(ANNA, identifiers={})
NEARLY = {"national": ("321549867",)}
OTHER_NUMBER = {"national": ("777001234",)}
AWAY: dict[str, Any] = {
    "lines": ("7 Elm Road",),
    "city": "Ashfield",
    "postal_code": "3999",
    "state": "VIC",
    "phones": (),
}


def compared(one: Person, **changes: Any) -> Comparison:
    other = replace(one, key="b", **changes)
    return compare_profiles(profile_of(one), profile_of(other), scorer())


@pytest.mark.parametrize(
    "changes",
    [
        {"given": "Hanna"},
        {"given": "Beatrice"},
        {"given": "Anne"},
        {"given": "A"},
        {"given": "Anna Maria"},
        {"given": ""},
        {"given": "Baby Girl"},
        {"given": "Beatrice", "sex": "male"},
        {"given": "Anna", "sex": "male"},
        {"given": "Featherstonehaugh", "family": "Hanna"},
    ],
    ids=str,
)
@pytest.mark.parametrize("whose", [ANNA, UNNUMBERED], ids=["sequential numbers", "no numbers"])
def test_twins_are_never_sure(whose, changes):
    numbers = {"national": ("321549877",)} if whose is ANNA else {}

    assert compared(whose, identifiers=numbers, **changes).band is not Band.SURE


@pytest.mark.parametrize("given", ["Beatrice", "Jane", "William"])
def test_twins_who_hold_one_number_by_mistake_are_for_a_person_to_decide(given):
    found = compared(ANNA, given=given)

    assert found.band is Band.REVIEW
    assert Objection.GIVEN_NAMES_DIFFER in found.objections


@pytest.mark.parametrize("number", [{}, NEARLY, OTHER_NUMBER], ids=str)
@pytest.mark.parametrize("born", ["1991-07-14", "1990-02-03", "1971-07-14", "1961", ""])
def test_a_parent_and_a_child_of_one_name_are_never_sure(number, born):
    assert compared(ANNA, birth_date=born, identifiers=number).band is not Band.SURE


def test_a_child_on_whom_the_parents_number_was_put_is_not_sure():
    assert compared(ANNA, birth_date="1990-02-03").band is Band.REVIEW


def test_junior_and_senior_are_two_people():
    found = compared(replace(ANNA, family="Smith Sr."), family="Smith Jr.")

    assert found.band is Band.REVIEW
    assert Objection.GENERATIONS_DIFFER in found.objections


@pytest.mark.parametrize(
    "changes",
    [
        {"birth_date": "1973-11-22"},
        {"birth_date": "1961-11-14"},
        {"birth_date": "1962"},
        {"identifiers": OTHER_NUMBER},
        {"identifiers": NEARLY, "given": "Anne"},
        {"identifiers": NEARLY, "birth_date": "1961-07-15"},
        {"given": "Beatrice"},
        {"sex": "male", "family": "Smith"},
        {"given": "", "family": ""},
        {"given": "", "birth_date": ""},
    ],
    ids=str,
)
def test_what_speaks_against_it_is_for_a_person_to_decide(changes):
    found = compared(ANNA, **changes)

    assert found.band is Band.REVIEW
    assert found.objections


def test_a_number_alone_is_never_enough_but_a_person_looks():
    found = compared(ANNA, given="Zoe", family="Nguyen", birth_date="1999-01-05", sex="male", **AWAY)

    assert found.band is Band.REVIEW
    assert found.probability < 0.03


@pytest.mark.parametrize("population", [100, 5_000, 100_000])
def test_name_and_birth_date_alone_are_never_enough(population):
    one = replace(UNNUMBERED, given="Maria", family="Garcia")
    other = replace(one, key="b", **AWAY)

    assert compare_profiles(profile_of(one), profile_of(other), scorer(population)).band is not Band.SURE


@pytest.mark.parametrize("changes", [{"birth_date": ""}, {"family": "Nguyen"}, {"given": "Ana"}], ids=str)
def test_without_a_number_everything_that_tells_people_apart_must_agree(changes):
    assert compared(UNNUMBERED, **changes).band is Band.REVIEW


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"given": "ANNA", "family": "Fetherstonehaugh"},
        {"birth_date": "1961-07-15"},
        {"birth_date": "1961-14-07"},
        {"given": "Featherstonehaugh", "family": "Anna"},
        {"lines": ("The Willows", "12 Acacia St")},
        {"lines": ("7 Elm Road",), "city": "Ashfield", "postal_code": "3999"},
        {"phones": ()},
        {"sex": "", "city": ""},
    ],
    ids=str,
)
def test_one_person_written_down_twice_is_sure_even_without_a_number(changes):
    found = compared(UNNUMBERED, **changes)

    assert (found.band, found.objections) == (Band.SURE, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"given": "Ana"},
        {"family": "Nguyen"},
        {"identifiers": NEARLY},
        {"birth_date": ""},
        {"given": "", "phones": ()},
        AWAY,
        {"birth_date": "1981-07-14"},
        {"given": "Hanna", "birth_date": "1961-07-41"},
    ],
    ids=str,
)
def test_one_person_written_down_twice_is_sure_with_a_number(changes):
    assert compared(ANNA, **changes).band is Band.SURE


def test_strangers_of_one_town_and_birth_date_are_left_alone():
    found = compared(UNNUMBERED, given="Zoe", family="Nguyen", lines=("7 Elm Road",), phones=())

    assert found.band is Band.DIFFERENT


def test_two_numbers_that_others_hold_too_are_no_slip_of_one():
    known = scorer(5000, identifier={"321549876": 2, "321549867": 2})
    one, other = profile_of(ANNA), profile_of(replace(ANNA, key="b", identifiers=NEARLY))

    assert compare_profiles(one, other, known).objections == (Objection.NATIONAL_IDENTIFIERS_DIFFER,)
    assert compare_profiles(one, other, scorer()).objections == ()


def test_a_number_that_many_hold_is_no_number():
    common = scorer(5000, identifier={"321549876": 40})
    one, other = profile_of(ANNA), profile_of(replace(ANNA, key="b", given="Beatrice"))

    assert compare_profiles(one, other, common).score.level("national") == ""
