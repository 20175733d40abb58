"""Who cares for many patients, and what many agreed to, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.staging import Staging, columns_of, quoted
from willowbark.patients.models import CareRelationship, Consent


@dataclass(frozen=True, slots=True)
class BulkCare:
    """One care relationship, in the order of its table's columns; `kind` is 'primary' or 'team'."""

    id: UUID
    patient_id: UUID
    staff_id: UUID
    kind: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BulkConsent:
    """One consent, in the order of its table's columns; `scope` is one of those that `give_consent` knows."""

    id: UUID
    patient_id: UUID
    scope: str
    wording: str
    given_at: datetime
    withdrawn_at: datetime | None
    recorded_by_id: UUID


@transaction.atomic
def store_care(*, actor: Actor, rows: Iterable[BulkCare]) -> int:
    """
    Add care relationships; returns how many. Logging access and telling what happened are the caller's.

    Raises:
        Forbidden: the actor may neither import nor write patients.
        IntegrityError: somebody is in a team twice at once, or a row breaks another rule.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, "record.import", "patients.write")
    return _store(CareRelationship, (astuple(row) for row in rows))


@transaction.atomic
def store_consents(*, actor: Actor, rows: Iterable[BulkConsent]) -> int:
    """
    Add consents; returns how many. Logging access is the caller's.

    Raises:
        Forbidden: the actor may not write patients.
        IntegrityError: a scope is in force twice for a patient, or a row breaks another rule.
        ProgrammingError: a patient is out of the actor's reach.
    """
    require(actor, "patients.write")
    return _store(Consent, (astuple(row) for row in rows))


def _store(model: type[models.Model], rows: Iterable[tuple[Any, ...]]) -> int:
    columns = columns_of(model)
    table = model._meta.db_table
    staging = Staging(table, columns)
    count = staging.fill(rows)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"INSERT INTO {table} ({quoted(columns)}) SELECT {quoted(columns)} FROM {staging.table}"  # noqa: S608 - our own names
        )
    return count
