"""Pages of exports: ask for one, watch it being made, take it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.interop.export import selectors
from willowbark.interop.export.selectors import ExportRow
from willowbark.interop.export.services.asking import ask_for_export, take_export
from willowbark.kernel.errors import NotFound
from willowbark.patients.selectors import open_record


@dataclass(frozen=True, slots=True)
class ExportList:
    """The page of exports."""

    rows: tuple[ExportRow, ...]
    may_export_practice: bool
    is_moving: bool
    request_key: UUID


@endpoint(*selectors.MAY)
def exports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What was asked for, and what can be taken."""
    rows = tuple(selectors.exports(actor))
    page = ExportList(
        rows=rows,
        may_export_practice=allows(actor, "practice.export"),
        is_moving=any(row.is_moving for row in rows),
        request_key=uuid7(),
    )
    fragment = "#exports" if request.headers.get("HX-Target") == "exports" else ""
    response = render(
        request, f"interop_export/exports.html{fragment}", {"page": page, "page_task_kind": "export"}
    )
    response["Vary"] = "HX-Request, HX-Target"
    return response


@endpoint("practice.export", methods=("POST",), confirmed=True)
def ask_practice(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask for the whole practice."""
    ask_for_export(actor=actor, patient_id=None, request_key=uuid_of(request.POST.get("request_key", "")))
    return redirect("interop_export:exports")


@endpoint("patients.export_one")
def of_patient(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What an export of this patient holds, and the button that asks for it."""
    record = open_record(actor, patient_id, "patients.export_one", action="exports.patient_opened")
    name = f"{record.patient.given} {record.patient.family}".strip()
    context = {
        "patient_id": patient_id,
        "name": name,
        "request_key": uuid7(),
        "page_task_kind": "export",
        "page_patient_id": str(patient_id),
    }
    return render(request, "interop_export/of_patient.html", context)


@endpoint("patients.export_one", methods=("POST",), confirmed=True)
def ask_patient(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Ask for one patient's whole record."""
    ask_for_export(
        actor=actor, patient_id=patient_id, request_key=uuid_of(request.POST.get("request_key", ""))
    )
    return redirect("interop_export:exports")


@endpoint(*selectors.MAY, confirmed=True)
def download(request: HttpRequest, actor: Actor, export_id: UUID) -> HttpResponseBase:
    """The file of an export of one's own; where there is none any more, the page that says so."""
    try:
        path = take_export(actor=actor, export_id=export_id)
    except NotFound:
        return redirect("interop_export:exports")
    name = f"willowbark-export-{clock.now():%Y-%m-%d}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")
