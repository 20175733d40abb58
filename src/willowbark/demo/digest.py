"""
One number for all that a demo's database holds, to show that two builds are the same.

Every row of every table counts, in the order of its key, except what `data/left_out.json` names with a
reason: what is random on purpose, what the clock of the machine decides, and what visitors do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What does not count: table -> reason, (table, column) -> reason, and table -> the rows that do."""

    tables: dict[str, str]
    columns: dict[tuple[str, str], str]
    only: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableDigest:
    """The rows of one table that count, and their digest."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of a database, and that of each table by name."""

    whole: str
    tables: dict[str, TableDigest]

    def differences(self, other: Digest) -> list[str]:
        """The tables in which two databases differ."""
        names = sorted({*self.tables, *other.tables})
        return [name for name in names if self.tables.get(name) != other.tables.get(name)]


@cache
def left_out() -> LeftOut:
    """The written list of what does not count."""
    text = files("willowbark.demo").joinpath("data/left_out.json").read_text(encoding="utf-8")
    listed = json.loads(text)
    columns = {}
    for name, reason in listed["columns"].items():
        table, _, column = name.partition(".")
        columns[table, column] = reason
    only = {table: rule["only"] for table, rule in listed["rows"].items()}
    return LeftOut(listed["tables"], columns, only)


def digest_of(owner: Connection) -> Digest:
    """
    The digest of the database that the tables' owner is connected to.

    Raises:
        ValueError: the list of what does not count names something that is not there.
    """
    listed = left_out()
    found = _tables(owner)
    _check_list(listed, found)
    with owner.transaction():
        owner.execute("SET LOCAL TimeZone TO 'UTC'")
        owner.execute("SET LOCAL DateStyle TO 'ISO'")
        owner.execute("SET LOCAL bytea_output TO 'hex'")
        owner.execute("SET LOCAL extra_float_digits TO 1")
        tables = {
            table: _table_digest(owner, table, columns, listed)
            for table, columns in found.items()
            if table not in listed.tables
        }
    whole = sha256()
    for table, one in tables.items():
        whole.update(f"{table} {one.rows} {one.digest}\n".encode())
    return Digest(whole.hexdigest(), tables)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    key_place: int | None


def _tables(owner: Connection) -> dict[str, list[_Column]]:
    """Every table of ours by name, with its columns and the place of each in the key."""
    rows = owner.execute(
        """
        SELECT c.relname, a.attname, array_position(k.conkey, a.attnum)
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY c.relname COLLATE "C", a.attname COLLATE "C"
        """
    ).fetchall()
    found: dict[str, list[_Column]] = {}
    for table, column, place in rows:
        found.setdefault(table, []).append(_Column(column, place))
    return found


def _check_list(listed: LeftOut, found: dict[str, list[_Column]]) -> None:
    there = {(table, column.name) for table, columns in found.items() for column in columns}
    unknown = [name for name in (*listed.tables, *listed.only) if name not in found]
    unknown += [".".join(pair) for pair in listed.columns if pair not in there]
    if unknown:
        raise ValueError(f"the digest's list names what is not there: {', '.join(unknown)}")


def _table_digest(owner: Connection, table: str, columns: Sequence[_Column], listed: LeftOut) -> TableDigest:
    kept = [column for column in columns if (table, column.name) not in listed.columns]
    key = sorted(
        (column for column in columns if column.key_place is not None),
        key=lambda column: column.key_place or 0,
    )
    row = sql.SQL("ROW({})::text").format(sql.SQL(", ").join(sql.Identifier(column.name) for column in kept))
    # A key that does not count cannot give the order either.
    order = [sql.Identifier(column.name) for column in key] if set(key) <= set(kept) else []
    statement = sql.SQL(
        "SELECT count(*), encode(sha256(coalesce(string_agg(sha256(convert_to(said, 'UTF8')), ''::bytea"
        " ORDER BY {order}said COLLATE \"C\"), ''::bytea)), 'hex')"
        " FROM (SELECT *, {row} AS said FROM {table} WHERE {only}) AS rows"
    ).format(
        order=sql.SQL("").join(sql.SQL("{}, ").format(one) for one in order),
        row=row,
        table=sql.Identifier(table),
        only=sql.SQL(listed.only.get(table, "true")),
    )
    answer = owner.execute(statement).fetchone()
    if answer is None:
        raise ValueError(f"{table} gave no answer")
    return TableDigest(int(answer[0]), str(answer[1]))
