"""The practice of the role matrix, in which every address has something to be called about."""

from __future__ import annotations

import pytest

from ..matrix.world import World


@pytest.fixture(scope="module")
def world(module_database) -> World:
    return World()
