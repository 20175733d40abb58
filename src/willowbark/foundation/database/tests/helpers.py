"""What several tests of the database need."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from willowbark.foundation.database import Database, locks
from willowbark.foundation.database.folder import DataFolder


def quiet(message: str) -> None:
    """A report that nobody reads."""


def one(database: Database, query: str, *, role: str = "app") -> object:
    """The single value a query gives, as one of the roles."""
    params = database.app if role == "app" else database.owner
    with psycopg.connect(**params.libpq()) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def wait_until(condition: Callable[[], bool], *, what: str, patience_s: float = 90.0) -> None:
    """Return when `condition` holds; fails the test when it takes too long."""
    ends = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends, f"waited {patience_s} s for {what}"
        time.sleep(0.02)


def wait_until_stopped(data: Path) -> DataFolder:
    """Return when the folder's keeper has stopped its server and gone."""
    folder = DataFolder(data)
    wait_until(lambda: not locks.is_held(folder.keeper_lock), what="the server to stop")
    return folder
