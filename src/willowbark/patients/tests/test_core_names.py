from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.names import LONGEST_KEY, name_key, plain

text = st.text(max_size=80)
names = st.text(st.characters(categories=["L", "M", "Zs", "Pd"], include_characters="'’"), max_size=60)


@given(text)
def test_a_key_is_stable_so_that_what_is_stored_and_what_is_typed_meet(name):
    assert plain(plain(name)) == plain(name)


@given(text)
def test_a_key_is_words_with_one_space_between_them_and_nothing_that_a_search_could_trip_over(name):
    key = plain(name)

    assert key == " ".join(key.split())
    assert not set(key) & set("%_\\'\"<>\0;")


@given(names)
def test_case_and_how_accents_are_encoded_never_hide_a_person(name):
    key = plain(name)

    assert plain(unicodedata.normalize("NFC", name)) == plain(unicodedata.normalize("NFD", name)) == key
    assert plain(name.upper()) == plain(name.upper().lower())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("O'Brien-Núñez", "obrien nunez"),
        ("O’Brien", "obrien"),
        ("ŁUKASZ", "łukasz"),
        ("Straße", "strasse"),
        ("  von   der\tLeyen ", "von der leyen"),
        ("Sørensen, Jr.", "sørensen jr"),
        ("Ёлкин", "елкин"),
        ("李小龍", "李小龍"),
        ("सिंह", "सिंह"),
        ("ﬁnch", "finch"),
        ("", ""),
        ("---", ""),
    ],
)
def test_names_as_people_type_them(name, key):
    assert plain(name) == key


@given(text, text)
def test_every_word_of_a_name_begins_after_a_space_so_that_any_word_can_be_searched_for(family, given_name):
    key = name_key(family, given_name)

    assert len(key) <= LONGEST_KEY
    assert key.startswith(" ")
    for word in plain(f"{family} {given_name}").split():
        assert f" {word}" in key


def test_the_longest_names_still_make_a_key_that_fits_its_column():
    assert len(name_key("ﷺ" * 200, "ﷺ" * 200)) == LONGEST_KEY
