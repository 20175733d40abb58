"""Which columns hold sealed values, and what else is sealed: every business says so in its `apps.py`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql

from .keyring import ID_BYTES, Keyring
from .sealing import VERSION, Place, key_id_of, seal, unseal

# Deflated without a head and a sum of its own: what is sealed is authenticated already.
_FASTEST, _BARE = 1, -15

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """
    A bytea column of sealed values, null where nothing is sealed.

    Attributes:
        patient: the column that names the patient, '' in a table that is no patient's.
        row: the column that a value is bound to beside the patient: unique within the patient.
        is_packed: its values are compressed before they are sealed, since nothing compresses them afterwards.
        rows_at_once: how many one transaction seals anew; fewer where each is large.
        clear: the column that held the values before they were sealed, null since; '' where none did.
        digest: beside `clear`, a column with the SHA-256 of such a value, which is keyed (`blind`) when the
            value is sealed; '' where there is none.
    """

    table: str
    column: str
    patient: str = "patient_id"
    row: str = "id"
    is_packed: bool = False
    rows_at_once: int = 1_000
    clear: str = ""
    digest: str = ""

    def place(self, row: UUID, patient: UUID | None) -> Place:
        """Where the value of one row stands."""
        return Place(self.table, self.column, row, patient)

    def seal(self, ring: Keyring, row: UUID, patient: UUID | None, plain: bytes) -> bytes:
        """What this column keeps of a value."""
        kept = zlib.compress(plain, _FASTEST, _BARE) if self.is_packed else plain
        return seal(ring, self.place(row, patient), kept)

    def unseal(self, ring: Keyring, row: UUID, patient: UUID | None, sealed: bytes) -> bytes:
        """
        The value that this column keeps.

        Raises:
            UnknownKey, NotAuthentic: as `sealing.unseal`.
        """
        kept = unseal(ring, self.place(row, patient), sealed)
        return zlib.decompress(kept, _BARE) if self.is_packed else kept

    @property
    def parts(self) -> dict[str, sql.Composable]:
        """The names, for SQL; `first` and `row` are a row's key, `key` the id of the key that sealed it."""
        column = sql.Identifier(self.column)
        return {
            "table": sql.Identifier(self.table),
            "column": column,
            "patient": sql.Identifier(self.patient) if self.patient else sql.SQL("NULL::uuid"),
            "first": sql.Identifier(self.patient or self.row),
            "row": sql.Identifier(self.row),
            "key": sql.SQL("substring({} FROM {} FOR {})").format(column, len(VERSION) + 1, ID_BYTES),
        }


@dataclass(frozen=True, slots=True)
class SealedElsewhere:
    """
    Values that are sealed inside something else; none where its table is not there yet.

    Attributes:
        values: every one, as the tables' owner reads it, with its place.
        reseal: seals up to so many anew that are not under the ring's current key, in the transaction that is
            open; how many it did, 0 when nothing is left.
    """

    values: Callable[[Connection], Iterator[tuple[Place, bytes]]]
    reseal: Callable[[Connection, Keyring, int], int]


_columns: dict[tuple[str, str], SealedColumn] = {}
_elsewhere: list[SealedElsewhere] = []


def register(column: SealedColumn) -> None:
    """Name a column, once, when the app starts."""
    _columns[column.table, column.column] = column


def register_elsewhere(values: SealedElsewhere) -> None:
    """Name values that are sealed inside something else, once."""
    _elsewhere.append(values)


def registered_elsewhere() -> tuple[SealedElsewhere, ...]:
    """All of them, in the order in which they were named."""
    return tuple(_elsewhere)


def registered() -> tuple[SealedColumn, ...]:
    """All of them, by name."""
    return tuple(_columns[name] for name in sorted(_columns))


def keys_in_use(owner: Connection) -> dict[bytes, int]:
    """Key id -> how many values it seals, in columns and elsewhere, as the tables' owner sees them all."""
    found: dict[bytes, int] = {}
    for _, sealed in _values_elsewhere(owner):
        found[key_id_of(sealed)] = found.get(key_id_of(sealed), 0) + 1
    for column in there(owner):
        statement = sql.SQL("SELECT {key}, count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1")
        for key_id, number in owner.execute(statement.format(**column.parts)):
            found[bytes(key_id)] = found.get(bytes(key_id), 0) + number
    return found


def is_anything_sealed(owner: Connection) -> bool:
    """Whether any value is sealed."""
    statement = sql.SQL("SELECT EXISTS (SELECT FROM {table} WHERE {column} IS NOT NULL)")
    answers = (owner.execute(statement.format(**column.parts)).fetchone() for column in there(owner))
    if any(answer is not None and answer[0] for answer in answers):
        return True
    return any(True for _ in _values_elsewhere(owner))


def open_one_of_each_key(owner: Connection, ring: Keyring) -> None:
    """
    Open one value of every column and key, and every one that is sealed elsewhere.

    Raises:
        UnknownKey, NotAuthentic: one does not open.
    """
    for column in there(owner):
        statement = sql.SQL(
            "SELECT DISTINCT ON ({key}) {row}, {patient}, {column} FROM {table} WHERE {column} IS NOT NULL"
        )
        for row, patient, sealed in owner.execute(statement.format(**column.parts)):
            unseal(ring, column.place(row, patient), bytes(sealed))
    for place, sealed in _values_elsewhere(owner):
        unseal(ring, place, sealed)


def _values_elsewhere(owner: Connection) -> Iterator[tuple[Place, bytes]]:
    for one in _elsewhere:
        yield from one.values(owner)


def there(owner: Connection) -> Iterator[SealedColumn]:
    """The columns that the database has: an older backup lacks the newer ones."""
    for column in registered():
        answer = owner.execute(
            "SELECT FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND column_name = %s",
            [column.table, column.column],
        ).fetchone()
        if answer is not None:
            yield column
