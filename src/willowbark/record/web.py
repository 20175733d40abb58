"""Pages of the record: the chart and its tabs, a new note, taking an entry back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.foundation import panels
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.record.events import TOPIC
from willowbark.record.pages.header import TABS, header_of, tabs_of
from willowbark.record.pages.labs import labs_of, trend_of
from willowbark.record.pages.notes import notes_of
from willowbark.record.pages.timeline import KIND_LABELS, timeline_of
from willowbark.record.selectors import lists
from willowbark.record.selectors.chart import Chart, open_chart
from willowbark.record.selectors.entries import find_entry
from willowbark.record.selectors.timeline import TimelineEntry
from willowbark.record.services.adding import add_note
from willowbark.record.services.voiding import void_entry

_ALL_TABS = tuple(key for key, _ in TABS)


@endpoint("record.read")
def timeline(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What happened, newest first."""
    chart = open_chart(actor, patient_id)
    asked = {name: request.GET.get(name, "") for name in ("kind", "before", "after", "year")}
    shown = timeline_of(chart, **asked)
    return _tab(request, actor, chart, "timeline", timeline=shown)


@endpoint("record.read")
def problems(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Problems and diagnoses."""
    chart = open_chart(actor, patient_id)
    return _tab(request, actor, chart, "problems", problems=lists.problems(chart.patient_ids))


@endpoint("record.read", "record.medications")
def medications(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Medicines and supplements: the one part of the chart that the dispensary reads too."""
    chart = open_chart(
        actor, patient_id, "record.read", "record.medications", action="record.medications_read"
    )
    return _tab(request, actor, chart, "medications", medications=lists.medications(chart.patient_ids))


@endpoint("record.read")
def labs(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Results by test."""
    chart = open_chart(actor, patient_id)
    return _tab(request, actor, chart, "labs", labs=labs_of(chart, request.GET.get("q", "")[:100]))


@endpoint("record.read")
def lab_trend(request: HttpRequest, actor: Actor, patient_id: UUID, code: str) -> HttpResponse:
    """The course of one test."""
    chart = open_chart(actor, patient_id)
    context = {
        "header": header_of(chart),
        "tabs": tabs_of(patient_id, "labs", _ALL_TABS),
        "trend": trend_of(chart, code, request.GET.get("before", "")),
        "may_void": allows(actor, "record.void"),
        "page_patient_id": str(patient_id),
        "page_task_kind": "chart_review",
    }
    fragment = "#trend" if request.headers.get("HX-Request") else ""
    return _varied(render(request, f"record/lab_trend.html{fragment}", context))


@endpoint("record.read")
def notes(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Notes, and the form to write one."""
    chart = open_chart(actor, patient_id)
    return _tab(request, actor, chart, "notes", notes=notes_of(request, actor, chart))


@endpoint("record.write", "record.note", methods=("POST",))
def write_note(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Write a note."""
    values = {name: request.POST.get(name, "") for name in ("kind", "body", "request_key")}
    try:
        add_note(
            actor=actor,
            patient_id=patient_id,
            kind=values["kind"],
            body=values["body"],
            request_key=uuid_of(values["request_key"]),
        )
    except Invalid as error:
        chart = open_chart(actor, patient_id)
        shown = notes_of(request, actor, chart, values=values, errors={error.field or "form": str(error)})
        return _tab(request, actor, chart, "notes", status=422, notes=shown)
    return redirect("record:notes", patient_id=patient_id)


@dataclass(frozen=True, slots=True)
class VoidForm:
    """The page that asks for a reason."""

    entry: TimelineEntry
    kind_label: str
    next_url: str
    reason: str = ""
    error_text: str = ""


@endpoint("record.void", methods=("GET", "POST"))
def void(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Ask why an entry is taken back, and take it back."""
    if request.method != "POST":
        require(actor, "record.void")
        return _void_page(request, actor, patient_id, request.GET.get("kind", ""), request.GET.get("id", ""))
    kind, entry_id = request.POST.get("kind", ""), request.POST.get("id", "")
    reason = request.POST.get("reason", "")
    try:
        void_entry(actor=actor, patient_id=patient_id, kind=kind, entry_id=uuid_of(entry_id), reason=reason)
    except (Invalid, Conflict) as error:
        return _void_page(request, actor, patient_id, kind, entry_id, reason=reason, error_text=str(error))
    return redirect(_tab_of(kind), patient_id=patient_id)


def _tab_of(kind: str) -> str:
    return {
        "condition": "record:problems",
        "medication": "record:medications",
        "observation": "record:labs",
        "note": "record:notes",
    }.get(kind, "record:timeline")


def _void_page(
    request: HttpRequest, actor: Actor, patient_id: UUID, kind: str, entry_id: str, **typed: str
) -> HttpResponse:
    chart = open_chart(actor, patient_id)
    page = VoidForm(
        entry=find_entry(chart, kind, uuid_of(entry_id)),
        kind_label=KIND_LABELS.get(kind, kind),
        next_url=reverse(_tab_of(kind), kwargs={"patient_id": patient_id}),
        **typed,
    )
    context = {"header": header_of(chart), "page": page, "page_patient_id": str(patient_id)}
    return render(request, "record/void.html", context, status=422 if typed.get("error_text") else 200)


def _tab(
    request: HttpRequest, actor: Actor, chart: Chart, tab: str, *, status: int = 200, **content: Any
) -> HttpResponse:
    patient_id = chart.record.patient.pk
    whole = allows(actor, "record.read")
    context = {
        "header": header_of(chart),
        "tab": tab,
        "tabs": tabs_of(patient_id, tab, _ALL_TABS if whole else ("medications",)),
        "panels": panels.rendered("chart", request, actor, patient_id) if tab == "timeline" else [],
        "may_void": allows(actor, "record.void"),
        "may_write": allows(actor, "record.write"),
        "may_note": allows(actor, "record.write", "record.note"),
        "page_patient_id": str(patient_id),
        "page_task_kind": "chart_review",
        "page_live_topics": " ".join(f"{TOPIC}:{each}" for each in chart.patient_ids),
        **content,
    }
    fragment = "#body" if request.headers.get("HX-Target") == "chart-body" else ""
    return _varied(render(request, f"record/chart.html{fragment}", context, status=status))


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response
