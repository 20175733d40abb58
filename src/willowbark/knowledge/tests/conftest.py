"""A practice for all tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

import pytest

from willowbark.foundation.testing import rolled_back
from willowbark.foundation.testing_database import default_connection_to
from willowbark.practice.testing import make_practice


@pytest.fixture(scope="module")
def practice(database_server, database_template, session_database, django_db_blocker):
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app):
        yield make_practice()
    database_server.drop(clone.name)


@pytest.fixture(autouse=True)
def _undone(request):
    """Whoever works with the module's practice works in a transaction that is rolled back."""
    if "practice" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("practice")
    with rolled_back():
        yield
