from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from willowbark.foundation import clock

THEN = datetime(2020, 2, 3, tzinfo=UTC)


def test_now_is_the_present_and_aware_so_that_times_of_two_places_compare():
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_held_clock_stands_still_in_its_block_and_goes_on_after_it_even_after_an_error():
    with pytest.raises(KeyError), clock.at(THEN):
        assert clock.now() == clock.now() == THEN
        raise KeyError
    assert clock.now() > THEN


def test_another_thread_keeps_the_real_time_while_one_plays_the_past():
    seen: list[datetime] = []
    with clock.at(THEN):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] > THEN


def test_a_time_without_an_offset_cannot_be_held():
    with pytest.raises(ValueError, match="offset"), clock.at(THEN.replace(tzinfo=None)):
        pass
