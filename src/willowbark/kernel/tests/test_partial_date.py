from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.kernel.errors import Invalid
from willowbark.kernel.partial_date import PartialDate, Precision, parse_partial_date

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# Hypothesis wants its bounds without an offset.
EARLIEST, LATEST = datetime.min + timedelta(days=1), datetime.max - timedelta(days=1)  # noqa: DTZ901
instants = st.datetimes(EARLIEST, LATEST, timezones=offsets)


@given(st.dates())
def test_a_day_is_read_as_that_day_and_said_again_as_it_was_typed(day):
    read = parse_partial_date(day.isoformat())

    assert (read.day, read.precision, str(read)) == (day, Precision.DAY, day.isoformat())


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_year_or_a_month_is_never_made_more_exact_than_it_is_known(year, month):
    of_year, of_month = parse_partial_date(f"{year:04}"), parse_partial_date(f"{year:04}-{month:02}")

    assert (of_year.day, of_year.precision, str(of_year)) == (date(year, 1, 1), Precision.YEAR, f"{year:04}")
    assert (of_month.day, of_month.precision) == (date(year, month, 1), Precision.MONTH)
    assert str(of_month) == f"{year:04}-{month:02}"


@given(instants)
def test_an_instant_stays_the_same_instant_whatever_offset_it_was_written_in(instant):
    read = parse_partial_date(instant.isoformat())

    assert read.precision is Precision.INSTANT
    assert read.at == instant
    assert read.at.utcoffset() == timedelta(0)


@given(
    st.one_of(
        st.dates().map(str),
        instants.map(datetime.isoformat),
        st.from_regex(r"\d{4}(-\d\d)?\Z", fullmatch=True),
    )
)
def test_what_was_read_is_read_back_equal_from_its_own_words(text):
    try:
        read = parse_partial_date(text)
    except Invalid:
        return
    assert parse_partial_date(str(read)) == read


@given(st.text(max_size=40) | st.text("0123456789-:T.+Z ", max_size=30))
def test_text_that_is_no_date_is_refused_in_words_and_never_crashes_an_import(text):
    try:
        read = parse_partial_date(text)
    except Invalid as error:
        refusal = str(error)
    else:
        refusal = ""
        assert read.at.utcoffset() == timedelta(0)
    assert not refusal or "date" in refusal or "offset" in refusal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "198",
        "19800",
        "1980-5",
        "1980-13",
        "1980-00",
        "1980-02-30",
        "0000",
        "0000-01-01",
        "1980-05-17T",
        "1980-05-17 08:00:00Z",
        "1980-05-17T08:00:00",
        "1980-05-17T25:00:00Z",
        "1980-05-17T08:00:60Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1980-05-17\n",
        "\u0661\u0669\u0668\u0660",
        "1980\0",
    ],
)
def test_an_impossible_or_ambiguous_date_is_refused(text):
    with pytest.raises(Invalid):
        parse_partial_date(text)


def test_a_refusal_quotes_no_more_than_forty_characters_of_what_was_given():
    with pytest.raises(Invalid) as refusal:
        parse_partial_date("9" * 1_000_000)
    assert len(str(refusal.value)) < 200


def test_fractions_finer_than_a_microsecond_do_not_refuse_the_instant():
    assert parse_partial_date("2020-01-02T03:04:05.1234567Z") == PartialDate(
        datetime(2020, 1, 2, 3, 4, 5, 123456, tzinfo=UTC), Precision.INSTANT
    )
