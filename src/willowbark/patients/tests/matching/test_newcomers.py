from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from willowbark.patients.core.matching import Objection, Settled, profile_of, settle_newcomers
from willowbark.patients.tests.matching.people import persons, scorer
from willowbark.patients.tests.matching.test_rules import ANNA, UNNUMBERED


def settled(newcomers, known, linked=None) -> Settled:
    mine, theirs = [profile_of(each) for each in newcomers], [profile_of(each) for each in known]
    return settle_newcomers(
        mine,
        theirs,
        primary_of=linked or {},
        candidates=[(one.key, other.key) for one in mine for other in (*theirs, *mine)],
        scorer=scorer(),
    )


def test_a_newcomer_is_linked_to_the_row_that_stands_for_the_person():
    known = [ANNA, replace(ANNA, key="b", phones=())]

    found = settled([replace(ANNA, key="c", family="Fetherstonehaugh")], known, {"b": "a"})

    assert found == Settled({"c": "a"}, ())


def test_of_newcomers_who_are_one_person_the_first_stands_for_all():
    found = settled([replace(ANNA, key=key) for key in "cab"], [])

    assert found == Settled({"b": "a", "c": "a"}, ())


def test_a_newcomer_who_is_sure_with_two_known_people_is_linked_to_neither():
    known = [ANNA, replace(ANNA, key="b", phones=())]

    found = settled([replace(ANNA, key="c")], known)

    assert found.links == {}
    assert [(each.newcomer, each.other) for each in found.questions] == [("c", "a"), ("c", "b")]
    assert all(Objection.BETWEEN_TWO_PEOPLE in each.comparison.objections for each in found.questions)


def test_a_newcomer_must_contradict_no_row_of_the_person():
    known = [ANNA, replace(ANNA, key="b", given="")]

    found = settled([replace(ANNA, key="c", given="Beatrice")], known, {"b": "a"})

    assert found.links == {}
    assert [(each.newcomer, each.other) for each in found.questions] == [("c", "a")]


def test_one_contradicting_newcomer_does_not_keep_another_out():
    known = [ANNA, replace(ANNA, key="b", given="")]

    found = settled([replace(ANNA, key="c", given="Beatrice"), replace(ANNA, key="d")], known, {"b": "a"})

    assert found.links == {"d": "a"}


def test_one_question_for_each_person_with_the_likeliest_pair():
    known = [UNNUMBERED, replace(UNNUMBERED, key="b", phones=(), lines=())]

    found = settled([replace(UNNUMBERED, key="c", given="Hanna")], known, {"b": "a"})

    (question,) = found.questions
    assert (question.newcomer, question.other) == ("c", "a")


@settings(deadline=None, max_examples=50)
@given(st.lists(persons, min_size=2, max_size=5))
def test_the_order_changes_nothing_and_links_point_at_rows_that_are_not_linked(people):
    rows = [replace(person, key=str(number)) for number, person in enumerate(people)]
    newcomers, known = rows[1:], rows[:1]

    results = {repr(settled(order, known)) for order in list(permutations(newcomers))[:6]}
    found = settled(newcomers, known)

    assert len(results) == 1
    assert set(found.links).isdisjoint(found.links.values())
    assert set(found.links) <= {row.key for row in newcomers}
