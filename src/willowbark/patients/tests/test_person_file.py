from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.patients.core.person_file import Remark, UnreadableFile, read_person_file

HEADER = b"id,given_name,surname,date_of_birth,phone\n"


def dates(*texts: str) -> tuple[list[str], tuple[str, ...]]:
    rows = "".join(f"{number},Ann,Lee,{text},\n" for number, text in enumerate(texts))
    read = read_person_file(HEADER + rows.encode())
    return [person.birth_date for person in read.persons], read.notes


def test_a_febrl_file_with_blanks_after_commas():
    read = read_person_file(
        b"rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state,"
        b" date_of_birth, soc_sec_id\n"
        b"rec-1-org, , waller, 6, tullaroop street, willaroo, st james, 4011, wa, 19081209, 6988048\n"
    )

    (person,) = read.persons
    assert (person.key, person.given, person.family) == ("rec-1-org", "", "waller")
    assert (person.house_number, person.lines) == ("6", ("tullaroop street", "willaroo"))
    assert (person.city, person.postal_code, person.state) == ("st james", "4011", "wa")
    assert (person.birth_date, person.identifiers) == ("1908-12-09", {"national": ("6988048",)})
    assert (read.rejected, read.warnings, read.unused) == ((), (), ())


@pytest.mark.parametrize(
    "header",
    [
        "ID;First Name;Last-Name;DOB;Telephone;E-Mail;Gender;ZIP;Favourite colour",
        "patient_id\tforename\tfamily\tbirth_date\tphone_number\temail\tsex\tpostcode\tfavourite colour",
    ],
)
def test_common_names_of_columns_and_other_delimiters(header):
    delimiter = ";" if ";" in header else "\t"
    row = delimiter.join(["7", "Ann", "Lee", "1961-07-14", "5551234567", "a@b.c", "F", "02169", "blue"])

    read = read_person_file(f"{header}\r\n{row}\r\n".encode())

    (person,) = read.persons
    assert (person.key, person.given, person.family, person.sex) == ("7", "Ann", "Lee", "F")
    assert (person.phones, person.emails, person.postal_code) == (("5551234567",), ("a@b.c",), "02169")
    assert [name.casefold() for name in read.unused] == ["favourite colour"]


@pytest.mark.parametrize(
    ("data", "given_name", "note"),
    [
        (b"\xef\xbb\xbf" + HEADER + "1,Zoë,Lee,,\n".encode(), "Zoë", False),
        (HEADER + "1,Zoë,Lee,,\n".encode("latin-1"), "Zoë", True),
        ((HEADER.decode() + "1,Zoë,Lee,,\n").encode("utf-16"), "Zoë", False),
        (HEADER.replace(b"\n", b"\r") + b"1,Zoe,Lee,,\r", "Zoe", False),
    ],
    ids=["UTF-8 with a mark", "Latin-1", "UTF-16", "old line ends"],
)
def test_encodings(data, given_name, note):
    read = read_person_file(data)

    assert [person.given for person in read.persons] == [given_name]
    assert any("Latin-1" in each for each in read.notes) is note


def test_every_bad_row_is_rejected_with_its_line_and_the_reason_and_the_rest_is_read():
    read = read_person_file(
        HEADER
        + "1,Zoë,Lee,,\n".encode()
        + b"2,Ann,Lee,\n"
        + b"3,Ann,Lee,,,,\n"
        + b"4,A\0nn,Lee,,\n"
        + b"5,Z\xff,Lee,,\n"
        + b"1,Ann,Lee,,\n"
        + b'6,"Ann,Lee,,\n'
        + b"\n"
        + b"7,Ann,Lee,,\n"
    )

    assert [person.key for person in read.persons] == ["1", "7"]
    assert read.rejected == (
        Remark(3, "has 4 values where the header names 5"),
        Remark(4, "has 7 values where the header names 5"),
        Remark(5, "holds a NUL character"),
        Remark(6, "not UTF-8 at byte 4 of the line"),
        Remark(7, "the id '1' came before, on line 2"),
        Remark(8, "a quotation mark is not closed"),
    )


def test_quoted_values_may_hold_delimiters_quotes_and_line_breaks():
    read = read_person_file(HEADER + b'1,"Ann, ""Annie""","Lee\nSmith",,\n2,Bo,Lee,,\n')

    assert [(person.given, person.family) for person in read.persons] == [
        ('Ann, "Annie"', "Lee\nSmith"),
        ("Bo", "Lee"),
    ]
    assert read.lines == {"1": 2, "2": 4}


def test_rows_without_an_id_are_called_by_their_line():
    read = read_person_file(b"given,family\nAnn,Lee\nBo,Lee\n")

    assert [person.key for person in read.persons] == ["line 2", "line 3"]


def test_what_is_left_out_or_empty_is_a_warning():
    read = read_person_file(HEADER + b"1,Ann,Lee,14 July 1961,\n2,,,,\n")

    assert [person.birth_date for person in read.persons] == ["", ""]
    assert read.warnings == (
        Remark(2, "the birth date '14 July 1961' is not understood and was left out"),
        Remark(3, "says nothing about anybody"),
    )


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (
            ["19610714", "1961-07-14", "1961/07/14", "1961-07", "1961"],
            ["1961-07-14"] * 3 + ["1961-07", "1961"],
        ),
        (["14/07/1961", "03.02.1961"], ["1961-07-14", "1961-02-03"]),
        (["07/14/1961", "3-2-1961"], ["1961-07-14", "1961-03-02"]),
        (["1961-07-14T08:00:00Z", "19231164"], ["1961-07-14", "1923-11-64"]),
    ],
)
def test_birth_dates_are_read_as_the_whole_file_tells(texts, read):
    assert dates(*texts) == (read, ())


def test_when_nothing_tells_the_order_of_day_and_month_it_is_said():
    assert dates("03/02/1961") == (
        ["1961-02-03"],
        ("no birth date tells whether day or month comes first; read as day first",),
    )
    both, notes = dates("14/07/1961", "07/14/1961", "03/02/1961")
    assert both == ["1961-07-14", "1961-07-14", "1961-02-03"]
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"colour,shape\nred,round\n", "given or family name"),
        (b"surname,last_name\nLee,Lee\n", "mean the same"),
        (b"\xff\xfea", "UTF-16"),
        (b'{"resourceType": "Bundle"}', "given or family name"),
    ],
)
def test_what_is_no_file_of_people_is_refused_whole(data, why):
    with pytest.raises(UnreadableFile, match=why):
        read_person_file(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_no_row_is_lost(data):
    rows = data.replace(b"\r", b"")
    read = read_person_file(HEADER + rows)

    said = {remark.line for remark in read.rejected} | set(read.lines.values())
    lines = (HEADER + rows).split(b"\n")
    for number, line in enumerate(lines[1:], 2):
        if line.strip() and b'"' not in rows:
            assert number in said or not line.decode("latin-1").strip()
