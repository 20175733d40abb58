"""
What every test may use.

    db                 the clone of this test process; what the test writes is rolled back
    fresh_database     a clone of the test's own, with real commits, for threads and subprocesses;
                       `@pytest.mark.django_db(transaction=True)` and `live_server` work on one too
    owner_connection   a psycopg connection as the tables' owner to the database the test works on
    module_database    a clone for all tests of one module, with real commits: what is expensive to make
                       is made once
    module_owner       a psycopg connection as the tables' owner to the module's database
    undone             the module's database in a transaction that is rolled back after the test
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import django
import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from willowbark.foundation.testing import rolled_back
from willowbark.foundation.testing_database import (
    Clone,
    ServerForTests,
    default_connection_to,
    migrate_with_django,
    server_for_tests,
    use_test_data,
)

# Before Django reads its settings; pytest-django would have it read them before any conftest.
use_test_data()
os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
django.setup()

# A busy machine is slow, not wrong. `HYPOTHESIS=thorough` looks twenty times as long for counter-examples.
hypothesis_settings.register_profile("willowbark", deadline=None, max_examples=50)
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS", "willowbark"))

REAL_COMMITS = {"fresh_database", "transactional_db", "live_server"}


@pytest.fixture(scope="session")
def database_server() -> Iterator[ServerForTests]:
    """The tests' own PostgreSQL server."""
    with server_for_tests() as server:
        yield server


@pytest.fixture(scope="session")
def database_template(
    database_server: ServerForTests, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> str:
    """The name of the migrated database that clones are made of."""
    with django_db_blocker.unblock():
        return database_server.template(migrate_with_django)


@pytest.fixture(scope="session")
def session_database(
    database_server: ServerForTests, database_template: str, django_db_blocker: DjangoDbBlocker
) -> Iterator[Clone]:
    """The clone that this process's ordinary tests share; Django's default connection goes there."""
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app), django_db_blocker.block():
        yield clone
    database_server.drop(clone.name)


@pytest.fixture(scope="session")
def django_db_setup(session_database: Clone) -> None:
    """Take the place of pytest-django's, which would have the application's role make databases."""


def _wants_real_commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and (marker.kwargs.get("transaction") or bool(marker.args and marker.args[0]))
    return bool(marked) or bool(REAL_COMMITS & set(request.fixturenames))


@pytest.fixture
def _test_database(
    request: pytest.FixtureRequest,
    session_database: Clone,
    database_server: ServerForTests,
    database_template: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Clone]:
    """The database of this test: a clone of its own where it commits for real, else the process's."""
    if not _wants_real_commits(request):
        yield session_database
        return
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app):
        yield clone
    database_server.drop(clone.name)


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest, _test_database: Clone) -> None:
    """
    Behind every way of asking for the database.

    pytest-django cleans up after real commits by TRUNCATE, which a role that owns no table cannot do:
    such a test has a clone of its own instead. Others get pytest-django's rolled-back transaction.
    """
    if not _wants_real_commits(request):
        request.getfixturevalue("_django_db_helper")


@pytest.fixture
def fresh_database(_django_db_helper: None, _test_database: Clone) -> Clone:
    """A new clone, the default connection of every thread, dropped afterwards; commits are real."""
    return _test_database


@pytest.fixture
def owner_connection(_test_database: Clone) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The owner's connection, in autocommit, to the database this test works on."""
    with psycopg.connect(**_test_database.owner.libpq(), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def module_database(
    database_server: ServerForTests,
    database_template: str,
    session_database: Clone,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Clone]:
    """A clone for all tests of one module; Django's default connection goes there."""
    clone = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(clone.app):
        yield clone
    database_server.drop(clone.name)


@pytest.fixture
def undone(module_database: Clone) -> Iterator[None]:
    """A transaction on the module's database, rolled back after the test."""
    with rolled_back():
        yield


@pytest.fixture
def module_owner(module_database: Clone) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The owner's connection, in autocommit, to the module's database."""
    with psycopg.connect(**module_database.owner.libpq(), autocommit=True) as connection:
        yield connection
