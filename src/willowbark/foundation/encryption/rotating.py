"""
Bring every sealed value under the newest key, batch by batch, each in a transaction of its own.

What is under the newest key already is passed over: stopped at any moment, it goes on where it was when it is
begun again, and the practice works meanwhile. A row that somebody changes at this moment is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from .columns import Connection, SealedColumn, keys_in_use, registered, registered_elsewhere
from .keyring import Keyring
from .sealing import seal, unseal

BATCH_ROWS = 1_000
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values were sealed anew."""

    values: int


def waiting(owner: Connection, ring: Keyring) -> int:
    """How many values are sealed with a key that is no longer the newest."""
    return sum(number for key, number in keys_in_use(owner).items() if key != ring.current.id)


def rotate(owner: Connection, ring: Keyring, *, done: Callable[[int], None] = lambda number: None) -> Rotated:
    """
    Seal everything anew that is not under the ring's current key; `done` is told of each batch's values.

    Raises:
        UnknownKey, NotAuthentic: a value does not open. Batches before it are kept, and nothing of its own.
    """
    count = 0
    for column in registered():
        after = (_FIRST, _FIRST)
        while True:
            with owner.transaction():
                after, number = _batch(owner, ring, column, after)
            if number == 0:
                break
            count += number
            done(number)
    for elsewhere in registered_elsewhere():
        while True:
            with owner.transaction():
                number = elsewhere.reseal(owner, ring, BATCH_ROWS)
            if number == 0:
                break
            count += number
            done(number)
    return Rotated(count)


def _batch(
    owner: Connection, ring: Keyring, column: SealedColumn, after: tuple[UUID, UUID]
) -> tuple[tuple[UUID, UUID], int]:
    rows = owner.execute(
        sql.SQL(
            "SELECT {first}, {row}, {patient}, {column} FROM {table}"
            " WHERE {column} IS NOT NULL AND {key} <> %s AND ({first}, {row}) > (%s, %s)"
            " ORDER BY {first}, {row} LIMIT %s FOR UPDATE"
        ).format(**column.parts),
        [ring.current.id, *after, min(BATCH_ROWS, column.rows_at_once)],
    ).fetchall()
    if not rows:
        return after, 0
    anew = [
        (first, row, seal(ring, place, unseal(ring, place, bytes(sealed))))
        for first, row, patient, sealed in rows
        for place in [column.place(row, patient)]
    ]
    # By the whole key where there is one: the second part alone is not indexed in a patient's table.
    owner.execute(
        sql.SQL(
            "UPDATE {table} AS t SET {column} = n.sealed"
            " FROM unnest(%b::uuid[], %b::uuid[], %b::bytea[]) AS n (first, row, sealed)"
            " WHERE t.{row} = n.row AND t.{first} = n.first"
        ).format(**column.parts),
        [list(each) for each in zip(*anew, strict=True)],
    )
    first, row, *_ = rows[-1]
    return (first, row), len(rows)
