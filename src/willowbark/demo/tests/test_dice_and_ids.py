"""What a seed decides stays decided."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from willowbark.demo.script import ids
from willowbark.demo.script.dice import Dice

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_the_same_seed_decides_alike_and_another_one_differently():
    decided = [[Dice(seed).between(1, 10**9) for _ in range(5)] for seed in ("a", "a", "b")]
    assert decided[0] == decided[1] != decided[2]


def test_a_part_is_untouched_by_how_often_others_are_asked():
    asked, other = Dice("a"), Dice("a")
    for _ in range(100):
        asked.unit()
    assert asked.fork("part").unit() == other.fork("part").unit()


def test_a_spread_is_bell_shaped_around_its_mean_and_bounded():
    dice = Dice("bell")
    found = [dice.spread(100, 10) for _ in range(4000)]
    assert 99 < sum(found) / len(found) < 101
    within_one = sum(90 <= value <= 110 for value in found) / len(found)
    assert 0.62 < within_one < 0.74
    assert 70 <= min(found) <= max(found) <= 130


def test_weights_say_how_likely_something_is():
    dice = Dice("weights")
    found = Counter(dice.weighted([("often", 9.0), ("rarely", 1.0)]) for _ in range(3000))
    assert 0.86 < found["often"] / 3000 < 0.94


def test_some_are_different_ones_and_never_more_than_there_are():
    assert sorted(Dice("x").some("abc", 10)) == ["a", "b", "c"]


def test_ids_follow_from_the_scope_and_the_count_alone_and_sort_by_time():
    one, two = ids.IdMaker("scope"), ids.IdMaker("scope")
    times = [AT + timedelta(minutes=number) for number in range(20)]
    made = [one.next(at) for at in times]
    assert made == [two.next(at) for at in times]
    assert made == sorted(set(made))
    assert {made_id.version for made_id in made} == {7}


def test_what_follows_from_an_event_begins_with_its_own_id():
    first = ids.IdMaker("scope").next(AT)
    source = ids.source(first)
    assert [source() for _ in range(3)] == [first, ids.nth(first, 1), ids.nth(first, 2)]
