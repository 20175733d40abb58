"""
Databases for tests, on an embedded server of their own that is fast and may lose what it holds.

The owner migrates a template once; its name holds a digest of everything that decides the schema, so a
second run takes it as it is. Every test process works as the application's role on its own clone.
"""

from __future__ import annotations

import os
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from willowbark.foundation.database import ConnectionParams, Database, DatabaseSettings, open_database, roles
from willowbark.foundation.database.locks import open_lock, wait_exclusive
from willowbark.foundation.database.settings import running_as_root
from willowbark.foundation.schema_version import schema_digest

KEPT_TEMPLATES = 6

Connection = psycopg.Connection[tuple[Any, ...]]


def data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The tests' data folder: WILLOWBARK_TEST_DATA, else in the user's cache (root's beside the real)."""
    values = os.environ if environment is None else environment
    if named := values.get("WILLOWBARK_TEST_DATA"):
        return Path(named).absolute()
    if running_as_root():
        return Path("/var/lib/willowbark-test")
    from platformdirs import user_cache_path

    return user_cache_path("willowbark", appauthor=False) / "test"


def use_test_data() -> None:
    """Point this process and its children at the tests' data folder, before any setting is read."""
    os.environ["WILLOWBARK_DATA"] = str(data_folder())
    os.environ["WILLOWBARK_DURABLE"] = "no"
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "WILLOWBARK_DATABASE", "WILLOWBARK_DB_ROLE"):
        os.environ.pop(name, None)


@dataclass(frozen=True, slots=True)
class Clone:
    """
    A database of one test or test process.

    Attributes:
        app, owner: how the two roles connect to it.
    """

    app: ConnectionParams
    owner: ConnectionParams

    @property
    def name(self) -> str:
        """The database's name."""
        return self.app.dbname

    def environment(self) -> dict[str, str]:
        """What a subprocess must find in its environment to work on this database."""
        return {**os.environ, "WILLOWBARK_DATABASE": self.name}


class ServerForTests:
    """
    The tests' server: makes the template once, and clones of it.

    Attributes:
        superuser: how its superuser connects, for tests of what needs one.
    """

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data
        self.superuser = database.server.params("superuser").to_database("postgres")

    def template(self, migrate: Callable[[ConnectionParams], None]) -> str:
        """
        The name of the template for the present sources, migrated by `migrate` when there is none yet.

        `migrate` is given the owner's connection to an empty database. Processes that come at once wait
        for the first.
        """
        name = f"template_{schema_digest()}"
        lock = open_lock(self._data / "locks" / "template")
        try:
            wait_exclusive(lock)
            with self._connect() as connection:
                if not self._exists(connection, name):
                    self._make_template(connection, name, migrate)
                    self._drop_old_templates(connection, keep=name)
                self._touch(connection, name)
        finally:
            os.close(lock)
        return name

    def clone(self, template: str) -> Clone:
        """A new database, equal to the template."""
        name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
        with self._connect() as connection:
            roles.create_database(connection, name, owner=roles.OWNER, template=template)
            roles.grant_connect(connection, name, owner=roles.OWNER, app=roles.APP)
        return Clone(app=self._database.app.to_database(name), owner=self._database.owner.to_database(name))

    def drop(self, name: str) -> None:
        """Drop a clone, ending whoever is still connected to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def drop_left_behind(self) -> None:
        """Drop the clones of test processes that were killed."""
        with self._connect() as connection:
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'"
            ).fetchall()
        for (name,) in names:
            pid = name.split("_")[1]
            if (
                pid.isdigit()
                and int(pid) != os.getpid()
                and not Path(f"/proc/{pid}").exists()
                and _is_gone(int(pid))
            ):
                self.drop(name)

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        with psycopg.connect(**self.superuser.libpq(), autocommit=True) as connection:
            yield connection

    def _exists(self, connection: Connection, name: str) -> bool:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None

    def _make_template(
        self, connection: Connection, name: str, migrate: Callable[[ConnectionParams], None]
    ) -> None:
        """Under another name until it is complete: a killed run must leave nothing that looks ready."""
        building = f"building_{os.getpid()}"
        self.drop(building)
        roles.create_database(connection, building, owner=roles.OWNER)
        roles.grant_connect(connection, building, owner=roles.OWNER, app=roles.APP)
        superuser = self.superuser.to_database(building)
        with psycopg.connect(**superuser.libpq(), autocommit=True) as inside:
            roles.open_schema(inside, app=roles.APP)
        try:
            migrate(self._database.owner.to_database(building))
        except BaseException:
            self.drop(building)
            raise
        with psycopg.connect(**superuser.libpq(), autocommit=True) as inside:
            inside.execute("VACUUM (ANALYZE)")
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
        )

    def _touch(self, connection: Connection, name: str) -> None:
        """Write down when a template was last wanted."""
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(name), sql.Literal(f"{time.time():.0f}")
            )
        )

    def _drop_old_templates(self, connection: Connection, *, keep: str) -> None:
        found = connection.execute(
            """
            SELECT datname FROM pg_database
             WHERE (datname LIKE 'template\\_%%' OR datname LIKE 'building\\_%%') AND datname <> %s
             ORDER BY datname LIKE 'building\\_%%', shobj_description(oid, 'pg_database') DESC NULLS LAST
            """,
            [keep],
        ).fetchall()
        for (name,) in found[KEPT_TEMPLATES - 1 :]:
            self.drop(name)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@contextmanager
def server_for_tests() -> Iterator[ServerForTests]:
    """The tests' server for the block, shared with whoever tests at the same time."""
    settings = replace(DatabaseSettings.from_environment({}), data=data_folder(), durable=False)
    with open_database(settings) as database:
        server = ServerForTests(database, settings.data)
        server.drop_left_behind()
        yield server


def migrate_with_django(owner: ConnectionParams) -> None:
    """Run every migration as the owner, on the default connection, and put the connection back."""
    from django.core.management import call_command

    with default_connection_to(owner), warnings.catch_warnings():
        # Libraries' old migrations may warn of what they themselves replaced later.
        warnings.simplefilter("ignore", DeprecationWarning)
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def default_connection_to(params: ConnectionParams) -> Iterator[None]:
    """Have Django's default connection, in every thread, go where `params` say, for the block."""
    from django.db import connections

    wanted = {key: value for key, value in params.django().items() if key in {"NAME", "USER", "PASSWORD"}}
    wanted |= {"HOST": params.host, "PORT": str(params.port)}
    settings = connections.settings["default"]
    before = {key: settings[key] for key in wanted}
    _let_go()
    settings.update(wanted)
    try:
        yield
    finally:
        _let_go()
        settings.update(before)


def _let_go() -> None:
    """Close this thread's connection and the pool behind it, if the settings use one."""
    from django.db import connection

    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
