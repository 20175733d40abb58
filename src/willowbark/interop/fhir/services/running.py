"""Run an import: read ahead in one thread, store in another, batch by batch, and say how far it is."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, close_old_connections, connection, transaction

from willowbark.foundation import access, clock, outbox
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, require
from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.identity import DEFAULT_SOURCE, check_source
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.files import find_files
from willowbark.interop.fhir.core.reading.originals import Original, take_in, take_in_path, text_of
from willowbark.interop.fhir.core.taking_in import FileReader
from willowbark.interop.fhir.events import ImportFinished
from willowbark.interop.fhir.models import ImportFile, ImportRun
from willowbark.interop.fhir.services.ahead import ahead
from willowbark.interop.fhir.services.batches import MOST_BYTES, Batch, FileToRead, Read
from willowbark.interop.fhir.services.limits import bounds_of_imports
from willowbark.interop.fhir.services.lookups import Lookups
from willowbark.interop.fhir.services.originals import pieces_of_original
from willowbark.interop.fhir.services.settling import settle
from willowbark.interop.fhir.services.state import RunState
from willowbark.interop.fhir.services.storing_batches import CarriedOutElsewhere, store_batch
from willowbark.interop.fhir.services.visits import still_waiting
from willowbark.kernel.errors import Conflict, DomainError, NotFound
from willowbark.practice.selectors import sites, system_actor

# Bytes of resources read ahead: about as many as are being stored, so that neither thread waits long.
_AHEAD_BYTES = MOST_BYTES
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files settled and resources read in this go."""

    files_done: int
    files_total: int
    resources: int


Report = Callable[[Progress], None]


def run_import(
    *,
    actor: Actor,
    paths: Sequence[Path],
    source: str = DEFAULT_SOURCE,
    home_site_id: UUID | None = None,
    bounds: Bounds | None = None,
    report: Report = lambda _: None,
    read_ahead: bool = True,
) -> UUID:
    """
    Import files and folders; returns the run, whose report says what became of everything.

    Every batch is stored in a transaction of its own, so an import that is interrupted can be started again:
    files that were read to their end are known by their bytes, and what is there already is not stored again.
    What a file says is written as the system, on behalf of `actor`. New patients get `home_site_id`, else the
    practice's first site.

    Raises:
        Forbidden: the actor may not run imports.
        Refused: a path leads nowhere, or the source's name is none.
        Conflict: the practice has not been opened.
    """
    require(actor, "import.run")
    check_source(source)
    found = find_files(paths)
    text = ", ".join(str(path) for path in paths)
    with acting_as(actor):
        run_id = begin_run(
            actor=actor,
            names=[str(path) for path in found.paths],
            source=source,
            home_site_id=home_site_id,
            path_text=text,
        )
    carry_out(run_id, channel=actor.channel, bounds=bounds, report=report, read_ahead=read_ahead)
    return run_id


@transaction.atomic
def begin_run(
    *,
    actor: Actor,
    names: Iterable[str],
    source: str,
    home_site_id: UUID | None,
    path_text: str,
    original_ids: Sequence[UUID] = (),
    request_key: UUID | None = None,
) -> UUID:
    """
    Write down what is to be imported: files at their paths, or those handed in that are kept already.

    Raises:
        Forbidden: the actor may not run imports.
        Conflict: the practice has not been opened.
    """
    require(actor, "import.run")
    run = ImportRun.objects.create(
        asked_by_id=actor.user_id,
        channel=actor.channel,
        request_key=request_key,
        source=source,
        home_site_id=home_site_id or _first_site(actor),
        path_text=path_text[:300],
        status="waiting",
        started_at=clock.now(),
    )
    made = ImportFile.objects.bulk_create(
        (
            ImportFile(
                run=run,
                position=position,
                name=name,
                source=source,
                status="waiting",
                original_id=original_ids[position] if original_ids else None,
            )
            for position, name in enumerate(names)
        ),
        batch_size=1_000,
    )
    run.files_total = len(made)
    run.save(update_fields=["files_total"])
    access.record_change(actor, "import.begun", subject=str(run.pk))
    return run.pk


def _first_site(actor: Actor) -> UUID:
    found = min(sites(actor), key=lambda site: (site.opened_at, site.pk), default=None)
    if found is None:
        raise Conflict("open the practice first: patients belong to one of its sites")
    return found.pk


def carry_out(
    run_id: UUID,
    *,
    channel: str,
    bounds: Bounds | None = None,
    report: Report = lambda _: None,
    read_ahead: bool = True,
) -> None:
    """
    Do a run, or go on with one that was interrupted; one that is finished stays as it is.

    Raises:
        NotFound: no such run.
        CarriedOutElsewhere: another process is at it.
        Exception: whatever stopped it; the run says so, and what was stored stays.
    """
    bounds = bounds or bounds_of_imports()
    actor = dataclasses.replace(system_actor(channel), request_id=run_id)
    run = open_run(actor, run_id)
    if run is None:
        return
    state = RunState(run_id, run.source, run.home_site_id)
    try:
        _store_all(actor, state, run.started_at, bounds, report, read_ahead)
        settle(actor, state, bounds=bounds, now=run.started_at)
    except CarriedOutElsewhere:
        raise
    except BaseException as error:
        _close_failed(actor, state, error)
        raise
    _close(actor, state, "finished", "")


def open_run(actor: Actor, run_id: UUID) -> ImportRun | None:
    """
    Say that a run is under way, and return it; None when it is finished already.

    Raises:
        NotFound: no such run.
    """
    with acting_as(actor):
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None:
            raise NotFound("import")
        if run.status == "finished":
            return None
        run.status, run.error_text, run.finished_at, run.alive_at = "running", "", None, clock.now()
        run.save(update_fields=["status", "error_text", "finished_at", "alive_at"])
    return run


def _close_failed(actor: Actor, state: RunState, error: BaseException) -> None:
    """Say that the run stopped, and of what; an error of the database may quote a record: it is named."""
    told = f": {error}" if isinstance(error, DomainError | OSError) else ""
    try:
        _close(actor, state, "failed", f"{type(error).__name__}{told}")
    except DatabaseError:
        _LOGGER.warning("import_end_not_written", extra={"run": str(state.run_id)})


def _close(actor: Actor, state: RunState, status: str, error_text: str) -> None:
    with acting_as(actor):
        run = ImportRun.objects.select_for_update().get(pk=state.run_id)
        run.status = status
        run.error_text = error_text[:500]
        run.finished_at = clock.now()
        run.linked_count += state.linked
        run.match_queue_count += state.questions
        run.taken_up_count += state.taken_up
        run.without_visit_count = still_waiting(state.run_id)
        run.save()
        if status == "finished":
            outbox.publish(actor, ImportFinished(run_id=state.run_id))


def _store_all(
    actor: Actor, state: RunState, now: datetime, bounds: Bounds, report: Report, read_ahead: bool
) -> None:
    with acting_as(actor):
        total = ImportFile.objects.filter(run=state.run_id).count()
        done = ImportFile.objects.filter(run=state.run_id, status__in=["done", "known", "refused"]).count()
    reading = functools.partial(read_all, actor, state, now, bounds)
    resources = 0
    batch = Batch()
    running = _ahead(reading) if read_ahead else _inline(reading)
    with running as results:
        for read in results:
            batch.add(read)
            done += read.is_last
            resources += read.portion.resources if read.portion else 0
            if batch.is_full:
                store_batch(actor, state, batch)
                batch = Batch()
            report(Progress(done, total, resources))
    if batch.shares:
        store_batch(actor, state, batch)


def _ahead(work: Callable[[], Iterator[Read]]) -> AbstractContextManager[Iterator[Read]]:
    return ahead(work, most=_AHEAD_BYTES, weigh=_weight, finish=_close_connection)


def _weight(read: Read) -> int:
    """The bytes of the resources that a piece of reading holds, and a little for the piece itself."""
    return 1_000 + (read.portion.size_bytes if read.portion else 0)


@contextlib.contextmanager
def _inline(work: Callable[[], Iterator[Read]]) -> Iterator[Iterator[Read]]:
    yield work()


def _close_connection() -> None:
    close_old_connections()
    connection.close()


def read_all(actor: Actor, state: RunState, now: datetime, bounds: Bounds) -> Iterator[Read]:
    """Everything of the run that is not stored yet, file after file."""
    lookups = Lookups(actor, state.source)
    directory = lookups.directory()
    for file in _files_to_read(actor, state.run_id):
        original = None
        try:
            original = _take_in(actor, file, bounds)
            if lookups.was_read(original.sha256):
                yield Read(file, original, is_known=True)
                continue
            reader = FileReader(source=state.source, now=now, directory=directory, bounds=bounds)
            for portion in reader.portions(text_of(original, bounds), after=file.items_done):
                yield Read(file, original, portion=portion)
        except Refused as refusal:
            yield Read(file, original, refusal=refusal)


def _files_to_read(actor: Actor, run_id: UUID) -> Iterator[FileToRead]:
    reached = -1
    while True:
        with acting_as(actor):
            rows = list(
                ImportFile.objects.filter(
                    run=run_id, position__gt=reached, status__in=["waiting", "partial"]
                ).order_by("position")[:500]
            )
        for row in rows:
            yield FileToRead(row.pk, row.name, row.items_done, row.original_id)
        if not rows:
            return
        reached = rows[-1].position


def _take_in(actor: Actor, file: FileToRead, bounds: Bounds) -> Original:
    """The bytes of a file that is kept already (handed in, or partly stored), else of the one at its path."""
    if file.original_id is None:
        return take_in_path(Path(file.name), bounds)
    return take_in(file.name, pieces_of_original(actor, file.original_id), bounds)
