"""
One number for what a database holds, computed inside the server: a backup's proof, and a demo's.

Every row counts as the SHA-256 of its columns' text, and a table as how many rows it has and the sum of
those digests: the order of the rows decides nothing, nothing is sorted, and memory stays bounded however
many there are. A sum shows damage and difference; who could write rows to fit a sum is kept out by other
means (a backup is encrypted and authenticated as a whole).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]

# Text that depends on none of the server's or the client's settings.
SETTINGS = {"TimeZone": "UTC", "DateStyle": "ISO", "bytea_output": "hex", "extra_float_digits": "1"}
SETTINGS |= {"IntervalStyle": "postgres", "xmlbinary": "base64"}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What does not count: table -> reason, (table, column) -> reason, and table -> the rows that do."""

    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    only: dict[str, str] = field(default_factory=dict)


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

    @property
    def rows(self) -> int:
        """All rows that count."""
        return sum(one.rows for one in self.tables.values())

    def differences(self, other: Digest) -> list[str]:
        """The tables in which two databases differ."""
        names = sorted({*self.tables, *other.tables})
        return [name for name in names if self.tables.get(name) != other.tables.get(name)]


def digest_of(
    owner: Connection,
    left_out: LeftOut | None = None,
    *,
    looked_at: Callable[[str, int, int], None] = lambda table, number, total: None,
) -> Digest:
    """
    The digest of the database that the tables' owner is connected to, as this transaction sees it.

    Without `left_out` every row of every table counts. `looked_at` is told each table, its number from 1,
    and how many there are, before it is read.

    Raises:
        ValueError: `left_out` names something that is not there.
    """
    listed = left_out or LeftOut()
    found = _tables(owner)
    _check_list(listed, found)
    wanted = {table: columns for table, columns in found.items() if table not in listed.tables}
    tables = {}
    with owner.transaction():
        for name, value in SETTINGS.items():
            owner.execute("SELECT set_config(%s, %s, true)", [name, value])
        for number, (table, columns) in enumerate(wanted.items(), start=1):
            looked_at(table, number, len(wanted))
            tables[table] = _table_digest(owner, table, columns, listed)
    whole = sha256()
    for table, one in tables.items():
        whole.update(f"{table} {one.rows} {one.digest}\n".encode())
    return Digest(whole.hexdigest(), tables)


def _tables(owner: Connection) -> dict[str, list[str]]:
    """Every table of ours by name, with its columns."""
    rows = owner.execute(
        """
        SELECT c.relname, a.attname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY c.relname COLLATE "C", a.attname COLLATE "C"
        """
    ).fetchall()
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _check_list(listed: LeftOut, found: dict[str, list[str]]) -> None:
    there = {(table, column) for table, columns in found.items() for column in columns}
    unknown = [name for name in (*listed.tables, *listed.only) if name not in found]
    unknown += [".".join(pair) for pair in listed.columns if pair not in there]
    if unknown:
        raise ValueError(f"the digest's list names what is not there: {', '.join(unknown)}")


# A digest of 32 bytes is summed as four numbers of 64 bits.
_PART = "sum(('x' || encode(substr(said, {place}, 8), 'hex'))::bit(64)::bigint)::text"
_SUMS = ", ".join(_PART.format(place=place) for place in (1, 9, 17, 25))


def _table_digest(owner: Connection, table: str, columns: list[str], listed: LeftOut) -> TableDigest:
    kept = [column for column in columns if (table, column) not in listed.columns]
    # OFFSET 0 keeps the planner from writing the digest out at each of its four uses.
    statement = sql.SQL(
        "SELECT count(*), concat_ws(' ', {sums}) FROM (SELECT sha256(convert_to(ROW({kept})::text, 'UTF8'))"
        " AS said FROM {table} WHERE {only} OFFSET 0) AS rows"
    ).format(
        sums=sql.SQL(_SUMS),
        kept=sql.SQL(", ").join(sql.Identifier(column) for column in kept),
        table=sql.Identifier(table),
        only=sql.SQL(listed.only.get(table, "true")),
    )
    answer = owner.execute(statement).fetchone()
    if answer is None:
        raise ValueError(f"{table} gave no answer")
    return TableDigest(int(answer[0]), sha256(str(answer[1]).encode()).hexdigest())
