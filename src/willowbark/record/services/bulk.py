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
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Column, Staging, columns_of, quoted, run_bound
from willowbark.record.core.entries import ENTRY_KINDS, Entry, column_names
from willowbark.record.kinds import table_of

#: (patient, source key) -> row.
Ids = dict[tuple[UUID, UUID], UUID]

#: The label of a row that is stored but not counted: a part of something that is.
NOT_COUNTED = -1
NO_LONGER_A_PART = "No longer a part of it, as its source says"

_LABEL = Column("staging_label", "int4")
# What an update leaves as it was: who the row is.
_FIXED = frozenset(("id", "patient_id", "source_key"))


class BulkEntry(NamedTuple):
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
    _store_kind(actor, "encounter", by_kind.pop("encounter", []), {}, {}, stored)
    others = (row for rows in by_kind.values() for row in rows)
    visits = _ids_by_key("encounter", {(row.patient_id, row.encounter_key) for row in others})
    for kind in ENTRY_KINDS:
        wholes = [row for row in by_kind[kind] if row.parent_key is None]
        parts = [row for row in by_kind[kind] if row.parent_key is not None]
        _store_kind(actor, kind, wholes, visits, {}, stored)
        parents = _ids_by_key(kind, {(row.patient_id, row.parent_key) for row in parts})
        _store_kind(actor, kind, parts, visits, parents, stored)
    return stored


@transaction.atomic
def place_in_visits(*, actor: Actor, entries: Sequence[WithoutVisit]) -> list[WithoutVisit]:
    """
    Give entries the visit that they name, where it has come by now; returns those that got theirs.

    Raises:
        Forbidden: the actor may not import.
    """
    require(actor, "record.import")
    visits = _ids_by_key("encounter", {(one.patient_id, one.encounter_key) for one in entries})
    found = [one for one in entries if (one.patient_id, one.encounter_key) in visits]
    for kind in ENTRY_KINDS:
        rows = [
            (one.patient_id, one.source_key, visits[one.patient_id, one.encounter_key])
            for one in found
            if one.kind == kind
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table_of(kind)._meta.db_table} AS t SET encounter_id = v.visit"  # noqa: S608
                    " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS v (patient, key, visit)"
                    " WHERE t.patient_id = v.patient AND t.source_key = v.key AND t.encounter_id IS NULL",
                    [list(column) for column in zip(*rows, strict=True)],
                )
    return found


def _check_constraints_at_once() -> None:
    """Deferred keys queue an event for each row, and triggers then walk that queue again and again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _store_kind(
    actor: Actor, kind: str, rows: Sequence[BulkEntry], visits: Ids, parents: Ids, stored: StoredEntries
) -> None:
    if not rows:
        return
    columns = {column.name: column for column in columns_of(table_of(kind))}
    # Parts come after their wholes, in the same transaction: in a table of their own.
    name = f"{kind}_parts" if parents else kind
    staging = Staging(name, (*(columns[name] for name in column_names(ENTRY_KINDS[kind])), *_AROUND))
    staging.fill(_staged(actor, kind, rows, visits, parents, stored.without_visit))
    changed_any = False
    with connection.cursor() as cursor:
        cursor.execute(_upsert(kind, list(columns), staging.table))
        for label, is_new, count in cursor.fetchall():
            changed_any |= not is_new
            if label != NOT_COUNTED:
                (stored.added if is_new else stored.changed)[label] += count
        if changed_any and kind == "observation":
            lost = _VOID_LOST_PARTS.format(staged=staging.table)
            cursor.execute(lost, [clock.now(), actor.user_id, NO_LONGER_A_PART])


def _ids_by_key(kind: str, keys: set[tuple[UUID, UUID | None]]) -> Ids:
    """
    (patient, source key) -> row id, for those that are there; one statement.

    Each is looked for as the first key from itself on: that way there is but one index for it, and a patient
    with thousands of visits costs no more than one with three, whatever is known of the table's contents.
    """
    wanted = [pair for pair in keys if pair[1] is not None]
    if not wanted:
        return {}
    found = run_bound(
        "SELECT k.patient, k.key, t.id FROM unnest(%b::uuid[], %b::uuid[]) AS k (patient, key)"  # noqa: S608 - our own names
        f" CROSS JOIN LATERAL (SELECT r.id, r.patient_id, r.source_key FROM {table_of(kind)._meta.db_table} r"
        " WHERE (r.patient_id, r.source_key) >= (k.patient, k.key)"
        " ORDER BY r.patient_id, r.source_key LIMIT 1) t"
        " WHERE t.patient_id = k.patient AND t.source_key = k.key",
        [list(column) for column in zip(*wanted, strict=True)],
    )
    return {(patient, key): id_ for patient, key, id_ in found}


# What a row is staged with beside what its entry says.
_AROUND = (
    Column("id", "uuid"),
    Column("patient_id", "uuid"),
    Column("visit", "uuid"),
    Column("whole", "uuid"),
    Column("read_from", "uuid"),
    Column("recorded_by_id", "uuid"),
    Column("recorded_at", "timestamptz"),
    _LABEL,
)


def _staged(
    actor: Actor,
    kind: str,
    rows: Sequence[BulkEntry],
    visits: Ids,
    parents: Ids,
    without_visit: list[WithoutVisit],
) -> Iterator[tuple[Any, ...]]:
    """Each row as the staging table wants it: what the entry says, and what stands around it."""
    values_of = attrgetter(*column_names(ENTRY_KINDS[kind]))
    now, importer = clock.now(), actor.user_id
    for row in rows:
        visit = None
        if row.encounter_key is not None:
            visit = visits.get((row.patient_id, row.encounter_key))
            if visit is None and row.entry.source_key is not None:
                without_visit.append(
                    WithoutVisit(row.patient_id, kind, row.entry.source_key, row.encounter_key)
                )
        yield (
            *values_of(row.entry),
            row.id or uuid7(),
            row.patient_id,
            visit,
            parents[row.patient_id, row.parent_key] if row.parent_key else None,
            row.source_file,
            row.recorded_by or importer,
            row.recorded_at or now,
            row.label,
        )


# Columns whose value is worked out from what was staged.
_WORKED_OUT = {
    "source_file": "coalesce(s.read_from, s.source_file)",
    "voided_at": "CASE WHEN s.void_reason <> '' THEN s.recorded_at END",
    "voided_by_id": "CASE WHEN s.void_reason <> '' THEN s.recorded_by_id END",
    "encounter_id": "coalesce(s.visit, s.encounter_id)",
    "parent_id": "coalesce(s.whole, s.parent_id)",
}


def _upsert(kind: str, columns: Sequence[str], staged: str) -> str:
    """
    One statement that stores what is new or changed and counts it by label.

    A person's voiding is stronger than the source: those three columns then stay as they are.
    """
    table = table_of(kind)._meta.db_table
    chosen = ", ".join(_WORKED_OUT.get(name, f's."{name}"') for name in columns)
    kept = "(t.voided_by_id IS NOT NULL AND t.voided_by_id <> excluded.recorded_by_id)"
    assigned = ", ".join(
        f'"{name}" = CASE WHEN {kept} THEN t."{name}" ELSE excluded."{name}" END'
        if name.startswith("void")
        else f'"{name}" = excluded."{name}"'
        for name in columns
        if name not in _FIXED
    )
    return (
        f"WITH stored AS (INSERT INTO {table} AS t ({quoted(columns)}) SELECT {chosen} FROM {staged} s"  # noqa: S608 - our own names
        f" ON CONFLICT (patient_id, source_key) DO UPDATE SET {assigned}"
        " WHERE t.source_digest IS DISTINCT FROM excluded.source_digest"
        " RETURNING patient_id, source_key, (xmax = 0) AS is_new)"
        f" SELECT s.{_LABEL.name}, stored.is_new, count(*) FROM stored"
        f" JOIN {staged} s USING (patient_id, source_key) GROUP BY 1, 2"
    )


# A part carries its whole's digest: one that does not was left behind by the newest version.
_VOID_LOST_PARTS = """
UPDATE record_observation AS part SET voided_at = %s, voided_by_id = %s, void_reason = %s
FROM {staged} s
JOIN record_observation whole ON whole.patient_id = s.patient_id AND whole.source_key = s.source_key
WHERE part.patient_id = whole.patient_id AND part.parent_id = whole.id
  AND part.source_digest IS DISTINCT FROM whole.source_digest AND part.voided_at IS NULL
"""
