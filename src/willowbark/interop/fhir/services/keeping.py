"""Resources that are kept whole, sealed: with their patient, or shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.encryption.blind import keyed_digest
from willowbark.foundation.encryption.clearing import seal_some
from willowbark.foundation.encryption.columns import SealedColumn
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Column, Staging, columns_of, patients_with_rows, quoted
from willowbark.interop.fhir.models import KeptResource, SharedResource
from willowbark.interop.fhir.models.sealed import KEPT, SHARED

_LABEL = Column("staging_label", "int4")
_FIXED = frozenset(("id", "patient_id", "source_key"))

#: How many were new and how many had changed, by label.
Counts = tuple[Counter[int], Counter[int]]


@dataclass(frozen=True, slots=True)
class Kept:
    """One resource: `content` is its canonical JSON, `label` the number under which it is counted."""

    patient_id: UUID | None
    resource_type: str
    resource_id: str
    source_key: UUID
    source_digest: bytes
    source_file: UUID | None
    content: bytes
    label: int


def keep_with_patient(actor: Actor, resources: Sequence[Kept]) -> Counts:
    """Keep resources beside their patients' records; of an older version the row history knows."""
    columns = columns_of(KeptResource, without=("content",))
    known = patients_with_rows(KeptResource, {one.patient_id for one in resources if one.patient_id})
    new = [one for one in resources if one.patient_id not in known]
    if new:
        _insert(_staged(actor, new, KEPT, columns, "kept_of_new"), KEPT.table, columns)
    old = [one for one in resources if one.patient_id in known]
    _seal_before(old)
    assigned = ", ".join(f'"{one.name}" = excluded."{one.name}"' for one in columns if one.name not in _FIXED)
    added, changed = _store(
        actor,
        old,
        KEPT,
        columns,
        f"(patient_id, source_key) DO UPDATE SET {assigned}"
        " WHERE t.source_digest IS DISTINCT FROM excluded.source_digest",
        ("patient_id", "source_key"),
    )
    return added + Counter(one.label for one in new), changed


def share(actor: Actor, resources: Sequence[Kept]) -> Counts:
    """Keep resources that belong to no patient; every version stays."""
    return _store(
        actor,
        resources,
        SHARED,
        columns_of(SharedResource, without=("content",)),
        "(source_key, source_digest) DO NOTHING",
        ("source_key", "source_digest"),
    )


def _seal_before(resources: Sequence[Kept]) -> None:
    """Seal what stands in the clear of these: then row history keeps the version before, sealed."""
    rows = [(one.patient_id, one.source_key) for one in resources if one.patient_id]
    if rows and KeptResource.objects.filter(content__isnull=False).exists():
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            seal_some(cursor, keyring(), KEPT, rows)


def _store(
    actor: Actor,
    resources: Sequence[Kept],
    sealed: SealedColumn,
    columns: Sequence[Column],
    on_conflict: str,
    key: tuple[str, str],
) -> Counts:
    added: Counter[int] = Counter()
    changed: Counter[int] = Counter()
    if not resources:
        return added, changed
    table = sealed.table
    staging = _staged(actor, resources, sealed, columns, table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH stored AS (INSERT INTO {table} AS t ({quoted(columns)})"  # noqa: S608 - our own names
            f" SELECT {quoted(columns)} FROM {staging.table} ON CONFLICT {on_conflict}"
            f" RETURNING {quoted(key)}, (xmax = 0) AS is_new)"
            f" SELECT s.{_LABEL.name}, stored.is_new, count(*) FROM stored"
            f" JOIN {staging.table} s USING ({quoted(key)}) GROUP BY 1, 2"
        )
        for label, is_new, count in cursor.fetchall():
            (added if is_new else changed)[label] += count
    return added, changed


def _insert(staging: Staging, table: str, columns: Sequence[Column]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({quoted(columns)}) SELECT {quoted(columns)} FROM {staging.table}"  # noqa: S608 - our own names
        )


def _staged(
    actor: Actor, resources: Sequence[Kept], sealed: SealedColumn, columns: Sequence[Column], name: str
) -> Staging:
    """Sealed here already: nothing in the clear reaches the database, not even for a moment."""
    ring = keyring()
    staging = Staging(name, (*columns, _LABEL))
    around = {"recorded_by_id": actor.user_id, "recorded_at": clock.now()}

    def row(one: Kept) -> list[Any]:
        id_ = uuid7()
        place = id_ if sealed.row == "id" else one.source_key
        values = {
            "id": id_,
            "sealed_content": sealed.seal(ring, place, one.patient_id, one.content),
            "source_digest": keyed_digest(ring, sealed.table, one.source_digest),
            **around,
        }
        names = (each.name for each in columns)
        return [*(values[name] if name in values else getattr(one, name) for name in names), one.label]

    staging.fill(map(row, resources))
    return staging
