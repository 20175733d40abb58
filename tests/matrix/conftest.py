"""One practice for each module of the matrix, with real commits, and a digest of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from willowbark.assistant.testing import INSIDE, configured

from .world import World


@pytest.fixture(scope="module")
def world(module_database) -> Iterator[World]:
    with configured(**INSIDE):
        yield World()


# What a refused call may change, and why.
MAY_CHANGE = {
    "foundation_accessentry": "the refusal is logged",
    "practice_device": "it goes where a session goes",
    "django_session": "one's own session says when it was last used",
    "practice_signinfailure": "a wrong password is counted",
}


@pytest.fixture(scope="module")
def rows(module_database) -> Iterator[Callable[[], dict[str, str]]]:
    """
    A digest of every table that a refused call leaves alone, as the owner of all tables reads them.

    It is the count of its rows and the sum of the transactions that wrote them: a later one has a greater
    number, so whatever is added, changed or deleted changes one of the two.
    """
    with psycopg.connect(**module_database.owner.libpq(), autocommit=True) as owner:
        tables = [
            name
            for (name,) in owner.execute(
                "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND NOT relname = ANY (%s)"
                " AND relnamespace = 'public'::regnamespace ORDER BY 1",
                [[*MAY_CHANGE]],
            ).fetchall()
        ]
        digests = "count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0)"
        statement = " UNION ALL ".join(f"SELECT '{table}', {digests} FROM {table}" for table in tables)

        def digest() -> dict[str, str]:
            return dict(owner.execute(statement, prepare=True).fetchall())

        yield digest
