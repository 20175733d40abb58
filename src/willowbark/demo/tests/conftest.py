"""
Databases for demos, each with real commits.

    new_database    an empty one, on which the script may be played
    small_demo      one that holds `SMALL`, which is built once for all tests of a process
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from willowbark.demo.building import build
from willowbark.demo.status import Plan
from willowbark.foundation.testing_database import ServerForTests, default_connection_to

TODAY = date(2026, 3, 16)
SMALL = Plan(seed=7, today=TODAY, patients=3, by_services=1)

Owner = psycopg.Connection[tuple[Any, ...]]
NewDatabase = Callable[[], AbstractContextManager[Owner]]
CopyOf = Callable[[str], AbstractContextManager[Owner]]


@pytest.fixture(scope="session")
def copy_of(
    database_server: ServerForTests, session_database: object, django_db_blocker: DjangoDbBlocker
) -> CopyOf:
    """A way to have a copy of a database for a block; its owner's connection is given."""

    @contextmanager
    def copied(original: str) -> Iterator[Owner]:
        clone = database_server.clone(original)
        try:
            with (
                django_db_blocker.unblock(),
                default_connection_to(clone.app),
                psycopg.connect(**clone.owner.libpq(), autocommit=True) as owner,
            ):
                yield owner
        finally:
            database_server.drop(clone.name)

    return copied


@pytest.fixture(scope="session")
def new_database(copy_of: CopyOf, database_template: str) -> NewDatabase:
    """A way to have a migrated, empty database for a block."""
    return lambda: copy_of(database_template)


@pytest.fixture(scope="session")
def small_demo(
    copy_of: CopyOf,
    database_server: ServerForTests,
    database_template: str,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[NewDatabase]:
    """A way to have a database for a block on which `SMALL` was built."""
    built = database_server.clone(database_template)
    with django_db_blocker.unblock(), default_connection_to(built.app):
        build(SMALL)
    yield lambda: copy_of(built.name)
    database_server.drop(built.name)
