from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.patients.core.matching import Objection, Person, as_json, default_parameters, link
from willowbark.patients.tests.matching.invented import World
from willowbark.patients.tests.matching.people import persons
from willowbark.patients.tests.matching.test_rules import ANNA


def keyed(people) -> list[Person]:
    return [replace(person, key=f"{number:03}") for number, person in enumerate(people)]


def summary(result):
    return (
        result.groups,
        [
            as_json(each.comparison, probability=each.probability, through=each.through)
            for each in result.sure
        ],
        [
            as_json(each.comparison, probability=each.probability, through=each.through)
            for each in result.review
        ],
        result.questions,
    )


def pairs(links) -> set[tuple[str, str]]:
    return {(each.comparison.one.key, each.comparison.other.key) for each in links}


@settings(deadline=None, max_examples=50)
@given(st.lists(persons, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(people, shuffler):
    rows = keyed(people)
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)

    assert summary(link(rows)) == summary(link(shuffled))


@settings(deadline=None, max_examples=50)
@given(st.lists(persons, max_size=12))
def test_sure_pairs_are_the_pairs_within_groups_and_review_pairs_lie_between(people):
    result = link(keyed(people))
    group_of = {key: number for number, group in enumerate(result.groups) for key in group}

    assert pairs(result.sure) == {
        (one, other) for group in result.groups for one in group for other in group if one < other
    }
    assert len(group_of) == sum(map(len, result.groups))
    assert pairs(result.sure).isdisjoint(pairs(result.review))
    assert result.questions <= len(result.review)
    assert all(0 <= each.probability <= 1 for each in (*result.sure, *result.review))


def test_a_file_of_nobody():
    assert link([]).groups == ()
    assert link([ANNA]).review == ()
    assert link(keyed([Person(key="")] * 5)).review == ()


def test_two_rows_with_one_key_are_refused():
    with pytest.raises(ValueError, match="'a'"):
        link([ANNA, ANNA])


def test_a_row_joins_through_another():
    middle = replace(ANNA, key="b", lines=("9 Elm Road",), family="Fetherstonehaugh")
    far = replace(middle, key="c", given="Ana", phones=(), city="", postal_code="", birth_date="1961-07-15")

    result = link([ANNA, middle, far])

    assert result.groups == (("a", "b", "c"),)
    assert pairs(result.sure) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_a_row_that_fits_two_people_joins_neither():
    # One number on both twins by mistake, and a row without a given name.
    beatrice, nameless = replace(ANNA, key="b", given="Beatrice"), replace(ANNA, key="c", given="")

    result = link([ANNA, beatrice, nameless])

    assert result.groups == ()
    assert pairs(result.review) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert result.questions == 3
    between = {
        pair.comparison.other.key
        for pair in result.review
        if Objection.BETWEEN_TWO_PEOPLE in pair.comparison.objections
    }
    assert between == {"c"}


def test_a_question_about_a_group_is_one_question():
    again, twin = replace(ANNA, key="b", phones=()), replace(ANNA, key="c", given="Hanna", identifiers={})

    result = link([ANNA, again, twin])

    assert result.groups == (("a", "b"),)
    assert pairs(result.review) == {("a", "c"), ("b", "c")}
    assert result.questions == 1


def test_rows_that_say_the_same_are_one_person_only_when_that_is_evidence():
    vague = Person(key="", given="John", family="Smith")

    assert link(keyed([vague] * 3)).groups == ()
    assert link(keyed([ANNA] * 3)).groups == (("000", "001", "002"),)


def test_thousands_of_copies_of_one_row_are_quick_and_listed_within_bounds():
    result = link(keyed([ANNA] * 3000))

    assert len(result.groups[0]) == 3000
    assert len(result.sure) == 50 * 49 / 2


def test_a_block_too_large_to_compare_is_named():
    limited = replace(default_parameters(), largest_block=5)
    rows = [
        Person(key=str(number), given=f"Xu{number}", family=f"Abc{number}", phones=("0295551234",))
        for number in range(9)
    ]

    result = link(rows, parameters=limited)

    assert result.skipped_blocks == ("t:295551234",)
    assert result.review == ()


def test_progress_ends_at_all():
    seen = []
    people = [made.person for made in World(1).register(originals=50, duplicates=50, most=3)]

    result = link(people, progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (result.compared, result.compared)
