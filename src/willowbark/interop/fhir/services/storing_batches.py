"""One batch, one transaction: nothing of it is half stored."""

from __future__ import annotations

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.counts import Tally
from willowbark.interop.fhir.models import ImportFile
from willowbark.interop.fhir.services.batches import MOST_WARNINGS, Batch, FileShare, as_unchanged
from willowbark.interop.fhir.services.lookups import read_before
from willowbark.interop.fhir.services.originals import keep_originals
from willowbark.interop.fhir.services.quarantine import set_aside
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing import lock_imports, store


def store_batch(actor: Actor, state: RunState, batch: Batch) -> None:
    """
    Store everything that a batch holds, with its originals, counts and access entries.

    Raises:
        Forbidden: the actor may not import.
    """
    with acting_as(actor):
        lock_imports()
        _count_known(state, batch)
        kept = keep_originals(share.original for share in batch.shares if share.original is not None)
        for share in batch.shares:
            share.original_id = kept[share.original.sha256] if share.original else share.file.original_id
        aside = list(batch.aside)
        for turn in batch.rounds:
            aside += store(actor, state, turn, batch.shares)
        set_aside(state, aside, batch.shares, defer=True)
        _note_files(batch)


def _count_known(state: RunState, batch: Batch) -> None:
    """What was read before is all there: its counts are those of then, as unchanged."""
    known = [share for share in batch.shares if share.status == "known" and share.original is not None]
    if not known:
        return
    hashes = [share.original.sha256 for share in known if share.original]
    before = read_before(state.source).filter(original__sha256__in=hashes)
    counts = {bytes(sha256): told for sha256, told in before.values_list("original__sha256", "counts")}
    for share in known:
        if share.original:
            share.tally = as_unchanged(counts.get(share.original.sha256, {}))


def _note_files(batch: Batch) -> None:
    """Say of each file how far it has come and what became of it; counts of its parts add up."""
    rows = ImportFile.objects.in_bulk([share.file.id for share in batch.shares])
    for share in batch.shares:
        _note(rows[share.file.id], share)
    ImportFile.objects.bulk_update(
        rows.values(),
        [
            "original",
            "status",
            "reason",
            "message",
            "counts",
            "warnings",
            "warnings_total",
            "items_done",
        ],
        batch_size=100,
    )


def _note(row: ImportFile, share: FileShare) -> None:
    row.original_id = share.original_id
    row.status = share.status
    row.items_done = max(row.items_done, share.items_done)
    row.counts = (Tally(row.counts) + share.tally).as_json()
    row.warnings = [*row.warnings, *share.warnings][:MOST_WARNINGS]
    row.warnings_total += share.warnings_total
    if share.refusal is not None:
        row.reason, row.message = share.refusal.reason, str(share.refusal)[:1000]
