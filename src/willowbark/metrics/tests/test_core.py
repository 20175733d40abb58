from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from willowbark.metrics.core.pieces import NOTHING, Cell, Piece, Sum, cells_of, day_at, days_of, differences

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDS = [UUID(int=at) for at in range(1, 4)]

pieces = st.builds(
    Piece,
    metric=st.sampled_from(["protocol_time", "protocols_signed"]),
    site_id=st.sampled_from(IDS),
    practitioner_id=st.sampled_from(IDS),
    patient_id=st.just(IDS[0]),
    source_id=st.sampled_from(IDS),
    began_at=st.none(),
    at=st.just(AT),
    day=st.dates(date(2026, 3, 1), date(2026, 3, 3)),
    amount=st.integers(0, 10**6),
)


def identity(piece: Piece):
    return (piece.site_id, piece.metric, piece.patient_id, piece.source_id)


@given(st.lists(pieces, max_size=30))
def test_days_moved_by_differences_are_the_days_counted_from_nothing(counted):
    """Whatever is counted again and again, in whatever order: only what was counted last is there."""
    kept: dict[object, Piece] = {}
    days: dict[Cell, Sum] = {}
    for piece in counted:
        for cell, change in differences(kept.get(identity(piece)), piece).items():
            days[cell] = days.get(cell, NOTHING) + change
        kept[identity(piece)] = piece
    days = {cell: found for cell, found in days.items() if found.count}

    assert days == days_of(kept.values())


@given(pieces)
def test_counting_the_same_again_changes_nothing(piece):
    assert differences(piece, piece) == {}
    assert set(differences(None, piece).values()) == {Sum(1, piece.amount)}
    assert set(cells_of(piece)) == set(differences(piece, None))


def test_a_day_is_that_of_the_site():
    assert day_at(datetime(2026, 3, 2, 4, 59, tzinfo=UTC), "America/New_York") == date(2026, 3, 1)
    assert day_at(datetime(2026, 3, 2, 5, 0, tzinfo=UTC), "America/New_York") == date(2026, 3, 2)
    # Where clocks go forward, and back.
    assert day_at(datetime(2026, 3, 9, 3, 59, tzinfo=UTC), "America/New_York") == date(2026, 3, 8)
    assert day_at(datetime(2026, 11, 2, 4, 59, tzinfo=UTC), "America/New_York") == date(2026, 11, 1)


def test_a_mean_needs_a_fact():
    assert NOTHING.mean is None
    assert Sum(4, 3000).mean == 750


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_site_in_utc_has_the_dates_of_utc(at):
    assert day_at(at, "UTC") == at.date()
    assert abs(day_at(at, "Pacific/Auckland") - at.date()) <= timedelta(days=1)
