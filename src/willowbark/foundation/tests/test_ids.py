from __future__ import annotations

import threading
import time
from itertools import pairwise
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from willowbark.foundation import ids
from willowbark.foundation.ids import milliseconds_of

MILLISECONDS = st.integers(0, 2**48 - 1)


@given(MILLISECONDS, st.integers(0, 2**12 - 1), st.integers(0, 2**64))
def test_an_id_is_a_version_7_uuid_that_says_when_it_was_made(milliseconds, fraction, tail):
    made = ids.from_parts(milliseconds=milliseconds, fraction=fraction, tail=tail)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert milliseconds_of(made) == milliseconds
    assert (made.int >> 64) & 0xFFF == fraction


def test_ids_carry_the_present_so_that_new_rows_lie_beside_each_other():
    before, made, after = time.time_ns(), ids.uuid7(), time.time_ns()

    assert before // 1_000_000 <= milliseconds_of(made) <= after // 1_000_000 + 1


def test_ids_rise_even_when_many_are_made_in_one_millisecond():
    made = [ids.uuid7() for _ in range(20_000)]

    assert all(earlier < later for earlier, later in pairwise(made))


def test_ids_rise_even_when_the_clock_is_set_back(monkeypatch):
    first = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)

    assert ids.uuid7() > first


def test_threads_never_make_the_same_id_and_each_sees_its_own_rise():
    made: list[list[UUID]] = []

    def make() -> None:
        made.append([ids.uuid7() for _ in range(3_000)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({each for mine in made for each in mine}) == 24_000
    assert all(earlier < later for mine in made for earlier, later in pairwise(mine))


@given(st.integers(0, 2**32), st.integers(0, 2**47))
def test_a_seeded_source_gives_the_same_ids_again_so_that_two_demos_are_equal(seed, start):
    first = ids.seeded(seed, start_milliseconds=start)
    second = ids.seeded(seed, start_milliseconds=start)
    made = [first() for _ in range(50)]

    assert made == [second() for _ in range(50)]
    assert made == sorted(set(made))
    assert all(each.version == 7 and each.variant == RFC_4122 for each in made)


def test_seeds_that_differ_give_other_ids():
    assert ids.seeded(1, start_milliseconds=5)() != ids.seeded(2, start_milliseconds=5)()


def test_a_source_holds_for_its_block_and_its_thread_alone():
    source = ids.seeded(7, start_milliseconds=1)
    elsewhere: list[UUID] = []
    with ids.using(source):
        inside = ids.uuid7()
        thread = threading.Thread(target=lambda: elsewhere.append(ids.uuid7()))
        thread.start()
        thread.join()

    assert milliseconds_of(inside) == 1
    assert milliseconds_of(elsewhere[0]) > 1_600_000_000_000
    assert milliseconds_of(ids.uuid7()) > 1_600_000_000_000
