"""
Whether a database has the schema of this version of the platform, told without loading Django.

Migrating leaves a mark on the database: a digest of everything that decides the schema. A dump does not
carry it, so that a restored database is migrated again rather than believed.
"""

from __future__ import annotations

import ast
import hashlib
import logging
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

import willowbark

PACKAGE = Path(willowbark.__file__).parent
# Libraries that bring migrations of their own.
MIGRATING_LIBRARIES = ("django", "procrastinate")
MARK = "willowbark schema "
_LOGGER = logging.getLogger(__name__)

Connection = psycopg.Connection[tuple[Any, ...]]


def _imported_modules(source: Path) -> Iterator[str]:
    """The names of our own modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            # `from package import module` names a module too; a name that is none is not found below.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(module: str) -> Path | None:
    parts = module.split(".")
    if parts[0] != "willowbark":
        return None
    place = PACKAGE.joinpath(*parts[1:])
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def schema_sources() -> list[Path]:
    """Every file that decides the schema: the migrations, what lies beside them, and all they import."""
    found: set[Path] = set()
    waiting = [path for path in PACKAGE.glob("**/migrations/**/*") if path.is_file()]
    # What roles may do is data, kept in the database by migrating.
    waiting += PACKAGE.glob("practice/data/roles.json")
    while waiting:
        path = waiting.pop()
        if path in found or path.suffix == ".pyc":
            continue
        found.add(path)
        if path.suffix == ".py":
            waiting += [file for name in _imported_modules(path) if (file := _file_of(name)) is not None]
    return sorted(found)


def schema_digest() -> str:
    """A short digest of everything that decides the schema, libraries' versions included."""
    digest = hashlib.sha256()
    for library in MIGRATING_LIBRARIES:
        if util.find_spec(library):
            digest.update(f"{library} {metadata.version(library)}\n".encode())
    for path in schema_sources():
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def is_current(connection: Connection) -> bool:
    """Whether the database was migrated by exactly these sources."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return row is not None and row[0] == MARK + schema_digest()


def mark_current(connection: Connection) -> None:
    """
    Leave the mark, as the owner of the database, after migrating.

    An owner of tables alone may not; then every start asks the migrations themselves, which is slower.
    """
    try:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(MARK + schema_digest())
            )
        )
    except psycopg.errors.InsufficientPrivilege:
        _LOGGER.info("schema_mark_refused")


def pending_migrations() -> list[str]:
    """The migrations that Django's default connection still lacks, as 'app.name', in order. Loads Django."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
