"""
Many entries at once, as an import brings them: COPY into a temporary table, then one statement a kind.

What goes in is compared with what is there by source key and digest: new, changed or unchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Column, Staging, columns_of, quoted
from willowbark.record.core.entries import ENTRY_KINDS, Entry, column_names
from willowbark.record.kinds import table_of

#: The label of a row that is stored but not counted: a part of something that is.
NOT_COUNTED = -1
NO_LONGER_A_PART = "No longer a part of it, as its source says"

_LABEL = Column("staging_label", "int4")
# What an update leaves as it was: who the row is.
_FIXED = frozenset(("id", "patient_id", "source_key"))


@dataclass(frozen=True, slots=True)
class BulkEntry:
    """
    One entry for a patient's record; `entry.source_key` is set.

    `encounter_key` and `parent_key` name rows by their source key, of this patient, here or stored before.
    `label` is a number of the caller's under which the row is counted, or `NOT_COUNTED`. `source_file` is the
    original that the entry was read from. `id`, `recorded_by` and `recorded_at` are made here when they are
    not given.
    """

    patient_id: UUID
    entry: Entry
    label: int = 0
    encounter_key: UUID | None = None
    parent_key: UUID | None = None
    source_file: UUID | None = None
    id: UUID | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WithoutVisit:
    """An entry that names a visit which is not there, or not there yet."""

    patient_id: UUID
    kind: str
    source_key: UUID
    encounter_key: UUID


@dataclass(slots=True)
class StoredEntries:
    """How many counted rows were new and how many had changed, by label; the others were unchanged."""

    added: Counter[int] = field(default_factory=Counter)
    changed: Counter[int] = field(default_factory=Counter)
    without_visit: list[WithoutVisit] = field(default_factory=list)


@transaction.atomic
def store_entries(*, actor: Actor, entries: Iterable[BulkEntry]) -> StoredEntries:
    """
    Add the entries that are new and update those that their source has changed; no key may come twice.

    What a person has voided stays voided. Logging access and telling what happened are the caller's: once for
    each patient of an import, not once for each row.

    Raises:
        Forbidden: the actor may not import.
        IntegrityError: the same source key came twice, or a row breaks a rule of the record.
    """
    require(actor, "record.import")
    by_kind: defaultdict[str, list[BulkEntry]] = defaultdict(list)
    for entry in entries:
        by_kind[entry.entry.KIND].append(entry)
    _check_constraints_at_once()
    stored = StoredEntries()
    for kind in ENTRY_KINDS:
        wholes = [row for row in by_kind[kind] if row.parent_key is None]
        parts = [row for row in by_kind[kind] if row.parent_key is not None]
        for rows in (wholes, parts):
            if rows:
                _store_kind(actor, kind, rows, stored)
    return stored


@transaction.atomic
def place_in_visits(*, actor: Actor, entries: Sequence[WithoutVisit]) -> int:
    """
    Give entries the visit that they name, where it has come by now; returns how many got theirs.

    Raises:
        Forbidden: the actor may not import.
    """
    require(actor, "record.import")
    visits = _ids_by_key("encounter", {(one.patient_id, one.encounter_key) for one in entries})
    placed = 0
    for kind in ENTRY_KINDS:
        found = [
            (one.patient_id, one.source_key, visits[one.patient_id, one.encounter_key])
            for one in entries
            if one.kind == kind and (one.patient_id, one.encounter_key) in visits
        ]
        if not found:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table_of(kind)._meta.db_table} AS t SET encounter_id = v.visit"  # noqa: S608 - our own names
                " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS v (patient, key, visit)"
                " WHERE t.patient_id = v.patient AND t.source_key = v.key AND t.encounter_id IS NULL",
                [list(column) for column in zip(*found, strict=True)],
            )
            placed += cursor.rowcount
    return placed


def _check_constraints_at_once() -> None:
    """Deferred keys queue an event for each row, and triggers then walk that queue again and again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _store_kind(actor: Actor, kind: str, rows: list[BulkEntry], stored: StoredEntries) -> None:
    named = {(row.patient_id, row.encounter_key) for row in rows if row.encounter_key}
    visits = _ids_by_key("encounter", named)
    parents = _ids_by_key(kind, {(row.patient_id, row.parent_key) for row in rows if row.parent_key})
    columns = columns_of(table_of(kind))
    staging = Staging(kind, (*columns, _LABEL))
    staging.fill(_staged(actor, kind, columns, rows, visits, parents))
    changed_any = False
    with connection.cursor() as cursor:
        cursor.execute(_upsert(kind, columns, staging), [])
        for label, is_new, count in cursor.fetchall():
            changed_any |= not is_new
            if label != NOT_COUNTED:
                (stored.added if is_new else stored.changed)[label] += count
        if changed_any and kind == "observation":
            cursor.execute(_VOID_LOST_PARTS, [clock.now(), actor.user_id, NO_LONGER_A_PART])
    staging.drop()
    stored.without_visit += (
        WithoutVisit(row.patient_id, kind, row.entry.source_key, row.encounter_key)
        for row in rows
        if row.encounter_key and row.entry.source_key and (row.patient_id, row.encounter_key) not in visits
    )


def _ids_by_key(kind: str, keys: set[tuple[UUID, Any]]) -> dict[tuple[UUID, UUID], UUID]:
    """(patient, source key) -> row id, for those that are there; one statement."""
    if not keys:
        return {}
    table = table_of(kind)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.patient_id, t.source_key, t.id FROM unnest(%s::uuid[], %s::uuid[]) AS k (patient, key)"  # noqa: S608 - our own names
            f" JOIN {table} t ON t.patient_id = k.patient AND t.source_key = k.key",
            [list(column) for column in zip(*keys, strict=True)],
        )
        return {(patient, key): id_ for patient, key, id_ in cursor.fetchall()}


def _staged(
    actor: Actor,
    kind: str,
    columns: Sequence[Column],
    rows: Sequence[BulkEntry],
    visits: dict[tuple[UUID, UUID], UUID],
    parents: dict[tuple[UUID, UUID], UUID],
) -> Iterator[list[Any]]:
    """Each row as the staging table wants it: what the entry says, and around it what storing adds."""
    said = column_names(ENTRY_KINDS[kind])
    values_of = attrgetter(*said)
    place = {column.name: number for number, column in enumerate(columns)}
    # Where each value that an entry says goes, and where the others do.
    targets = [place[name] for name in said]
    id_, patient, by, at = (place[name] for name in ("id", "patient_id", "recorded_by_id", "recorded_at"))
    file = place["source_file"]
    voided_at, voided_by = place["voided_at"], place["voided_by_id"]
    encounter, parent = place.get("encounter_id"), place.get("parent_id")
    now = clock.now()
    blank: list[Any] = [None] * (len(columns) + 1)
    for row in rows:
        made = blank.copy()
        for target, value in zip(targets, values_of(row.entry), strict=True):
            made[target] = value
        made[id_] = row.id or uuid7()
        made[patient] = row.patient_id
        made[by] = row.recorded_by or actor.user_id
        made[at] = row.recorded_at or now
        if row.source_file:
            made[file] = row.source_file
        if row.entry.void_reason:
            made[voided_at], made[voided_by] = made[at], made[by]
        if row.encounter_key and encounter is not None:
            made[encounter] = visits.get((row.patient_id, row.encounter_key))
        if row.parent_key and parent is not None:
            made[parent] = parents[row.patient_id, row.parent_key]
        made[-1] = row.label
        yield made


def _upsert(kind: str, columns: Sequence[Column], staging: Staging) -> str:
    """
    One statement that stores what is new or changed and counts it by label.

    A person's voiding is stronger than the source: those three columns then stay as they are.
    """
    table = table_of(kind)._meta.db_table
    kept = "(t.voided_by_id IS NOT NULL AND t.voided_by_id <> excluded.recorded_by_id)"
    assigned = ", ".join(
        f'"{column.name}" = CASE WHEN {kept} THEN t."{column.name}" ELSE excluded."{column.name}" END'
        if column.name.startswith("void")
        else f'"{column.name}" = excluded."{column.name}"'
        for column in columns
        if column.name not in _FIXED
    )
    return (
        f"WITH stored AS (INSERT INTO {table} AS t ({quoted(columns)})"  # noqa: S608 - our own names
        f" SELECT {quoted(columns)} FROM {staging.table}"
        f" ON CONFLICT (patient_id, source_key) DO UPDATE SET {assigned}"
        " WHERE t.source_digest IS DISTINCT FROM excluded.source_digest"
        " RETURNING patient_id, source_key, (xmax = 0) AS is_new)"
        f" SELECT s.{_LABEL.name}, stored.is_new, count(*) FROM stored"
        f" JOIN {staging.table} s USING (patient_id, source_key) GROUP BY 1, 2"
    )


# A part carries its whole's digest: one that does not was left behind by the newest version.
_VOID_LOST_PARTS = """
UPDATE record_observation AS part SET voided_at = %s, voided_by_id = %s, void_reason = %s
FROM staging_observation s
JOIN record_observation whole ON whole.patient_id = s.patient_id AND whole.source_key = s.source_key
WHERE part.patient_id = whole.patient_id AND part.parent_id = whole.id
  AND part.source_digest IS DISTINCT FROM whole.source_digest AND part.voided_at IS NULL
"""
