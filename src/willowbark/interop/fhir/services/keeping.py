"""Resources that are kept whole: with their patient, or shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import Column, Staging, columns_of, patients_with_rows, quoted
from willowbark.interop.fhir.models import KeptResource, SharedResource

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
    columns = columns_of(KeptResource)
    known = patients_with_rows(KeptResource, {one.patient_id for one in resources if one.patient_id})
    new = [one for one in resources if one.patient_id not in known]
    if new:
        _insert(_staged(actor, new, "kept_of_new", columns), KeptResource._meta.db_table, columns)
    assigned = ", ".join(f'"{one.name}" = excluded."{one.name}"' for one in columns if one.name not in _FIXED)
    added, changed = _store(
        actor,
        [one for one in resources if one.patient_id in known],
        KeptResource._meta.db_table,
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
        SharedResource._meta.db_table,
        columns_of(SharedResource),
        "(source_key, source_digest) DO NOTHING",
        ("source_key", "source_digest"),
    )


def _store(
    actor: Actor,
    resources: Sequence[Kept],
    table: str,
    columns: Sequence[Column],
    on_conflict: str,
    key: tuple[str, str],
) -> Counts:
    added: Counter[int] = Counter()
    changed: Counter[int] = Counter()
    if not resources:
        return added, changed
    staging = _staged(actor, resources, table, columns)
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


def _staged(actor: Actor, resources: Sequence[Kept], name: str, columns: Sequence[Column]) -> Staging:
    staging = Staging(name, (*columns, _LABEL))
    around = {"recorded_by_id": actor.user_id, "recorded_at": clock.now()}
    staging.fill(_row(one, columns, around) for one in resources)
    return staging


def _row(one: Kept, columns: Sequence[Column], around: dict[str, Any]) -> list[Any]:
    values = {"id": uuid7(), "content": one.content.decode(), **around}
    row = [values[name] if name in values else getattr(one, name) for name in (each.name for each in columns)]
    return [*row, one.label]
