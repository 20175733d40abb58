"""
What the tests of the whole house may use.

    module_database   a clone for all tests of one module, with real commits: what is expensive to make
                      is made once
    undone            the module's database in a transaction that is rolled back after the test
    module_owner      a psycopg connection as the tables' owner to the module's database
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from willowbark.foundation.testing import rolled_back
from willowbark.foundation.testing_database import Clone, default_connection_to


@pytest.fixture(scope="module")
def module_database(
    database_server, database_template, session_database, django_db_blocker
) -> Iterator[Clone]:
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app):
        yield clone
    database_server.drop(clone.name)


@pytest.fixture
def undone(module_database) -> Iterator[None]:
    with rolled_back():
        yield


@pytest.fixture
def module_owner(module_database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**module_database.owner.libpq(), autocommit=True) as connection:
        yield connection
