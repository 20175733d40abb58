"""Read imports: the runs, what became of what they read, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from willowbark.foundation import access, clock
from willowbark.foundation.authorisation import Actor, require
from willowbark.interop.fhir.core.counts import Line, Tally, lines, summed, together
from willowbark.interop.fhir.core.layout import MOST_MENDED_BYTES, laid_out
from willowbark.interop.fhir.core.problems import REASONS
from willowbark.interop.fhir.models import ImportFile, ImportRun, Quarantined
from willowbark.interop.fhir.models.sealed import KEPT, SHARED, Bytes, mended_words_of, opened, words_of
from willowbark.kernel.errors import NotFound
from willowbark.practice.selectors import names_of_users

READ = ("import.read", "import.run")
SILENCE = timedelta(minutes=15)
INTERRUPTED = "The process that carried it out is gone."
_FINISHED = ("done", "known", "refused")


@dataclass(frozen=True, slots=True)
class Run:
    """One import."""

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    status: str
    path_text: str
    source: str
    by_name: str
    files_done: int
    files_total: int
    total: Line
    linked_count: int
    match_queue_count: int
    taken_up_count: int
    without_visit_count: int
    error_text: str


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that could not be read at all."""

    name: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A resource that could not be taken in."""

    id: UUID
    file_name: str
    place: str
    resource_type: str
    resource_id: str
    reason: str
    heading: str
    message: str
    status: str
    settled_reason: str
    is_being_read: bool
    tried_at: datetime | None
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToMend:
    """
    A resource that waits, to be changed by hand: `words` as they came or as somebody mended them last.

    `is_too_long` when there is more of it than anybody changes by hand; `words` are then none.
    """

    waiting: Waiting
    run_id: UUID
    words: str
    is_too_long: bool


@dataclass(frozen=True, slots=True)
class Report:
    """A run with everything that is told of it."""

    run: Run
    lines: Sequence[Line]
    refused: Sequence[RefusedFile]
    files_known: int
    warnings: Sequence[str]
    warnings_total: int
    quarantined: Sequence[Waiting]
    more_quarantined: bool


def list_runs(
    actor: Actor, *, before: tuple[datetime, UUID] | None = None, limit: int = 25
) -> tuple[list[Run], bool]:
    """
    Runs, newest first, and whether older ones follow; `before` is the (started_at, id) of the last seen.

    Raises:
        Forbidden: the actor may not read imports.
    """
    require(actor, *READ)
    runs = ImportRun.objects.order_by("-started_at", "-id")
    if before is not None:
        at, last = before
        runs = runs.filter(Q(started_at__lt=at) | Q(started_at=at, id__lt=last))
    found = list(runs[: limit + 1])
    access.record_list(actor, "import.list")
    return _runs(found[:limit]), len(found) > limit


def get_report(actor: Actor, run_id: UUID, *, quarantined: int = 100, after: UUID | None = None) -> Report:
    """
    One run and what became of all that it read; at most `quarantined` of what could not be taken in.

    `after` is the last of those that were seen: the next follow it.

    Raises:
        Forbidden: the actor may not read imports.
        NotFound: no such run.
    """
    require(actor, *READ)
    found = ImportRun.objects.filter(pk=run_id).first()
    if found is None:
        raise NotFound("import")
    access.record_list(actor, "import.report", subject=str(run_id))
    (run,) = _runs([found])
    files = ImportFile.objects.filter(run=run_id)
    tally = summed(Tally(counts) for counts in files.values_list("counts", flat=True))
    waiting = list(
        Quarantined.objects.filter(run=run_id, pk__gt=after or UUID(int=0))
        .exclude(status="deferred")
        .select_related("file")
        .defer("content", "sealed_content", "mended", "sealed_mended")
        .order_by("id")[: quarantined + 1]
    )
    warned = files.filter(warnings_total__gt=0).order_by("position")
    return Report(
        run,
        lines(tally),
        [
            RefusedFile(file.name, file.reason, file.message)
            for file in files.filter(status="refused").order_by("position")[:quarantined]
        ],
        files.filter(status="known").count(),
        [text for file in warned[:50] for text in file.warnings][:100],
        sum(warned.values_list("warnings_total", flat=True)),
        [_waiting(one) for one in waiting[:quarantined]],
        len(waiting) > quarantined,
    )


def started_at(actor: Actor, run_id: UUID) -> datetime:
    """
    When a run began.

    Raises:
        Forbidden: the actor reads no imports.
        NotFound: no such run.
    """
    require(actor, *READ)
    row = ImportRun.objects.filter(pk=run_id).values_list("started_at", flat=True).first()
    if row is None:
        raise NotFound("import run")
    return row


def waiting_count(actor: Actor) -> int:
    """
    How many resources wait for a person, over all runs.

    Raises:
        Forbidden: the actor may not read imports.
    """
    require(actor, *READ)
    return Quarantined.objects.filter(status="waiting").count()


def run_of(actor: Actor, quarantined_id: UUID) -> UUID:
    """
    The run that a quarantined resource belongs to.

    Raises:
        Forbidden: the actor may not read imports.
        NotFound: no such resource.
    """
    require(actor, *READ)
    run_id = Quarantined.objects.filter(pk=quarantined_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise NotFound("quarantined resource")
    return run_id


def original_of(actor: Actor, quarantined_id: UUID) -> tuple[str, bytes]:
    """
    A name and the bytes of a quarantined resource, as they came; the reading is logged.

    Raises:
        Forbidden: the actor may not run imports: what came may say anything about anybody.
        NotFound: no such resource.
        EncryptionProblem: it cannot be opened.
    """
    require(actor, "import.run")
    one = Quarantined.objects.filter(pk=quarantined_id).first()
    if one is None:
        raise NotFound("quarantined resource")
    access.record_list(actor, "import.original_read", subject=str(quarantined_id))
    return f"{one.resource_type or 'resource'}-{one.pk}.json", words_of(one)


def to_mend(actor: Actor, quarantined_id: UUID) -> ToMend:
    """
    A resource that waits, with its words; the reading is logged.

    Raises:
        Forbidden: the actor may not run imports: what came may say anything about anybody.
        NotFound: no such resource waits.
        EncryptionProblem: it cannot be opened.
    """
    require(actor, "import.run")
    one = Quarantined.objects.select_related("file").filter(pk=quarantined_id, status="waiting").first()
    if one is None:
        raise NotFound("quarantined resource")
    access.record_list(actor, "import.original_read", subject=str(quarantined_id))
    mended = mended_words_of(one)
    words = words_of(one) if mended is None else mended
    is_too_long = len(words) > MOST_MENDED_BYTES
    text = "" if is_too_long else laid_out(words.decode(errors="replace"))
    return ToMend(_waiting(one), one.run_id, text, is_too_long)


def kept_content(patient_id: UUID, source_key: UUID, sealed: Bytes | None, clear: str | None) -> str:
    """
    A resource that is kept with a patient, from its row; whoever reads it has logged that.

    Raises:
        EncryptionProblem: it cannot be opened.
    """
    return opened(KEPT, source_key, sealed, clear, patient_id).decode()


def shared_content(row_id: UUID, sealed: Bytes | None, clear: str | None) -> str:
    """
    A resource that belongs to no patient, from its row.

    Raises:
        EncryptionProblem: it cannot be opened.
    """
    return opened(SHARED, row_id, sealed, clear).decode()


def _runs(found: Sequence[ImportRun]) -> list[Run]:
    """The runs with their counts; three statements, whatever their number."""
    ids = [run.pk for run in found]
    names = names_of_users({run.asked_by_id for run in found})
    tallies: dict[UUID, Tally] = {id_: Tally() for id_ in ids}
    for run_id, counts in ImportFile.objects.filter(run__in=ids).values_list("run_id", "counts"):
        tallies[run_id] += Tally(counts)
    done = dict(
        ImportFile.objects.filter(run__in=ids)
        .values_list("run_id")
        .annotate(done=Count("id", filter=Q(status__in=_FINISHED)))
    )
    return [
        Run(
            run.pk,
            run.started_at,
            run.finished_at,
            "failed" if _is_gone(run) else run.status,
            run.path_text,
            run.source,
            names.get(run.asked_by_id, ""),
            done.get(run.pk, 0),
            run.files_total,
            together(tallies[run.pk]),
            run.linked_count,
            run.match_queue_count,
            run.taken_up_count,
            run.without_visit_count,
            INTERRUPTED if _is_gone(run) else run.error_text,
        )
        for run in found
    ]


def _is_gone(run: ImportRun) -> bool:
    """Whether a run is under way, but nothing was heard of its process for longer than a batch takes."""
    return run.status == "running" and run.alive_at is not None and clock.now() - run.alive_at > SILENCE


def _waiting(one: Quarantined) -> Waiting:
    return Waiting(
        one.pk,
        one.file.name if one.file else "",
        one.place,
        one.resource_type,
        one.resource_id,
        one.reason,
        REASONS.get(one.reason, one.reason),
        one.message,
        one.status,
        one.settled_reason,
        one.status == "waiting" and _is_being_read(one),
        one.tried_at,
        one.mended_at,
    )


def _is_being_read(one: Quarantined) -> bool:
    """Whether a person has asked for it and the worker has not answered yet, nor had long to."""
    asked = one.replay_asked_at
    if asked is None or (one.tried_at is not None and one.tried_at >= asked):
        return False
    return clock.now() - asked <= SILENCE
