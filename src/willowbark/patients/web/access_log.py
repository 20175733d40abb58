"""The access log: who read, changed or was refused what; and who can see a patient, and did."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from willowbark.foundation import clock
from willowbark.foundation.access_log import OUTCOMES
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Invalid
from willowbark.patients import selectors
from willowbark.patients.selectors import LogFilter, LogLine, WhoSees
from willowbark.patients.web.rows import PatientRow, row_of
from willowbark.practice.selectors import everybody_who_acts

PAGE = 100
# A download is for looking closely at something, not for carrying the log away.
MOST_DOWNLOADED = 10_000
_CHUNK = 1_000
_OFFERED = 8
_COLUMNS = ("at", "who", "through", "what", "outcome", "about", "patient", "patient_id")
_OUTCOME_WORDS = {"read": "Read", "written": "Changed", "refused": "Refused"}


@dataclass(frozen=True, slots=True)
class LinePatient:
    """A patient whom a line touches."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of the log."""

    line: LogLine
    outcome_words: str
    patients: tuple[LinePatient, ...]


@dataclass(frozen=True, slots=True)
class LogShown:
    """The page of the access log."""

    lines: tuple[LineShown, ...]
    older_url: str
    first_url: str
    download_url: str
    most_downloaded: int
    all_url: str
    query: str
    day: str
    patient_id: str
    patient_name: str
    people: tuple[Choice, ...]
    outcomes: tuple[Choice, ...]
    with_own: bool
    offered: tuple[tuple[PatientRow, str], ...]
    asked_in_vain: bool


@endpoint("audit.read")
def access_log(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who read, changed or was refused what, newest first."""
    wanted, place = _wanted(request), request.GET.get("before", "")
    query = request.GET.get("q", "").strip()[:100]
    offered: tuple[tuple[PatientRow, str], ...] = ()
    if query and wanted.patient_id is None and allows(actor, "patients.read"):
        found = selectors.search(actor, query, limit=_OFFERED)
        offered = tuple(
            (row_of(actor, each), _url(replace(wanted, patient_id=each.patient_id))) for each in found.rows
        )
    page = selectors.read_log(
        actor,
        wanted,
        zone=timezone.get_current_timezone(),
        before=uuid_of(place) if place else None,
        limit=PAGE,
    )
    shown = LogShown(
        lines=tuple(_shown(each, wanted) for each in page.lines),
        older_url=_url(wanted, before=page.before) if page.before else "",
        first_url=_url(wanted) if place else "",
        download_url=_url(wanted, name="access_log_csv"),
        most_downloaded=MOST_DOWNLOADED,
        all_url=_url(LogFilter()) if wanted != LogFilter() else "",
        query=query,
        day=wanted.day.isoformat() if wanted.day else "",
        patient_id=str(wanted.patient_id or ""),
        patient_name=_name_of(wanted, page.lines),
        people=tuple(
            Choice(str(user_id), name, user_id == wanted.user_id)
            for user_id, name in everybody_who_acts(actor)
        ),
        outcomes=tuple(
            Choice(outcome, _OUTCOME_WORDS[outcome], outcome == wanted.outcome) for outcome in OUTCOMES
        ),
        with_own=wanted.with_own,
        offered=offered,
        asked_in_vain=bool(query) and wanted.patient_id is None and not offered,
    )
    return render(request, "patients/access_log.html", {"page": shown, "page_task_kind": "access_review"})


@endpoint("audit.read")
def download(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The filtered log as a file of comma-separated values, newest first, at most ten thousand entries."""
    wanted, zone = _wanted(request), timezone.get_current_timezone()
    # Whoever may not is told so before anything is sent.
    first = selectors.read_log(actor, wanted, zone=zone, limit=_CHUNK, action="audit.downloaded")

    def lines() -> Iterator[str]:
        page, number = first, 0
        yield _csv_line(_COLUMNS)
        while True:
            for line in page.lines:
                for row in _csv_rows(line):
                    number += 1
                    yield _csv_line(row)
            if page.before is None or number >= MOST_DOWNLOADED:
                break
            with acting_as(actor):
                page = selectors.read_log(
                    actor, wanted, zone=zone, before=page.before, limit=_CHUNK, action="audit.downloaded"
                )
        # A file that was cut off on its way lacks this line.
        yield _csv_line(["end: older entries follow" if page.before else "end: this is all", str(number)])

    day = clock.now().astimezone(zone).date().isoformat()
    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="access-log-{day}.csv"'},
    )


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Who can see a patient and why, and who did."""

    found: WhoSees
    name: str
    initials: str
    log_url: str


@endpoint("audit.read")
def patient_access(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Who can see this patient, and why; who did in the last ninety days."""
    found = selectors.who_sees(actor, patient_id)
    name = f"{found.patient.given} {found.patient.family}".strip()
    of_patient = LogFilter(patient_id=patient_id)
    page = AccessPage(
        found=found,
        name=name,
        initials=initials_of(name),
        log_url=_url(of_patient),
    )
    context = {
        "page": page,
        "did": [(each, _url(replace(of_patient, user_id=each.user_id))) for each in found.did],
        "page_task_kind": "access_review",
        "page_patient_id": str(patient_id),
    }
    return render(request, "patients/access.html", context)


def _wanted(request: HttpRequest) -> LogFilter:
    """
    What the address asks for.

    Raises:
        Invalid: not a day, or no such outcome.
    """
    asked = {name: request.GET.get(name, "") for name in ("patient", "person", "day", "outcome", "own")}
    if asked["outcome"] and asked["outcome"] not in OUTCOMES:
        raise Invalid("There is no such outcome.", field="outcome")
    return LogFilter(
        patient_id=uuid_of(asked["patient"]) if asked["patient"] else None,
        user_id=uuid_of(asked["person"]) if asked["person"] else None,
        day=_day(asked["day"]) if asked["day"] else None,
        outcome=asked["outcome"],
        with_own=asked["own"] == "1",
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="day") from error
    if not 1971 <= day.year <= 2200:
        raise Invalid("That day is out of reach.", field="day")
    return day


def _url(wanted: LogFilter, *, before: UUID | None = None, name: str = "access_log") -> str:
    asked = {
        "patient": wanted.patient_id,
        "person": wanted.user_id,
        "day": wanted.day.isoformat() if wanted.day else "",
        "outcome": wanted.outcome,
        "own": "1" if wanted.with_own else "",
        "before": before,
    }
    query = urlencode({key: str(value) for key, value in asked.items() if value})
    url = reverse(f"patients:{name}")
    return f"{url}?{query}" if query else url


def _shown(line: LogLine, wanted: LogFilter) -> LineShown:
    return LineShown(
        line=line,
        outcome_words=_OUTCOME_WORDS.get(line.outcome, line.outcome),
        patients=tuple(
            LinePatient(name or "A patient", _url(replace(wanted, patient_id=row)))
            for row, name in line.patients
        ),
    )


def _name_of(wanted: LogFilter, lines: tuple[LogLine, ...]) -> str:
    """The name of the patient asked for, as the entries themselves give it."""
    if wanted.patient_id is None:
        return ""
    names = (name for line in lines for _, name in line.patients if name)
    return next(names, "one patient")


def _csv_rows(line: LogLine) -> Iterator[list[str]]:
    """One row for each entry."""
    names = dict(line.patients)
    for at, row in line.entries:
        yield [
            at.isoformat(),
            line.by_name,
            line.channel,
            line.action,
            line.outcome,
            line.about,
            names.get(row, "") if row else "",
            str(row or ""),
        ]


class _Line:
    """What the csv module writes to: it hands the line on."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Line())


def _csv_line(cells: list[str] | tuple[str, ...]) -> str:
    """One line; what a spreadsheet would take for a formula is written as text."""
    line: str = _WRITER.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells])
    return line
