"""Pages of imports: what came in, what became of it, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.charts.bars import Part, StackedBar, stacked_bar
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.interop.fhir import selectors
from willowbark.interop.fhir.core.counts import Line
from willowbark.interop.fhir.core.identity import DEFAULT_SOURCE
from willowbark.interop.fhir.selectors import RefusedFile, Run, Waiting
from willowbark.interop.fhir.services.replaying import ask_to_replay, dismiss, mend, take_back_dismissal
from willowbark.interop.fhir.services.uploading import HandedIn, hand_in
from willowbark.kernel.errors import Invalid
from willowbark.patients.selectors import waiting_matches

PAGE = 25
SHOWN = 100


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, as the pages show it."""

    report_url: str
    started_at: datetime
    status: str
    path_text: str
    by_name: str
    files_done: int
    files_total: int
    resources_read: int
    changed: int
    quarantined: int
    error_text: str


@dataclass(frozen=True, slots=True)
class ImportList:
    """The page of all imports."""

    rows: tuple[RunRow, ...]
    quarantine_count: int
    may_run: bool
    upload_url: str
    request_key: UUID
    upload_error: str
    newer_url: str
    older_url: str
    match_queue_count: int = 0
    matches_url: str = ""


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One resource that could not be taken in."""

    file_text: str
    place_text: str
    resource_type: str
    resource_id: str
    heading: str
    reason_text: str
    reason_code: str
    status: str
    settled_reason: str
    is_being_read: bool
    tried_at: datetime | None
    anchor: str
    original_url: str
    replay_url: str
    mend_url: str
    dismiss_url: str
    take_back_url: str
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MendPage:
    """The page on which one resource is mended."""

    row: QuarantineRow
    words: str
    is_too_long: bool
    error_text: str
    back_url: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The page of one import."""

    run: RunRow
    total: Line
    types: tuple[Line, ...]
    adds_up: bool
    seconds: float | None
    linked_count: int
    match_queue_count: int
    taken_up_count: int
    without_visit_count: int
    files_known: int
    warnings: tuple[str, ...]
    warnings_total: int
    refused: tuple[RefusedFile, ...]
    quarantine: tuple[QuarantineRow, ...]
    quarantine_first_url: str
    quarantine_more_url: str
    watch_url: str
    place: str
    error_text: str
    chart: StackedBar | None
    matches_url: str = ""


@endpoint(*selectors.READ)
def imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every import, newest first."""
    return _list(request, actor)


def _list(request: HttpRequest, actor: Actor, upload_error: str = "") -> HttpResponse:
    place = cursors.read_instant(request.GET.get("before", ""))
    before = (place[0], place[1]) if place and place[0] else None
    runs, more = selectors.list_runs(actor, before=before, limit=PAGE)
    older = f"?before={cursors.write(runs[-1].started_at, runs[-1].id)}" if more else ""
    page = ImportList(
        rows=tuple(_run_row(run) for run in runs),
        quarantine_count=selectors.waiting_count(actor),
        may_run=allows(actor, "import.run"),
        upload_url=reverse("interop_fhir:upload"),
        request_key=uuid7(),
        upload_error=upload_error,
        newer_url=reverse("interop_fhir:imports") if before else "",
        older_url=older,
        match_queue_count=waiting_matches(actor) if allows(actor, "patients.match") else 0,
        matches_url=_matches_url(actor),
    )
    return render(request, "interop_fhir/imports.html", {"page": page}, status=422 if upload_error else 200)


@endpoint(*selectors.READ)
def import_report(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    """What became of everything in one import."""
    return _report(request, actor, run_id, request.GET.get("after", ""))


def _report(
    request: HttpRequest, actor: Actor, run_id: UUID, place: str, error_text: str = ""
) -> HttpResponse:
    found = selectors.get_report(actor, run_id, quarantined=SHOWN, after=uuid_of(place) if place else None)
    run = found.run
    url = reverse("interop_fhir:report", args=[run_id])
    rows = tuple(_quarantine_row(one, allows(actor, "import.run")) for one in found.quarantined)
    is_busy = run.status in ("waiting", "running") or any(row.is_being_read for row in rows)
    page = ImportReport(
        run=_run_row(run),
        total=run.total,
        types=tuple(found.lines),
        adds_up=all(line.adds_up for line in found.lines),
        seconds=(run.finished_at - run.started_at).total_seconds() if run.finished_at else None,
        linked_count=run.linked_count,
        match_queue_count=run.match_queue_count,
        taken_up_count=run.taken_up_count,
        without_visit_count=run.without_visit_count,
        files_known=found.files_known,
        warnings=tuple(found.warnings),
        warnings_total=found.warnings_total,
        refused=tuple(found.refused),
        quarantine=rows,
        quarantine_first_url=url if place else "",
        quarantine_more_url=f"{url}?after={found.quarantined[-1].id}" if found.more_quarantined else "",
        watch_url=(f"{url}?after={place}" if place else url) if is_busy else "",
        place=place,
        error_text=error_text,
        chart=_chart(run.total) if run.total.read else None,
        matches_url=_matches_url(actor),
    )
    template = "interop_fhir/import_report.html" + ("#report" if request.headers.get("HX-Request") else "")
    return render(request, template, {"page": page}, status=422 if error_text else 200)


@endpoint("import.run", methods=("POST",))
def upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep the files that somebody hands in, and have them imported."""
    files = [HandedIn(given.name or "file", given.chunks()) for given in request.FILES.getlist("files")]
    try:
        run_id = hand_in(
            actor=actor,
            files=files,
            request_key=uuid_of(request.POST.get("request_key", "")),
            source=request.POST.get("source", "").strip() or DEFAULT_SOURCE,
        )
    except Invalid as error:
        return _list(request, actor, upload_error=str(error))
    return redirect("interop_fhir:report", run_id=run_id)


@endpoint("import.run")
def original(request: HttpRequest, actor: Actor, quarantined_id: UUID) -> HttpResponse:
    """What came, byte for byte, to be saved: never shown, since it may be anything."""
    name, content = selectors.original_of(actor, quarantined_id)
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@endpoint("import.run", methods=("POST",))
def replay(request: HttpRequest, actor: Actor, quarantined_id: UUID) -> HttpResponse:
    """Have a resource that waits tried again."""
    run_id = ask_to_replay(actor=actor, quarantined_id=quarantined_id)
    return _back(request, run_id, quarantined_id)


@endpoint("import.run", methods=("POST",))
def dismiss_one(request: HttpRequest, actor: Actor, quarantined_id: UUID) -> HttpResponse:
    """Decide that a resource is not wanted, and why."""
    try:
        run_id = dismiss(actor=actor, quarantined_id=quarantined_id, reason=request.POST.get("reason", ""))
    except Invalid as error:
        run_id = selectors.run_of(actor, quarantined_id)
        return _report(request, actor, run_id, request.POST.get("place", ""), error_text=str(error))
    return _back(request, run_id, quarantined_id)


@endpoint("import.run", methods=("POST",))
def take_back(request: HttpRequest, actor: Actor, quarantined_id: UUID) -> HttpResponse:
    """Have a resource wait again that was dismissed."""
    run_id = take_back_dismissal(actor=actor, quarantined_id=quarantined_id)
    return _back(request, run_id, quarantined_id)


@endpoint("import.run", methods=("GET", "POST"))
def mend_one(request: HttpRequest, actor: Actor, quarantined_id: UUID) -> HttpResponse:
    """Change the words of a resource that waits, and have them read."""
    words, error_text = request.POST.get("words", ""), ""
    if request.method == "POST":
        try:
            run_id = mend(actor=actor, quarantined_id=quarantined_id, words=words)
            return _back(request, run_id, quarantined_id)
        except Invalid as error:
            error_text = str(error)
    found = selectors.to_mend(actor, quarantined_id)
    page = MendPage(
        row=_quarantine_row(found.waiting, may_run=True),
        words=words if error_text else found.words,
        is_too_long=found.is_too_long,
        error_text=error_text,
        back_url=f"{reverse('interop_fhir:report', args=[found.run_id])}#{_anchor(quarantined_id)}",
    )
    return render(request, "interop_fhir/mend.html", {"page": page}, status=422 if error_text else 200)


def _back(request: HttpRequest, run_id: UUID, quarantined_id: UUID) -> HttpResponse:
    """To the page of the report from which somebody came, at the resource that they settled."""
    place = request.POST.get("place", "")
    after = f"?after={uuid_of(place)}" if place else ""
    url = reverse("interop_fhir:report", args=[run_id])
    return redirect(f"{url}{after}#{_anchor(quarantined_id)}")


def _anchor(quarantined_id: UUID) -> str:
    return f"quarantined-{quarantined_id}"


def _matches_url(actor: Actor) -> str:
    """Where it is decided who is who, for whom that is to decide."""
    return reverse("patients:matches") if allows(actor, "patients.match") else ""


def _chart(total: Line) -> StackedBar:
    return stacked_bar(
        [
            Part("Added", total.added, "good"),
            Part("Changed", total.changed, "info"),
            Part("Unchanged", total.unchanged, "plain"),
            Part("Kept beside", total.kept_beside, "accent"),
            Part("Quarantined", total.quarantined, "bad"),
        ],
        title="What became of the resources that were read",
    )


def _run_row(run: Run) -> RunRow:
    return RunRow(
        report_url=reverse("interop_fhir:report", args=[run.id]),
        started_at=run.started_at,
        status=run.status,
        path_text=run.path_text,
        by_name=run.by_name,
        files_done=run.files_done,
        files_total=run.files_total,
        resources_read=run.total.read,
        changed=run.total.changes,
        quarantined=run.total.quarantined,
        error_text=run.error_text,
    )


def _quarantine_row(one: Waiting, may_run: bool) -> QuarantineRow:
    waits = may_run and one.status == "waiting"
    return QuarantineRow(
        file_text=one.file_name,
        place_text=one.place,
        resource_type=one.resource_type,
        resource_id=one.resource_id,
        heading=one.heading,
        reason_text=one.message,
        reason_code=one.reason,
        status=one.status,
        original_url=reverse("interop_fhir:original", args=[one.id]) if may_run else "",
        replay_url=reverse("interop_fhir:replay", args=[one.id]) if waits and not one.is_being_read else "",
        mend_url=reverse("interop_fhir:mend", args=[one.id]) if waits and not one.is_being_read else "",
        dismiss_url=reverse("interop_fhir:dismiss", args=[one.id]) if waits else "",
        take_back_url=reverse("interop_fhir:take_back", args=[one.id])
        if may_run and one.status == "dismissed"
        else "",
        mended_at=one.mended_at,
        settled_reason=one.settled_reason,
        is_being_read=one.is_being_read,
        tried_at=one.tried_at if one.status == "waiting" else None,
        anchor=_anchor(one.id),
    )
