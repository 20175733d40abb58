"""
Many rows at once: COPY into a temporary table, from which one statement takes them on.

COPY is refused on tables with row-level security, and it knows no ON CONFLICT: so rows are staged, and an
INSERT ... SELECT stores them under the same walls, triggers and constraints as any other row.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from uuid import UUID

import psycopg
from django.db import connection, models

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")
_TYPE = re.compile(r"[a-z0-9]+(\(\d+\))?(\[\])?\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a staging table: its name, and its PostgreSQL type as `format_type` spells it shortest."""

    name: str
    type: str

    def __post_init__(self) -> None:
        if not _NAME.match(self.name) or not _TYPE.match(self.type):
            raise ValueError(f"{self.name} {self.type} is not a column")

    @property
    def copied_as(self) -> str:
        """The type that psycopg encodes: without a length."""
        return self.type.partition("(")[0]


def columns_of(model: type[models.Model], *, without: Iterable[str] = ()) -> tuple[Column, ...]:
    """The columns of a model's table, in their order."""
    left_out = set(without)
    found = []
    for field in model._meta.local_concrete_fields:
        if field.column in left_out:
            continue
        spelled = str(field.db_type(connection))
        found.append(Column(str(field.column), _SHORT.get(spelled, spelled)))
    return tuple(found)


_SHORT = {"timestamp with time zone": "timestamptz", "boolean": "bool", "integer": "int4", "smallint": "int2"}


@functools.cache
def _server_has_lz4() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
        )
        return cursor.fetchone() is not None


def _packing(column: Column) -> str:
    """A long value is compressed when it is staged, for good: so the fast way, where the server knows it."""
    return " COMPRESSION lz4" if column.type in ("text", "bytea") and _server_has_lz4() else ""


class Staging:
    """
    One temporary table, empty at the end of each transaction.

    The table stays with its connection, since making and dropping one costs more than filling it with a
    hundred rows; its name tells its columns, so that a later version of the platform makes another.
    """

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is not a table name")
        self.columns = tuple(columns)
        listed = ", ".join(f'"{column.name}" {column.type}' for column in self.columns)
        self.table = f"staging_{name[:30]}_{sha256(listed.encode()).hexdigest()[:8]}"

    def fill(self, rows: Iterable[Sequence[Any]]) -> int:
        """
        Copy `rows` into the table, alone; each has a value for every column. Returns their number.

        Raises:
            DataError: a value does not fit its column.
        """
        count = 0
        with connection.cursor() as cursor:
            listed = ", ".join(f'"{column.name}" {column.type}{_packing(column)}' for column in self.columns)
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.table} ({listed}) ON COMMIT DELETE ROWS"
            )
            cursor.execute(f"SELECT FROM {self.table} LIMIT 1")
            if cursor.fetchone() is not None:
                # Filled before in this transaction. To empty it each time would cost more than filling it.
                cursor.execute(f"TRUNCATE {self.table}")
            with cursor.copy(f"COPY {self.table} FROM STDIN (FORMAT binary)") as copy:
                copy.set_types([column.copied_as for column in self.columns])
                for row in rows:
                    copy.write_row(row)
                    count += 1
        return count


class Meanwhile:
    """
    Statements of the open transaction at which the database works while the next rows are being made.

    Settle before using the connection otherwise. Leaving the block waits for what is under way, and raises
    what it came to.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "meanwhile")
        self._running: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.shutdown()
        if kind is None:
            self.settle()

    def start(self, statement: str, values: Sequence[Any]) -> None:
        """Begin one statement whose values travel apart from it, once the one before is done."""
        self.settle()
        raw = connection.connection
        self._running = self._thread.submit(_run_alone, raw, statement, values)

    def settle(self) -> None:
        """
        Wait for the statement under way, if any.

        Raises:
            Error: Django's, if it failed.
        """
        running, self._running = self._running, None
        if running is not None:
            with connection.wrap_database_errors:
                running.result()


def _run_alone(raw: psycopg.Connection[Any], statement: str, values: Sequence[Any]) -> None:
    with psycopg.Cursor(raw) as cursor:
        cursor.execute(statement, values, prepare=False)


def run_bound(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """
    Run one statement whose values travel apart from it, in binary: for arrays of thousands, or megabytes.

    Django's own cursor writes values into the text of the statement. Placeholders are `%b`. Returns the rows.

    Raises:
        Error: Django's, as from its own cursor.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=False)
        return cursor.fetchall() if cursor.description else []


def patients_with_rows(model: type[models.Model], patient_ids: Collection[UUID]) -> set[UUID]:
    """
    Those of the patients who have any row of a patient's table; one statement.

    All rows of the others are new: stored without a look at each one's key, they cost a fifth less.
    """
    if not patient_ids:
        return set()
    found = run_bound(
        "SELECT p.id FROM unnest(%b::uuid[]) AS p (id)"  # noqa: S608 - our own names
        f" WHERE EXISTS (SELECT FROM {model._meta.db_table} r WHERE r.patient_id = p.id)",
        [list(patient_ids)],
    )
    return {patient_id for (patient_id,) in found}


def quoted(columns: Iterable[Column | str], prefix: str = "") -> str:
    """Column names as SQL: `s."id", s."text"`."""
    names = (column if isinstance(column, str) else column.name for column in columns)
    return ", ".join(f'{prefix}"{name}"' for name in names)
