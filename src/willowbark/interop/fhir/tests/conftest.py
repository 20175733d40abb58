"""A practice for all import tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from willowbark.foundation.testing import rolled_back
from willowbark.foundation.testing_database import default_connection_to
from willowbark.interop.fhir.tests.importing import Desk
from willowbark.practice.testing import PracticeForTests, make_practice


@pytest.fixture(scope="module")
def practice(
    database_server, database_template, session_database, django_db_blocker
) -> Iterator[PracticeForTests]:
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app):
        yield make_practice()
    database_server.drop(clone.name)


@pytest.fixture
def desk(practice, tmp_path) -> Iterator[Desk]:
    """Somebody at the import desk; what they do is rolled back."""
    with rolled_back():
        yield Desk(practice, tmp_path)
