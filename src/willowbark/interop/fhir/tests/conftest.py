"""A practice for all import tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from willowbark.foundation.testing import rolled_back
from willowbark.interop.fhir.tests.importing import Desk
from willowbark.practice.testing import PracticeForTests, make_practice


@pytest.fixture(scope="module")
def practice(module_database) -> PracticeForTests:
    return make_practice()


@pytest.fixture
def desk(practice, tmp_path) -> Iterator[Desk]:
    """Somebody at the import desk; what they do is rolled back."""
    with rolled_back():
        yield Desk(practice, tmp_path)
