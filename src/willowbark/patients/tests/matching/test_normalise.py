from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.matching.normalise import (
    date_digits,
    email_address,
    fold,
    identifier_value,
    phone_digits,
    postal,
    sex_code,
    split_line,
    split_name,
)

names = st.text(max_size=30) | st.lists(
    st.sampled_from(
        [
            "Mr",
            "Dr.",
            "Don",
            "María",
            "O'Brien",
            "Smith-Jones",
            "Jr.",
            "III",
            "Baby",
            "Girl",
            "of",
            "Twin",
            "B",
            "ǅ",
            "İ",
            "ﬁ",
            "ß",
            "Å",
        ]
    ),
    max_size=5,
).map(" ".join)


@given(names)
def test_folding_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(names)
def test_splitting_a_name_again_changes_nothing(text):
    words, _ = split_name(text)
    assert split_name(" ".join(words))[0] in (words, ())


@pytest.mark.parametrize(
    "function",
    [date_digits, email_address, identifier_value, phone_digits, postal, sex_code],
    ids=lambda f: f.__name__,
)
@given(text=st.text(max_size=20) | st.from_regex(r"[0-9+() -]{4,16}", fullmatch=True))
def test_normalising_is_idempotent(function, text):
    assert function(function(text)) == function(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Mária   NUÑEZ ", "maria nunez"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("Smith-Jones", "smith jones"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("王小明", "王小明"),
        ("Дмитрий", "дмитрии"),
        ("", ""),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words", "generation"),
    [
        ("Mr. John Smith", ("john", "smith"), ""),
        ("Prof. Dr. Ada", ("ada",), ""),
        ("Smith Jr.", ("smith",), "jr"),
        ("Smith III", ("smith",), "iii"),
        ("Senior", ("senior",), ""),
        ("Doctor", ("doctor",), ""),
        ("Baby Boy", (), ""),
        ("Baby of Maria", (), ""),
        ("TWIN B", (), ""),
        ("Unknown", (), ""),
        ("Boy George", ("boy", "george"), ""),
        ("Na Li", ("na", "li"), ""),
    ],
)
def test_names(text, words, generation):
    assert split_name(text) == (words, generation)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1961-07-14", "19610714"),
        ("19610714", "19610714"),
        ("1961-07", "196107"),
        ("1961", "1961"),
        ("1923-11-64", "19231164"),
        ("1900-01-01", ""),
        ("0000-00-00", ""),
        ("14 July 1961", ""),
        ("１９６１", ""),
        ("", ""),
    ],
)
def test_birth_dates(text, digits):
    assert date_digits(text) == digits


@pytest.mark.parametrize(
    ("function", "text", "value"),
    [
        (phone_digits, "+61 2 9555 1234", "295551234"),
        (phone_digits, "(02) 9555-1234", "295551234"),
        (phone_digits, "0000 000 000", ""),
        (phone_digits, "12345", ""),
        (email_address, " Ann@Example.ORG ", "ann@example.org"),
        (email_address, "none", ""),
        (identifier_value, "999-99-9999", ""),
        (identifier_value, "123-45-6789", ""),
        (identifier_value, "unknown", ""),
        (identifier_value, "321-54-9876", "321549876"),
        (identifier_value, "a 12/x", "a12x"),
        (postal, "02169-1234", "2169"),
        (postal, "sw1a 1aa", "sw1a1aa"),
        (sex_code, "Female", "f"),
        (sex_code, "other", ""),
    ],
)
def test_codes(function, text, value):
    assert function(text) == value


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("12 Acacia St.", "12", "acacia street"),
        ("Unit 4 Elm Rd", "4", "elm road"),
        ("St James Ave", "", "st james avenue"),
        ("12 St James St", "12", "st james street"),
        ("12", "", "12"),
        ("3rd Street", "", "3rd street"),
        ("", "", ""),
    ],
)
def test_address_lines(text, number, rest):
    assert split_line(text) == (number, rest)
