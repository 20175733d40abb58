"""What a process keeps for good is no longer walked by the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from willowbark.foundation.processes import settle


@pytest.fixture
def thawed() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_was_there_is_walked_no_more_and_what_comes_later_is(thawed: None) -> None:
    kept: list[object] = [[]]
    settle()
    later: list[object] = [[]]
    walked = {id(each) for each in gc.get_objects()}
    assert id(kept) not in walked
    assert id(later) in walked
