"""
Seal what stands in the clear from before its column was sealed, batch by batch, each in its own transaction.

What is sealed is passed over: stopped at any moment, it goes on where it was when it is begun again, and the
practice works meanwhile, since every reader takes a value from either column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from .blind import keyed_digest
from .columns import Connection, SealedColumn, there
from .keyring import Keyring


def left(owner: Connection) -> int:
    """How many values stand in the clear, as the tables' owner sees them all."""
    return sum(_number(owner, column) for column in _once_clear(owner))


def seal_all(owner: Connection, ring: Keyring, *, done: Callable[[int], None] = lambda number: None) -> int:
    """Seal every one of them with the ring's current key; `done` is told of each batch's values. How many."""
    count = 0
    for column in _once_clear(owner):
        while True:
            with owner.transaction(), owner.cursor() as cursor:
                number = seal_some(cursor, ring, column)
            if number == 0:
                break
            count += number
            done(number)
    return count


def seal_some(
    cursor: psycopg.Cursor[Any],
    ring: Keyring,
    column: SealedColumn,
    only: Sequence[tuple[UUID, UUID]] | None = None,
) -> int:
    """
    Seal a batch of what a column's table holds in the clear, in the transaction that is open; how many.

    `only` names rows by patient and the column that values are bound to: then all of these.
    """
    names = {
        **column.parts,
        "clear": sql.Identifier(column.clear),
        "digest": sql.Identifier(column.digest) if column.digest else sql.SQL("NULL::bytea"),
    }
    among, values = sql.SQL(""), []
    if only is not None:
        among = sql.SQL(" AND ({first}, {row}) IN (SELECT * FROM unnest(%b::uuid[], %b::uuid[]))")
        values = [[first for first, _ in only], [row for _, row in only]]
    most = column.rows_at_once if only is None else max(len(only), 1)
    cursor.execute(
        sql.SQL(
            "SELECT {first}, {row}, {patient}, {clear}, {digest} FROM {table}"
            " WHERE {clear} IS NOT NULL{among} ORDER BY {first}, {row} LIMIT {most} FOR UPDATE"
        ).format(among=among.format(**names), most=most, **names),
        values,
    )
    rows = cursor.fetchall()
    if not rows:
        return 0
    sealed = [
        (
            first,
            row,
            column.seal(ring, row, patient, _bytes(clear)),
            digest and keyed_digest(ring, column.table, bytes(digest)),
        )
        for first, row, patient, clear, digest in rows
    ]
    keyed = sql.SQL(", {digest} = n.digest" if column.digest else "").format(**names)
    cursor.execute(
        sql.SQL(
            "UPDATE {table} AS t SET {column} = n.sealed, {clear} = NULL{keyed}"
            " FROM unnest(%b::uuid[], %b::uuid[], %b::bytea[], %b::bytea[]) AS n (first, row, sealed, digest)"
            " WHERE t.{row} = n.row AND t.{first} = n.first"
        ).format(keyed=keyed, **names),
        [list(each) for each in zip(*sealed, strict=True)],
    )
    return len(rows)


def _bytes(clear: str | bytes) -> bytes:
    return clear.encode() if isinstance(clear, str) else clear


def _once_clear(owner: Connection) -> Iterator[SealedColumn]:
    return (column for column in there(owner) if column.clear)


def _number(owner: Connection, column: SealedColumn) -> int:
    statement = sql.SQL("SELECT count(*) FROM {table} WHERE {clear} IS NOT NULL")
    row = owner.execute(statement.format(clear=sql.Identifier(column.clear), **column.parts)).fetchone()
    return row[0] if row else 0
