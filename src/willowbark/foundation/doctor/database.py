"""What only the running database can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from willowbark.foundation import schema_version
from willowbark.foundation.database import (
    Database,
    DatabaseProblem,
    DatabaseSettings,
    UnsafeRole,
    locks,
    open_database,
    roles,
)
from willowbark.foundation.database.folder import DataFolder
from willowbark.foundation.encryption import clearing, columns, keeping
from willowbark.foundation.encryption.errors import EncryptionProblem, KeysMissing
from willowbark.foundation.processes.up import migrate

from .finding import Finding, look, well, wrong
from .recovering import reset_superuser

FURTHEST_APART_S = 5.0


def look_at_secrets(settings: DatabaseSettings) -> Iterator[Finding]:
    """Whether the embedded server's own password is kept; without it nothing gets in."""
    folder = DataFolder(settings.data)
    if not folder.cluster.exists() or (folder.secrets / "superuser").exists():
        yield well("secrets", "kept" if folder.cluster.exists() else "made at the first start")
    elif locks.is_held(folder.keeper_lock):
        yield wrong("secrets", f"{folder.secrets / 'superuser'} is missing; stop willow, then mend this")
    else:
        yield wrong(
            "secrets",
            f"{folder.secrets / 'superuser'} is missing; mending gives the database a new password",
            lambda: reset_superuser(settings),
        )


def look_at_database(settings: DatabaseSettings, report: Callable[[str], None]) -> Iterator[Finding]:
    """Start or join the database, and look inside."""
    if not settings.url and not DataFolder(settings.data).cluster.exists():
        yield well("database", "none yet; the first start makes it")
        return
    try:
        with open_database(settings, report=report) as database:
            yield well("database", "reachable")
            yield from _look_inside(settings, database)
    except UnsafeRole as problem:
        yield wrong("roles", str(problem), None if settings.url else lambda: _restore_roles(settings))
    except DatabaseProblem as problem:
        yield wrong("database", str(problem))


def _restore_roles(settings: DatabaseSettings) -> None:
    roles.prepare_embedded(DataFolder(settings.data))


def _look_inside(settings: DatabaseSettings, database: Database) -> Iterator[Finding]:
    with psycopg.connect(**database.app.libpq(), autocommit=True) as connection:
        yield from _look_at_clocks(connection)
        yield from _look_at_checksums(connection)
    with psycopg.connect(**database.owner.libpq(), autocommit=True) as connection:
        if connection.info.parameter_status("is_superuser") == "on":
            yield look("roles", "the owner is a superuser; a plain owner is safer")
        else:
            yield well("roles", "the application owns nothing, is above no policy; the owner is no superuser")
    yield from look_at_schema()
    with psycopg.connect(**database.owner.libpq(), autocommit=True) as connection:
        yield look_at_field_keys(connection)
        yield look_at_the_clear(connection)


def look_at_field_keys(owner: psycopg.Connection[Any]) -> Finding:
    """Whether the keys of sensitive numbers are there, and open what is sealed. Django is set up."""
    try:
        ring = keeping.keyring()
        columns.open_one_of_each_key(owner, ring)
    except KeysMissing as problem:
        if columns.is_anything_sealed(owner):
            return wrong("field keys", str(problem))
        return wrong("field keys", f"{problem} Nothing is sealed yet", lambda: keeping.ensure(lambda: False))
    except EncryptionProblem as problem:
        return wrong("field keys", str(problem))
    number = f"{len(ring.keys)} key{'' if len(ring.keys) == 1 else 's'}"
    return well("field keys", f"{number}, open what is sealed; kept in {keeping.place() or keeping.TEXT}")


def look_at_the_clear(owner: psycopg.Connection[Any]) -> Finding:
    """Whether anything still stands in the clear that is sealed today. Django is set up."""
    if number := clearing.left(owner):
        return look(
            "in the clear", f"{number:,} values an import kept; `willow keys seal` seals them meanwhile"
        )
    return well("in the clear", "nothing that is sealed today")


def _look_at_clocks(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    apart_s = abs((datetime.now(UTC) - row[0]).total_seconds()) if row else 0.0
    if apart_s > FURTHEST_APART_S:
        yield wrong("clocks", f"the database's clock and this machine's are {apart_s:.0f} s apart; set them")
    else:
        yield well("clocks", "the database's and this machine's agree")


def _look_at_checksums(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT current_setting('data_checksums'), current_setting('fsync'),"
        " (SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database)"
    ).fetchone()
    checksums, fsync, failures = row if row else ("off", "off", 0)
    if failures:
        yield wrong("checksums", f"{failures} damaged pages were read: restore a backup, and check the disk")
    elif checksums != "on":
        yield look("checksums", "off on this server: a damaged disk would go unnoticed")
    elif fsync != "on":
        yield wrong("checksums", "fsync is off: what is acknowledged may be lost with the machine")
    else:
        yield well("checksums", "on, no damaged page was read")


def look_at_schema() -> Iterator[Finding]:
    """Whether the schema is this version's. Sets Django up."""
    import django

    django.setup()
    pending = schema_version.pending_migrations()
    if pending:
        yield wrong("schema", f"{len(pending)} migrations are pending, from {pending[0]}", migrate)
    else:
        yield well("schema", "as this version needs it")
