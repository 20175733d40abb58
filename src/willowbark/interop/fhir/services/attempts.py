"""Try to take in what was set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.counts import Outcome, Tally
from willowbark.interop.fhir.core.reading.documents import Item
from willowbark.interop.fhir.core.references import Links
from willowbark.interop.fhir.core.taking_in import FileReader, Portion, SetAside
from willowbark.interop.fhir.models import ImportFile, Quarantined
from willowbark.interop.fhir.models.sealed import mended_words_of, words_of
from willowbark.interop.fhir.services.batches import Batch, FileToRead, Read
from willowbark.interop.fhir.services.lookups import Lookups
from willowbark.interop.fhir.services.quarantine import plain
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing import store


def attempt(
    actor: Actor,
    state: RunState,
    rows: Sequence[Quarantined],
    *,
    bounds: Bounds,
    now: datetime,
    settled_by: UUID,
    mended: Mapping[UUID, bytes] | None = None,
) -> None:
    """
    Take in what can be taken in by now; the rest waits, with the reason of today. Runs in a transaction.

    A row that a person has mended is read in their words; `mended` has newer ones of some.
    """
    batch = Batch()
    originals = {row.pk: row.file.original_id if row.file else None for row in rows}
    for row in rows:
        portion = _read(actor, row, bounds, now, (mended or {}).get(row.pk))
        batch.add(Read(FileToRead(row.pk, "", original_id=originals[row.pk]), None, portion))
    for share in batch.shares:
        share.original_id = share.file.original_id
    faults = {rows[number].pk: one for number, one in batch.aside}
    for turn in batch.rounds:
        faults |= {rows[number].pk: one for number, one in store(actor, state, turn, batch.shares)}
    moves: dict[UUID, Tally] = {}
    for row, share in zip(rows, batch.shares, strict=True):
        outcome = Outcome.QUARANTINED if row.pk in faults else _outcome(share.tally)
        if row.status == "deferred" and row.file_id is not None:
            moved = moves.setdefault(row.file_id, Tally())
            moved.move(row.resource_type, Outcome.DEFERRED, outcome)
    _settle(state, [row for row in rows if row.pk not in faults], settled_by)
    _keep_waiting([(row, faults[row.pk]) for row in rows if row.pk in faults])
    _move_counts(moves)


def _read(actor: Actor, row: Quarantined, bounds: Bounds, now: datetime, mended: bytes | None) -> Portion:
    """Read one resource anew, alone, with what its file knew of its references."""
    reader = FileReader(
        source=row.source, now=now, directory=Lookups(actor, row.source).directory_inside(), bounds=bounds
    )
    portion = Portion(is_last=True)
    words = mended_words_of(row) if mended is None else mended
    item = Item(row.place, words_of(row) if words is None else words, row.full_url)
    reader.take(item, Links.from_json(row.links), portion)
    return portion


def _outcome(tally: Tally) -> Outcome:
    return next(outcome for outcome in Outcome if tally.number(outcome))


def _settle(state: RunState, rows: Sequence[Quarantined], settled_by: UUID) -> None:
    """What was only deferred leaves no trace here; what waited is marked as taken in. Two statements."""
    Quarantined.objects.filter(pk__in=[row.pk for row in rows if row.status == "deferred"]).delete()
    waited = [row for row in rows if row.status == "waiting"]
    Quarantined.objects.filter(pk__in=[row.pk for row in waited]).update(
        status="replayed", settled_at=clock.now(), settled_by=settled_by
    )
    for row in waited:
        row.status = "replayed"
    state.taken_up += len(waited)


def _keep_waiting(faulty: Sequence[tuple[Quarantined, SetAside]]) -> None:
    """What still cannot be taken in waits; one statement for all whose fault is the same as before."""
    same = [row.pk for row, fault in faulty if (row.reason, row.needs_key) == (fault.reason, fault.needs)]
    Quarantined.objects.filter(pk__in=same).update(status="waiting")
    unchanged = set(same)
    for row, fault in faulty:
        row.message = plain(fault.message)[:1000]
        if row.pk not in unchanged:
            _wait_for_another_reason(row, fault)
        row.status, row.reason = "waiting", fault.reason


def _wait_for_another_reason(row: Quarantined, fault: SetAside) -> None:
    """The same content may wait for that reason already: then one row is enough."""
    twins = Quarantined.objects.filter(
        source=row.source, content_sha256=row.content_sha256, reason=fault.reason
    ).exclude(pk=row.pk)
    is_there = twins.exists()
    rows = Quarantined.objects.filter(pk=row.pk)
    if is_there and row.status == "deferred":
        rows.delete()
        return
    rows.update(
        status="waiting",
        reason=row.reason if is_there else fault.reason,
        message=row.message,
        needs_key=fault.needs,
    )


def _move_counts(moves: Mapping[UUID, Tally]) -> None:
    for file in ImportFile.objects.filter(pk__in=moves):
        file.counts = (Tally(file.counts) + moves[file.pk]).as_json()
        file.save(update_fields=["counts"])
