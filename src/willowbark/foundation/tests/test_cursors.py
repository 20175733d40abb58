from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation import cursors
from willowbark.kernel.errors import Invalid

zones = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=14))])
# Hypothesis wants its bounds without an offset.
EARLIEST, LATEST = datetime.min + timedelta(days=1), datetime.max - timedelta(days=1)  # noqa: DTZ901
keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(keys, st.uuids())
def test_a_place_in_a_list_of_names_is_found_again(key, row_id):
    cursor = cursors.write(key, row_id)

    assert cursors.read_text(cursor) == (key, row_id)
    assert quote(cursor) == cursor, "it goes into an address as it is"


@given(st.datetimes(EARLIEST, LATEST, timezones=zones), st.uuids())
def test_a_place_in_time_is_found_again_to_the_microsecond(at, row_id):
    assert cursors.read_instant(cursors.write(at, row_id)) == (at, row_id)


@given(st.uuids())
def test_a_place_among_what_has_no_date_is_found_again(row_id):
    assert cursors.read_instant(cursors.write(None, row_id)) == (None, row_id)


def test_no_cursor_means_the_beginning():
    assert cursors.read_text("") is None
    assert cursors.read_instant("") is None


@given(st.text(max_size=80))
def test_a_cursor_that_somebody_made_up_is_refused_and_never_crashes_a_page(text):
    for read in (cursors.read_text, cursors.read_instant):
        try:
            found = read(text)
        except Invalid:
            continue
        assert found is None or isinstance(found[1], UUID)


@pytest.mark.parametrize("key", ["yesterday", "2020-01-01", "2020-01-01T00:00:00"])
def test_a_place_in_time_needs_an_instant_that_everybody_understands(key):
    with pytest.raises(Invalid):
        cursors.read_instant(cursors.write(key, UUID(int=1)))


def test_a_cursor_with_a_character_that_the_database_cannot_hold_is_refused():
    with pytest.raises(Invalid):
        cursors.read_text(cursors.write("smi\0th", UUID(int=1)))


def test_an_instant_beyond_the_calendar_in_utc_is_refused():
    beyond = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12)))
    with pytest.raises(Invalid):
        cursors.read_instant(cursors.write(beyond, UUID(int=1)))
