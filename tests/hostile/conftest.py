"""The practice of the role matrix, in which every address has something to be called about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from willowbark.assistant.testing import INSIDE, configured

from ..matrix.world import World


@pytest.fixture(scope="module")
def world(module_database) -> Iterator[World]:
    with configured(**INSIDE):
        yield World()
