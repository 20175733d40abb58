from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.names import plain
from willowbark.patients.core.query import MAX_WORDS, parse_query


@given(st.text(max_size=300))
def test_whatever_is_typed_is_taken_apart_and_never_crashes_the_search(text):
    query = parse_query(text)

    assert len(query.words) <= MAX_WORDS
    assert len(query.numbers) <= MAX_WORDS
    assert len(query.birth_dates) <= 2 * MAX_WORDS
    assert all(word == plain(word) and " " not in word and word for word in query.words)
    assert not any("\0" in part for part in (*query.words, *query.numbers))


@given(st.dates())
def test_a_date_in_the_order_of_the_record_means_that_day_alone(day):
    assert parse_query(day.isoformat()).birth_dates == (day,)


@given(st.dates(), st.sampled_from("./"))
def test_a_date_typed_day_first_or_month_first_finds_the_person_either_way(day, separator):
    for first, second in ((day.day, day.month), (day.month, day.day)):
        typed = f"{first}{separator}{second}{separator}{day.year:04}"
        found = parse_query(typed).birth_dates
        assert day in found
        assert set(found) <= {day, _swapped(day)}


def _swapped(day: date) -> date:
    try:
        return date(day.year, day.day, day.month)
    except ValueError:
        return day


@pytest.mark.parametrize(
    ("typed", "words", "dates", "numbers"),
    [
        ("smi jo", ("smi", "jo"), (), ()),
        ("O'Brien", ("obrien",), (), ()),
        ("Núñez-Smith", ("nunez", "smith"), (), ()),
        ("smith 1980-05-17", ("smith",), (date(1980, 5, 17),), ()),
        ("3/4/1980", (), (date(1980, 3, 4), date(1980, 4, 3)), ()),
        ("31.12.1980", (), (date(1980, 12, 31),), ()),
        ("4/4/1980", (), (date(1980, 4, 4),), ()),
        ("99/99/1980", (), (), ("99/99/1980",)),
        ("MRN-100_%", (), (), ("MRN-100_%",)),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f"), (), ()),
        ("'", (), (), ()),
        ("\0smith\0", ("smith",), (), ()),
    ],
)
def test_what_people_type(typed, words, dates, numbers):
    query = parse_query(typed)

    assert (query.words, query.birth_dates, query.numbers) == (words, dates, numbers)


def test_nothing_to_search_by_is_told_apart_from_something():
    assert parse_query("").is_empty
    assert parse_query(" - ").is_empty
    assert not parse_query("a").is_empty


@pytest.mark.parametrize(
    ("typed", "words", "numbers"),
    [
        ("219 09 9999", (), ("219099999",)),
        ("shaw 555 0199", ("shaw",), ("5550199",)),
        ("219-09-9999", (), ("219-09-9999",)),
        ("MRN-7 219", (), ("MRN-7", "219")),
        ("12 shaw 34", ("shaw",), ("12", "34")),
    ],
)
def test_digits_with_blanks_between_them_are_one_number(typed, words, numbers):
    found = parse_query(typed)
    assert (found.words, found.numbers) == (words, numbers)
