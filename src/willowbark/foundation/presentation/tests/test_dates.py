from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation.presentation.dates import age_text, known_date_iso, known_date_text, time_text

WEST = timezone(timedelta(hours=-8))
EAST = timezone(timedelta(hours=13))
MIDNIGHT = datetime(2014, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("precision", "text", "iso"),
    [
        ("year", "2014", "2014"),
        ("month", "May 2014", "2014-05"),
        ("day", "3 May 2014", "2014-05-03"),
        ("instant", "2 May 2014", "2014-05-02T16:00:00-08:00"),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known_and_only_instants_have_a_zone(precision, text, iso):
    assert known_date_text(MIDNIGHT, precision, WEST) == text
    assert known_date_iso(MIDNIGHT, precision, WEST) == iso


def test_a_birth_date_is_a_plain_date():
    assert known_date_text(date(1984, 3, 12), "day", WEST) == "12 Mar 1984"
    assert known_date_iso(date(1984, 3, 12), "day", WEST) == "1984-03-12"


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(["year", "month", "day", "instant"]),
    st.sampled_from([WEST, EAST, UTC]),
)
def test_every_possible_instant_has_a_text(at, precision, zone):
    assert known_date_text(at, precision, zone)
    assert known_date_iso(at, precision, zone)
    assert len(time_text(at, zone)) == 5


TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("birth", "precision", "text"),
    [
        (date(1982, 11, 22), "day", "44 y"),
        (date(1982, 11, 23), "day", "43 y"),
        (date(1982, 1, 1), "year", "about 44 y"),
        (date(2025, 6, 30), "day", "16 mo"),
        (date(2026, 11, 10), "day", "12 d"),
        (TODAY, "day", "0 d"),
        (date(2026, 3, 1), "month", "about 8 mo"),
        (date(2024, 11, 22), "day", "2 y"),
        (date(2024, 11, 23), "day", "23 mo"),
        (TODAY + timedelta(days=1), "day", ""),
        (date(1, 1, 1), "day", "2025 y"),
    ],
)
def test_ages(birth, precision, text):
    assert age_text(birth, precision, TODAY) == text
