"""Work that goes on ahead."""

from __future__ import annotations

import threading
import time

import pytest

from willowbark.interop.fhir.services.ahead import ahead


def test_results_come_in_order_and_never_too_far_ahead():
    made = []

    def work():
        for number in range(20):
            made.append(number)
            yield number

    taken = []
    with ahead(work, most=2) as results:
        for number in results:
            time.sleep(0.001)
            taken.append(number)
            assert len(made) - len(taken) <= 4

    assert taken == list(range(20))


def test_a_failure_is_raised_where_it_is_waited_for():
    def work():
        yield 1
        raise KeyError("gone")

    with ahead(work, most=2) as results:
        assert next(results) == 1
        with pytest.raises(KeyError, match="gone"):
            next(results)


def test_leaving_stops_the_thread_and_lets_it_close_what_is_its_own():
    closed = threading.Event()

    def work():
        number = 0
        while True:
            yield (number := number + 1)

    with ahead(work, most=2, finish=closed.set) as results:
        assert next(results) == 1

    assert closed.is_set()
    assert "read-ahead" not in {thread.name for thread in threading.enumerate()}


def test_results_are_weighed_and_one_too_heavy_goes_alone():
    made, taken = [], []

    def work():
        for weight in (4, 4, 4, 50, 1, 1):
            made.append(weight)
            yield weight

    with ahead(work, most=10, weigh=lambda weight: weight) as results:
        _wait_until(lambda: len(made) == 3)  # two wait; the third has no room
        time.sleep(0.02)
        assert made == [4, 4, 4]
        for weight in results:
            taken.append(weight)
            time.sleep(0.02)
            ahead_of_us = made[len(taken) :]
            # The last made is still in the maker's hands.
            assert sum(ahead_of_us[:-1]) <= 10 or ahead_of_us[0] == 50

    assert taken == [4, 4, 4, 50, 1, 1]


def test_a_failure_to_close_is_raised_to_the_taker_too():
    def finish():
        raise OSError("cannot close")

    with ahead(lambda: iter([1]), most=2, finish=finish) as results:
        assert next(results) == 1
        with pytest.raises(OSError, match="cannot close"):
            next(results)


def _wait_until(is_so):
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.001)
