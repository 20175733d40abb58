"""What `willow up` does: one holder of the data folder, the database, web and worker."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

import willowbark
from willowbark.foundation import schema_version
from willowbark.foundation.database import Database, DatabaseProblem, DatabaseSettings, open_database

from .ports import free_port, is_well
from .serving import serving
from .supervisor import Child, Supervisor

READY = "/health/ready"
LOOK_EVERY_S = 1.0


class MigrationFailed(Exception):
    """The schema could not be brought to this version; what migrating said stands above it."""

    code = "migration_failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What to serve, and how.

    Attributes:
        command: what a person typed, for whoever is refused because of us.
        search_port: whether the next free port will do when `port` is taken.
        environment: for the children, beside what they inherit.
    """

    command: str
    host: str
    port: int
    search_port: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def willow(*arguments: str) -> list[str]:
    """The command line that runs `willow` again, in this environment."""
    return [sys.executable, "-P", "-m", "willowbark", *arguments]


def child_environment() -> dict[str, str]:
    """Where a child finds our code when no installed path says so."""
    places = [str(Path(willowbark.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(place for place in places if place), "PYTHONUNBUFFERED": "1"}


def migrate(environment: Mapping[str, str] | None = None) -> None:
    """
    Bring the schema to this version, as the owner, in a process of its own.

    Raises:
        MigrationFailed: it did not succeed.
    """
    done = subprocess.run(
        willow("migrate", "--quiet"),
        env={**os.environ, **child_environment(), **(environment or {})},
        check=False,
    )
    if done.returncode:
        raise MigrationFailed(f"the schema could not be migrated (exit code {done.returncode})")


def migrate_if_needed(
    database: Database, *, say: Callable[[str], None], environment: Mapping[str, str] | None = None
) -> None:
    """
    Migrate, unless the database's mark says that these very sources have.

    Raises:
        MigrationFailed: it did not succeed.
    """
    with psycopg.connect(**database.app.libpq(), autocommit=True) as connection:
        current = schema_version.is_current(connection)
    if not current:
        say("bringing the database to this version")
        migrate(environment)


@contextmanager
def _kept_well(database: Database, say: Callable[[str], None]) -> Iterator[None]:
    """Bring a killed keeper back; on a thread, since a long recovery must keep nobody from stopping."""

    over = threading.Event()

    def watch() -> None:
        last_said = ""
        while not over.wait(LOOK_EVERY_S):
            try:
                database.ensure()
                last_said = ""
            except DatabaseProblem as problem:
                if str(problem) != last_said:
                    last_said = str(problem)
                    say(f"database | {last_said}")

    threading.Thread(target=watch, name="database", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def children(plan: Plan, port: int) -> Sequence[Child]:
    """The processes of an installation."""
    environment = {**child_environment(), **plan.environment}
    return (
        Child("worker", willow("worker"), environment),
        Child("web", willow("web", "--host", plan.host, "--port", str(port)), environment),
    )


def up(
    plan: Plan,
    *,
    say: Callable[[str], None],
    prepare: Callable[[], None] = lambda: None,
    when_ready: Callable[[str], None] = lambda address: None,
    settings: DatabaseSettings | None = None,
) -> None:
    """
    Serve until asked to stop.

    Args:
        say: takes each line for the terminal.
        prepare: called once the database is migrated, before anything is served.
        when_ready: called with the address of the pages once they answer.

    Raises:
        AlreadyServed: another process serves this data folder.
        PortTaken: something else listens there.
        DatabaseProblem: there is no database to serve.
        MigrationFailed: the schema could not be brought to this version.
    """
    chosen = settings or DatabaseSettings.from_environment()
    with serving(chosen.data, command=plan.command) as served:
        port = free_port(plan.host, plan.port, search=plan.search_port)
        address = f"http://{plan.host}:{port}"
        served(address)
        with open_database(chosen, report=say) as database:
            migrate_if_needed(database, say=say, environment=plan.environment)
            prepare()
            supervisor = Supervisor(
                children(plan, port),
                say=say,
                is_ready=lambda: is_well(plan.host, port, READY),
                when_ready=lambda: when_ready(address),
            )
            with _kept_well(database, say):
                supervisor.run()
