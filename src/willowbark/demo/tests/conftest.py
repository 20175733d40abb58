"""Databases for demos: each a new clone on which the script is played with real commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from willowbark.foundation.testing_database import Clone, ServerForTests, default_connection_to

TODAY = date(2026, 3, 16)

Owner = psycopg.Connection[tuple[Any, ...]]
NewDatabase = Callable[[], AbstractContextManager[Owner]]


@pytest.fixture
def new_database(
    database_server: ServerForTests, database_template: str, django_db_blocker: DjangoDbBlocker
) -> NewDatabase:
    """A way to have a migrated, empty database for a block; its owner's connection is given."""

    @contextmanager
    def fresh() -> Iterator[Owner]:
        clone: Clone = database_server.clone(database_template)
        try:
            with (
                django_db_blocker.unblock(),
                default_connection_to(clone.app),
                psycopg.connect(**clone.owner.libpq(), autocommit=True) as owner,
            ):
                yield owner
        finally:
            database_server.drop(clone.name)

    return fresh
