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
