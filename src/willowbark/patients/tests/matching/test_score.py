from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.matching import Band, Person, Profile, compare_profiles, evidence, profile_of
from willowbark.patients.tests.matching.people import persons, scorer

# Each field of a person: what "not known" is, and what is then not weighed.
SILENCE: dict[str, tuple[Any, set[str]]] = {
    "given": ("", {"given"}),
    "family": ("", {"family"}),
    "birth_date": ("", {"birth"}),
    "sex": ("", {"sex"}),
    "house_number": ("", {"number"}),
    "lines": ((), {"street", "place"}),
    "city": ("", {"city"}),
    "postal_code": ("", {"postal_code"}),
    "state": ("", {"state"}),
    "phones": ((), {"phone"}),
    "emails": ((), {"email"}),
    "identifiers": ({}, {"national", "identifier"}),
}
COMMON = scorer(5000, name={"smith": 400, "anna": 300}, city={"glenwood": 4900}, postal_code={"2211": 4900})
EXAMPLE = Person(
    key="",
    given="Anna",
    family="Featherstonehaugh",
    birth_date="1961-07-14",
    house_number="12",
    lines=("Acacia Street", "The Willows"),
    city="Glenwood",
    postal_code="2211",
)


def two(one, other) -> tuple[Profile, Profile]:
    return profile_of(replace(one, key="a")), profile_of(replace(other, key="b"))


@given(persons, persons)
def test_comparing_is_symmetric(one, other):
    first, second = two(one, other)

    assert COMMON.score(first, second) == COMMON.score(second, first)
    assert compare_profiles(first, second, COMMON) == compare_profiles(second, first, COMMON)


@given(persons, persons, st.sampled_from(sorted(SILENCE)), st.booleans())
def test_what_is_missing_on_either_side_is_no_evidence(one, other, name, on_the_other_side):
    empty, fields = SILENCE[name]
    silent, speaking = (other, one) if on_the_other_side else (one, other)
    if name == "house_number":
        silent = replace(silent, lines=())

    weights = COMMON.score(*two(replace(silent, **{name: empty}), speaking)).weights

    assert weights.keys().isdisjoint(fields)


@given(persons, persons, st.sampled_from(sorted(SILENCE)))
def test_agreement_never_lowers_the_probability(one, other, name):
    """From not known on one side to agreeing in full, whatever else is or is not known."""
    empty, _ = SILENCE[name]
    if name == "house_number":
        one = replace(one, lines=())

    before = COMMON.score(*two(replace(one, **{name: empty}), other))
    after = COMMON.score(*two(replace(one, **{name: getattr(other, name)}), other))

    assert after.probability >= before.probability - 1e-12


@given(persons, persons)
def test_the_evidence_adds_up_to_the_odds(one, other):
    comparison = compare_profiles(*two(one, other), COMMON)
    lines = evidence(comparison)

    assert sum(line.weight for line in lines) == pytest.approx(
        comparison.score.bits, abs=0.01 * len(lines) + 0.2
    )
    assert all(line.words for line in lines)


def test_agreeing_on_a_rare_name_says_more_than_on_a_common_one():
    weights = []
    for family in ("Smith", "Featherstonehaugh"):
        person = replace(EXAMPLE, family=family)
        weights.append(COMMON.score(*two(person, person)).weights["family"])

    assert weights[1].stranger > weights[0].stranger + 3


def test_where_everybody_lives_says_nothing():
    score = COMMON.score(*two(EXAMPLE, EXAMPLE))

    assert score.weights["city"].stranger < 0.5
    assert score.weights["postal_code"].stranger < 0.5


def test_living_together_is_weighed_against_being_the_same():
    twin = replace(EXAMPLE, given="Beatrice")
    alone = COMMON.score(*two(EXAMPLE, twin))

    assert alone.household < -10
    assert 0.05 < alone.probability < 0.95


def test_the_chance_is_smaller_among_more_people():
    few, many = scorer(100).score(*two(EXAMPLE, EXAMPLE)), scorer(100_000).score(*two(EXAMPLE, EXAMPLE))

    assert few.prior > many.prior
    assert compare_profiles(*two(EXAMPLE, EXAMPLE), scorer(100_000)).band is Band.SURE


def test_swapped_names_and_address_lines_are_recognised():
    swapped = replace(EXAMPLE, given=EXAMPLE.family, family=EXAMPLE.given, lines=EXAMPLE.lines[::-1])
    score = COMMON.score(*two(EXAMPLE, swapped))

    assert score.names_swapped
    assert score.lines_swapped
    assert (score.level("given"), score.level("family"), score.level("street")) == ("exact", "exact", "exact")
    assert "swapped" in str(evidence(compare_profiles(*two(EXAMPLE, swapped), COMMON)))
