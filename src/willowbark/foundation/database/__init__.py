"""
The database: an embedded PostgreSQL under our own supervisor, or a practice's own server.

    with open_database() as database:
        psycopg.connect(**database.app.libpq())

`open_database` starts or joins the server and keeps it for the block; `django_settings` and `current`
only say how to connect. Nothing here imports Django.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import (
    BadAddress,
    DatabaseProblem,
    FolderRefused,
    NotEnoughRights,
    ServerMissing,
    ServerTooOld,
    StartFailed,
    Unreachable,
    UnsafeRole,
    WrongPassword,
)
from .params import ConnectionParams, RoleName
from .settings import DatabaseSettings

if TYPE_CHECKING:
    from .embedded import EmbeddedServer

__all__ = [
    "BadAddress",
    "ConnectionParams",
    "Database",
    "DatabaseProblem",
    "DatabaseSettings",
    "FolderRefused",
    "NotEnoughRights",
    "RoleName",
    "ServerMissing",
    "ServerTooOld",
    "StartFailed",
    "Unreachable",
    "UnsafeRole",
    "WrongPassword",
    "current",
    "django_settings",
    "open_database",
]


@dataclass(frozen=True, slots=True)
class Database:
    """
    A database in use.

    Attributes:
        app: how the application's role connects: everything but migrations works as it.
        owner: how the owner of the tables connects.
        embedded: the embedded server, None on a practice's own.
    """

    app: ConnectionParams
    owner: ConnectionParams
    embedded: EmbeddedServer | None

    @property
    def server(self) -> EmbeddedServer:
        """
        The embedded server.

        Raises:
            ValueError: the database is on a practice's own server.
        """
        if self.embedded is None:
            raise ValueError("this database is on a practice's own server")
        return self.embedded

    def ensure(self) -> None:
        """
        For a long-lived user to call now and then: brings a killed keeper of the embedded server back.
        Nothing happens once the database has been left.

        Raises:
            DatabaseProblem: it cannot be brought back.
        """
        if self.embedded and self.embedded.is_joined and not self.embedded.keeper_is_alive():
            self.embedded.ensure()


def say_on_terminal(message: str) -> None:
    """The usual way to report progress: a line on standard error."""
    print(f"willow: {message}", file=sys.stderr, flush=True)  # noqa: T201 - a command's progress


@contextmanager
def open_database(
    settings: DatabaseSettings | None = None, *, report: Callable[[str], None] = say_on_terminal
) -> Iterator[Database]:
    """
    The database, ready for connections, for the block.

    The embedded server is started when nobody runs it, joined when somebody does, and stopped when its
    last user leaves or dies. Waits through crash recovery however long, telling `report` what it waits for.

    Args:
        settings: which database; None reads the environment.
        report: takes a sentence for a person.

    Raises:
        DatabaseProblem: one of its kinds, with a message that says what to do.
    """
    chosen = settings or DatabaseSettings.from_environment()
    if chosen.url:
        from . import own_server

        own_server.set_up(chosen)
        yield Database(
            app=own_server.app_params(chosen), owner=own_server.owner_params(chosen), embedded=None
        )
        return
    from .embedded import EmbeddedServer

    server = EmbeddedServer(chosen, report)
    server.join()
    try:
        yield Database(app=server.params("app"), owner=server.params("owner"), embedded=server)
    finally:
        server.leave()


def current(role: RoleName = "app", *, settings: DatabaseSettings | None = None) -> ConnectionParams:
    """
    How `role` connects, without starting or touching anything.

    Before the first start the password is '': connecting then fails, reading settings does not.

    Raises:
        BadAddress: DATABASE_URL or DATABASE_APP_URL cannot be read.
    """
    chosen = settings or DatabaseSettings.from_environment()
    if chosen.url:
        from . import own_server

        return own_server.owner_params(chosen) if role == "owner" else own_server.app_params(chosen)
    from . import state
    from .folder import DataFolder
    from .roles import embedded_params

    folder = DataFolder(chosen.data)
    said = state.read(folder)
    return embedded_params(folder, role, socket=said.socket if said else "", dbname=chosen.name)


def django_settings(role: RoleName | None = None) -> dict[str, Any]:
    """
    The value for Django's `DATABASES["default"]`, for the environment's database.

    `role` None is the application's, or the owner's where WILLOWBARK_DB_ROLE says `owner` (migrating).

    Raises:
        BadAddress: DATABASE_URL or DATABASE_APP_URL cannot be read.
        ValueError: WILLOWBARK_DB_ROLE names neither role.
    """
    chosen = role or os.environ.get("WILLOWBARK_DB_ROLE", "app")
    if chosen not in {"app", "owner"}:
        raise ValueError(f"WILLOWBARK_DB_ROLE must be 'app' or 'owner', not {chosen!r}")
    return current("owner" if chosen == "owner" else "app").django()
