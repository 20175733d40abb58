"""Pages of the dispensary: what waits, handing it out, what was handed out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.dispensary import pages, selectors
from willowbark.dispensary.events import TOPIC, TOPIC_OF_PATIENT
from willowbark.dispensary.pages import DISPENSE
from willowbark.dispensary.services import dispense, take_back
from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.inventory.selectors import shelf_sites
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.patients.selectors import open_record, persons_of
from willowbark.protocols.core.wording import money_text
from willowbark.protocols.selectors.signed import current_of

PAGE = 50
SHELVES = "inventory.changed"
_LINE = "line-"
_MOST_TYPED = 10_000
_DONE = {"out": "It is handed out.", "back": "It is back on the shelf."}


@endpoint("dispensary.read")
def to_dispense(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What was signed and waits to be handed out."""
    if request.headers.get("HX-Target") == "to-dispense":
        return _varied(HttpResponse(pages.to_dispense(request, actor, None)))
    site, after = request.GET.get("site", ""), request.GET.get("after", "")
    site_id = uuid_of(site) if site else None
    place = cursors.read_instant(after)
    if place is not None and place[0] is None:
        raise Invalid("That place in the list does not exist.")
    found = selectors.queue(
        actor, site_id=site_id, after=(place[0], place[1]) if place and place[0] else None, limit=PAGE
    )
    url = reverse("dispensary:queue")
    asked = {"site": site} if site else {}
    further = ""
    if found.more and found.rows:
        last = found.rows[-1]
        further = f"{url}?{urlencode({**asked, 'after': cursors.write(last.signed_at, last.protocol_id)})}"
    first = f"{url}?{urlencode(asked)}" if asked else url
    page = pages.Queue(
        rows=found.rows,
        count=selectors.count_queue(actor, site_id=site_id),
        sites=_sites(actor, site_id),
        here_url=f"{url}?{urlencode({**asked, 'after': after})}" if after else first,
        first_url=first if after else "",
        further_url=further,
        may_dispense=allows(actor, DISPENSE),
    )
    context = {"page": page, "page_task_kind": "dispensing", "page_live_topics": f"{TOPIC} {SHELVES}"}
    fragment = "#queue" if request.headers.get("HX-Target") == "queue" else ""
    return _varied(render(request, f"dispensary/queue.html{fragment}", context))


@endpoint(DISPENSE, methods=("GET", "POST"))
def dispense_protocol(
    request: HttpRequest, actor: Actor, patient_id: UUID, protocol_id: UUID
) -> HttpResponse:
    """What a protocol still asks for, from which lots it would come; hand it out."""
    if request.method != "POST":
        return _sheet(request, actor, patient_id, protocol_id, request.GET)
    said = request.POST
    typed, errors = _typed(said)
    if errors:
        return _sheet(request, actor, patient_id, protocol_id, said, status=422)
    try:
        made = dispense(
            actor=actor,
            patient_id=patient_id,
            protocol_id=protocol_id,
            site_id=uuid_of(said.get("site", "")),
            lines={line: int(text or 0) for line, text in typed.items()},
            request_key=uuid_of(said.get("request_key", "")),
            note=said.get("note", ""),
        )
    except (Invalid, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _sheet(request, actor, patient_id, protocol_id, said, error_text=str(error), status=status)
    return redirect(f"{reverse('dispensary:handed_out', args=[patient_id, made])}?done=out")


@endpoint("dispensary.read")
def history(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """What was handed out to a patient, and what of the protocol in force still waits."""
    if request.headers.get("HX-Target") == "dispensed":
        return _varied(HttpResponse(pages.dispensed(request, actor, patient_id)))
    record = open_record(actor, patient_id, selectors.READ, action="dispensary.dispensed_read")
    signed = current_of(record)
    out = selectors.containers_out(actor, signed.patient_id, signed.id) if signed else {}
    due = sum(max(0, line.containers - out.get(line.id, 0)) for line in signed.lines) if signed else 0
    context = {
        "name": f"{record.patient.given} {record.patient.family}".strip(),
        "patient_id": patient_id,
        "dispensings": selectors.dispensed_of(actor, record),
        "signed": signed,
        "due": due,
        "may_dispense": allows(actor, DISPENSE),
        "page_task_kind": "dispensing",
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{TOPIC_OF_PATIENT}:{patient_id}",
    }
    return _varied(render(request, "dispensary/history.html", context))


@endpoint("dispensary.read")
def handed_out(request: HttpRequest, actor: Actor, patient_id: UUID, dispensing_id: UUID) -> HttpResponse:
    """What was handed out on one occasion: the list and the labels to print."""
    return _handed_out(request, actor, patient_id, dispensing_id)


@endpoint(DISPENSE, methods=("POST",))
def take(request: HttpRequest, actor: Actor, patient_id: UUID, dispensing_id: UUID) -> HttpResponse:
    """Take back what was handed out today."""
    reason = request.POST.get("reason", "")
    try:
        take_back(actor=actor, patient_id=patient_id, dispensing_id=dispensing_id, reason=reason)
    except (Invalid, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _handed_out(
            request, actor, patient_id, dispensing_id, reason=reason, error_text=str(error), status=status
        )
    return redirect(f"{reverse('dispensary:handed_out', args=[patient_id, dispensing_id])}?done=back")


def _sheet(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    protocol_id: UUID,
    said: QueryDict,
    *,
    error_text: str = "",
    status: int = 200,
) -> HttpResponse:
    typed, errors = _typed(said)
    site = said.get("site", "")
    sheet = selectors.sheet(
        actor,
        patient_id,
        protocol_id,
        site_id=uuid_of(site) if site else None,
        asked={line: int(text or 0) for line, text in typed.items() if line not in errors},
    )
    sites = {shelf.id: shelf.name for shelf in shelf_sites(actor)}
    lines = tuple(pages.line_shown(line, typed, errors) for line in sheet.lines)
    # What went wrong is said once; what is taken from the shelf meanwhile shows in the lines.
    page = pages.SheetPage(
        sheet=sheet,
        lines=lines,
        site_name=sites.get(sheet.site_id, ""),
        sites=_sites(actor, sheet.site_id),
        total_text=money_text(sheet.price_cents, next((line.currency for line in sheet.lines), "")),
        request_key=str(uuid_of(key)) if (key := said.get("request_key", "")) else str(uuid7()),
        note=said.get("note", "")[:300],
        here_url=reverse("dispensary:dispense", args=[patient_id, protocol_id]),
        error_text=error_text,
        can_confirm=sheet.protocol.is_in_force and any(line.asked_containers for line in sheet.lines),
    )
    context = {
        "page": page,
        "page_task_kind": "dispensing",
        "page_patient_id": str(patient_id),
        "page_live_topics": f"{SHELVES} {TOPIC_OF_PATIENT}:{patient_id}",
        "patient_topic": f"{TOPIC_OF_PATIENT}:{patient_id}",
    }
    fragment = "#sheet" if request.headers.get("HX-Target") == "sheet" else ""
    return _varied(render(request, f"dispensary/dispense.html{fragment}", context, status=status))


def _handed_out(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    dispensing_id: UUID,
    *,
    reason: str = "",
    error_text: str = "",
    status: int = 200,
) -> HttpResponse:
    given = selectors.dispensing(actor, patient_id, dispensing_id)
    page = pages.HandedOutPage(
        person=persons_of(actor, [given.patient_id])[given.patient_id],
        given=given,
        lines=pages.labels_of(given),
        total_text=money_text(given.price_cents, given.currency),
        may_take_back=allows(actor, DISPENSE) and selectors.may_go_back(actor, given),
        reason=reason,
        error_text=error_text,
    )
    done = _DONE.get(request.GET.get("done", ""), "")
    context = {
        "page": page,
        "page_task_kind": "dispensing",
        "page_patient_id": str(patient_id),
        "messages": [done] if done and not error_text else [],
    }
    return render(request, "dispensary/handed_out.html", context, status=status)


def _typed(said: QueryDict) -> tuple[dict[UUID, str], Mapping[UUID, str]]:
    """What was typed for each line, and what of it is no number of containers."""
    typed: dict[UUID, str] = {}
    errors: dict[UUID, str] = {}
    for name, text in said.items():
        if not name.startswith(_LINE) or not isinstance(text, str):
            continue
        line = uuid_of(name.removeprefix(_LINE))
        typed[line] = text.strip()
        # isdecimal alone would take digits of other scripts, which int() reads too.
        whole = not typed[line] or (typed[line].isascii() and typed[line].isdecimal())
        if not whole or len(typed[line]) > 5 or int(typed[line] or 0) > _MOST_TYPED:
            errors[line] = "A number of containers, such as 2."
    return typed, errors


def _sites(actor: Actor, chosen: UUID | None) -> tuple[Choice, ...]:
    """The shelves that one may look at; () where there is no choice."""
    if not allows(actor, "inventory.read"):
        return ()
    shelves = shelf_sites(actor)
    return (
        tuple(Choice(str(shelf.id), shelf.name, shelf.id == chosen) for shelf in shelves)
        if len(shelves) > 1
        else ()
    )


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response
