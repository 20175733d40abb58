"""One batch, one transaction: nothing of it is half stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.core.counts import Tally
from willowbark.interop.fhir.models import ImportFile, ImportRun
from willowbark.interop.fhir.models.sealed import digest_of_original
from willowbark.interop.fhir.services.batches import MOST_WARNINGS, Batch, FileShare, as_unchanged
from willowbark.interop.fhir.services.lookups import read_before
from willowbark.interop.fhir.services.originals import keep_originals
from willowbark.interop.fhir.services.quarantine import set_aside
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing import lock_imports, store
from willowbark.kernel.errors import Conflict


class CarriedOutElsewhere(Conflict):
    """Two processes carry out one run: the one that comes second stops, and the run goes on."""

    code = "carried_out_elsewhere"


def store_batch(actor: Actor, state: RunState, batch: Batch) -> None:
    """
    Store everything that a batch holds, with its originals, counts and access entries.

    Raises:
        Forbidden: the actor may not import.
        CarriedOutElsewhere: another process has come further with the same run; nothing was stored.
    """
    with acting_as(actor):
        lock_imports()
        rows = _rows_still_ours(batch)
        _count_known(state, batch)
        kept = keep_originals(share.original for share in batch.shares if share.original is not None)
        for share in batch.shares:
            share.original_id = kept[share.original.sha256] if share.original else share.file.original_id
        aside = list(batch.aside)
        for turn in batch.rounds:
            aside += store(actor, state, turn, batch.shares)
        set_aside(state, aside, batch.shares, defer=True)
        _note_files(batch, rows)
        ImportRun.objects.filter(pk=state.run_id).update(alive_at=clock.now())


def _rows_still_ours(batch: Batch) -> dict[UUID, ImportFile]:
    """The files' rows, if each stands where this process believes it does."""
    rows = ImportFile.objects.in_bulk([share.file.id for share in batch.shares])
    for share in batch.shares:
        row = rows[share.file.id]
        if row.status not in ("waiting", "partial") or row.items_done != share.items_before:
            raise CarriedOutElsewhere("another process is carrying out this import")
    return rows


def _count_known(state: RunState, batch: Batch) -> None:
    """What was read before is all there: its counts are those of then, as unchanged."""
    known = [share for share in batch.shares if share.status == "known" and share.original is not None]
    if not known:
        return
    digests = [digest_of_original(share.original.sha256) for share in known if share.original]
    before = read_before(state.source).filter(original__sha256__in=digests)
    counts = {bytes(digest): told for digest, told in before.values_list("original__sha256", "counts")}
    for share in known:
        if share.original:
            share.tally = as_unchanged(counts.get(digest_of_original(share.original.sha256), {}))


_NOTE = """
UPDATE interop_fhir_importfile AS f
SET original_id = n.original, status = n.status, reason = n.reason, message = n.message, counts = n.counts,
    warnings = n.warnings, warnings_total = n.warnings_total, items_done = n.items_done
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
    %s::jsonb[], %s::jsonb[], %s::int[], %s::int[])
  AS n (id, original, status, reason, message, counts, warnings, warnings_total, items_done)
WHERE f.id = n.id
"""


def _note_files(batch: Batch, rows: Mapping[UUID, ImportFile]) -> None:
    """Say of each file how far it has come and what became of it; one statement."""
    noted = [_noted(rows[share.file.id], share) for share in batch.shares]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [list(column) for column in zip(*noted, strict=True)])


def _noted(row: ImportFile, share: FileShare) -> tuple[Any, ...]:
    refusal = share.refusal
    return (
        row.pk,
        share.original_id,
        share.status,
        refusal.reason if refusal else "",
        str(refusal)[:1000] if refusal else "",
        Jsonb((Tally(row.counts) + share.tally).as_json()),
        Jsonb([*row.warnings, *share.warnings][:MOST_WARNINGS]),
        row.warnings_total + share.warnings_total,
        max(row.items_done, share.items_done),
    )
