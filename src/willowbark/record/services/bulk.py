"""
Many entries at once, as an import brings them: COPY into a temporary table, then one statement a kind.

What goes in is compared with what is there by source key and digest: new, changed or unchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import (
    Column,
    Meanwhile,
    Staging,
    columns_of,
    patients_with_rows,
    quoted,
    run_bound,
)
from willowbark.record.core.entries import ENTRY_KINDS, Entry, column_names
from willowbark.record.kinds import table_of

#: (patient, source key) -> row.
Ids = dict[tuple[UUID, UUID], UUID]

#: The label of a row that is stored but not counted: a part of something that is.
NOT_COUNTED = -1
NO_LONGER_A_PART = "No longer a part of it, as its source says"

_LABEL = Column("staging_label", "int4")
_MAY_BE_THERE = Column("staging_may_be_there", "bool")
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
    known = {kind: _with_some(kind, rows) for kind, rows in by_kind.items()}
    visits_first = by_kind.pop("encounter", [])
    with Meanwhile() as meanwhile:
        if visits_first:
            _Kind(actor, "encounter", known["encounter"], {}, stored, meanwhile).store(visits_first, {})
        meanwhile.settle()
        others = (row for rows in by_kind.values() for row in rows)
        visits = _ids_by_key("encounter", {(row.patient_id, row.encounter_key) for row in others})
        for kind in ENTRY_KINDS:
            rows = by_kind.get(kind, [])
            if not rows:
                continue
            target = _Kind(actor, kind, known[kind], visits, stored, meanwhile)
            target.store([row for row in rows if row.parent_key is None], {})
            parts = [row for row in rows if row.parent_key is not None]
            if parts:
                meanwhile.settle()
                target.store(parts, _ids_by_key(kind, {(row.patient_id, row.parent_key) for row in parts}))
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


def _with_some(kind: str, rows: Sequence[BulkEntry]) -> set[UUID]:
    """The rows' patients who have entries of the kind: these alone are compared with what is there."""
    return patients_with_rows(table_of(kind), {row.patient_id for row in rows})


@dataclass(frozen=True, slots=True)
class _Kind:
    """
    Stores entries of one kind. Of patients in `known` they may be there; all others' are new.

    Were that wrong, the unique key would refuse the whole transaction.
    """

    actor: Actor
    kind: str
    known: set[UUID]
    visits: Ids
    stored: StoredEntries
    meanwhile: Meanwhile

    def store(self, rows: Sequence[BulkEntry], parents: Ids) -> None:
        """Store the rows. What is new may still be on its way in when this returns."""
        if not rows:
            return
        columns = {column.name: column for column in columns_of(table_of(self.kind))}
        said = (columns[name] for name in column_names(ENTRY_KINDS[self.kind]))
        # Parts come after their wholes, in the same transaction: in a table of their own.
        staging = Staging(f"{self.kind}_parts" if parents else self.kind, (*said, *_AROUND))
        staged = list(_staged(self.kind, rows, self.known, self.visits, parents, self.stored.without_visit))
        self.meanwhile.settle()
        staging.fill(staged)
        who_and_when = [self.actor.user_id, clock.now()]
        if self.known:
            self._compare(staging.table, list(columns), who_and_when)
        new = Counter(row.label for row in rows if row.patient_id not in self.known)
        if new:
            _count(self.stored.added, new)
            self.meanwhile.start(_insert(self.kind, list(columns), staging.table), who_and_when)

    def _compare(self, staged: str, columns: Sequence[str], who_and_when: Sequence[Any]) -> None:
        changed_any = False
        with connection.cursor() as cursor:
            cursor.execute(_upsert(self.kind, columns, staged), who_and_when)
            for label, is_new, count in cursor.fetchall():
                changed_any |= not is_new
                _count(self.stored.added if is_new else self.stored.changed, {label: count})
            if changed_any and self.kind == "observation":
                lost = _VOID_LOST_PARTS.format(staged=staged)
                cursor.execute(lost, [clock.now(), self.actor.user_id, NO_LONGER_A_PART])


def _count(counted: Counter[int], numbers: Mapping[int, int]) -> None:
    for label, number in numbers.items():
        if label != NOT_COUNTED:
            counted[label] += number


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
    _MAY_BE_THERE,
    _LABEL,
)


def _staged(
    kind: str,
    rows: Sequence[BulkEntry],
    known: set[UUID],
    visits: Ids,
    parents: Ids,
    without_visit: list[WithoutVisit],
) -> Iterator[tuple[Any, ...]]:
    """Each row as the staging table wants it: what the entry says, and what stands around it."""
    values_of = attrgetter(*column_names(ENTRY_KINDS[kind]))
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
            row.recorded_by,
            row.recorded_at,
            bool(known) and row.patient_id in known,
            row.label,
        )


# Columns whose value is worked out from what was staged, and from who imports when.
_WORKED_OUT = {
    "source_file": "coalesce(s.read_from, s.source_file)",
    "recorded_by_id": "coalesce(s.recorded_by_id, w.who)",
    "recorded_at": "coalesce(s.recorded_at, w.at)",
    "voided_at": "CASE WHEN s.void_reason <> '' THEN coalesce(s.recorded_at, w.at) END",
    "voided_by_id": "CASE WHEN s.void_reason <> '' THEN coalesce(s.recorded_by_id, w.who) END",
    "encounter_id": "coalesce(s.visit, s.encounter_id)",
    "parent_id": "coalesce(s.whole, s.parent_id)",
}


def _insert(kind: str, columns: Sequence[str], staged: str) -> str:
    """One statement that stores what cannot be there yet; without a look at each key it costs less."""
    return f"{_into(kind, columns, staged)} WHERE NOT s.{_MAY_BE_THERE.name}"


def _into(kind: str, columns: Sequence[str], staged: str) -> str:
    chosen = ", ".join(_WORKED_OUT.get(name, f's."{name}"') for name in columns)
    return (
        f"INSERT INTO {table_of(kind)._meta.db_table} AS t ({quoted(columns)})"  # noqa: S608 - our own names
        f" SELECT {chosen} FROM {staged} s, (SELECT %s::uuid, %s::timestamptz) AS w (who, at)"
    )


def _upsert(kind: str, columns: Sequence[str], staged: str) -> str:
    """
    One statement that stores what is new or changed and counts it by label.

    A person's voiding is stronger than the source: those three columns then stay as they are.
    """
    kept = "(t.voided_by_id IS NOT NULL AND t.voided_by_id <> excluded.recorded_by_id)"
    assigned = ", ".join(
        f'"{name}" = CASE WHEN {kept} THEN t."{name}" ELSE excluded."{name}" END'
        if name.startswith("void")
        else f'"{name}" = excluded."{name}"'
        for name in columns
        if name not in _FIXED
    )
    return (
        f"WITH stored AS ({_into(kind, columns, staged)} WHERE s.{_MAY_BE_THERE.name}"  # noqa: S608 - our own names
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
