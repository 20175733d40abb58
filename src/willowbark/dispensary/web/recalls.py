"""Pages of recalls: what is recalled, saying so, and telling whoever was given it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.catalog import selectors as catalog
from willowbark.dispensary.core.recalling import STATES, Progress
from willowbark.dispensary.events import RECALLS
from willowbark.dispensary.pages import recalls as pages
from willowbark.dispensary.selectors import recalled
from willowbark.dispensary.selectors.recalled import CONTACT, RECALL, ContactRow
from willowbark.dispensary.services import say_contact, undo_contact
from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.inventory import selectors as inventory
from willowbark.inventory.core.recalls import BY_CODE, CLASSES
from willowbark.inventory.selectors import LotSomewhere, RecallView
from willowbark.inventory.services import NewRecall, checked_recall, lift_recall, recall_product
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.practice.pages import today_here
from willowbark.practice.selectors import names_of_users

TASK = "recall"
PAGE = 100
_FIELDS = ("product", "scope", "other_lots", "reason", "class_code", "source_text", "told_by")
_DONE = {
    "recalled": "It is recalled. Nothing of it is handed out or composed with any more.",
    "lifted": "The recall is lifted.",
    "said": "Written down.",
    "undone": "Taken back.",
}


@endpoint(CONTACT)
def recalls(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is recalled, and how far it has come."""
    held, lifted = inventory.recalls(actor), inventory.lifted_recalls(actor)
    progress = recalled.progress_of(actor, [each.id for each in (*held, *lifted)])
    names = names_of_users({each.recalled_by for each in (*held, *lifted)})
    page = pages.RecallList(
        held=tuple(_shown(each, progress[each.id], names) for each in held),
        lifted=tuple(_shown(each, progress[each.id], names) for each in lifted),
        may_recall=allows(actor, RECALL),
    )
    context = {"page": page, "page_task_kind": TASK, "page_live_topics": RECALLS}
    fragment = "#recalls" if request.headers.get("HX-Target") == "recalls" else ""
    return _varied(render(request, f"dispensary/recalls.html{fragment}", context))


@endpoint(RECALL, methods=("GET", "POST"))
def new_recall(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say what is recalled; see what that would do; then do it, once."""
    said = request.POST if request.method == "POST" else request.GET
    values = {name: said.get(name, "").strip() for name in _FIELDS}
    chosen = tuple(said.getlist("lot"))
    step = request.POST.get("step", "")
    if step not in {"preview", "recall"}:
        return _form(request, actor, values, chosen, {})
    try:
        new = checked_recall(_read(values, chosen))
        if step == "recall":
            made = recall_product(
                actor=actor, new=new, request_key=uuid_of(request.POST.get("request_key", ""))
            )
            return redirect(f"{reverse('dispensary:recall', args=[made])}?done=recalled")
        shown = recalled.preview(actor, new.product_key, new.lot_numbers)
    except Invalid as error:
        return _form(request, actor, values, chosen, {error.field or "form": str(error)})
    except NotFound:
        return _form(request, actor, values, chosen, {"product": "Choose the product."})
    except Conflict as error:
        return _form(request, actor, values, chosen, {"form": str(error)})
    return _form(request, actor, values, chosen, {}, shown, tuple(new.lot_numbers))


def _read(values: Mapping[str, str], chosen: tuple[str, ...]) -> NewRecall:
    """
    The recall that a form says.

    Raises:
        Invalid: neither every lot nor some were chosen.
    """
    lots: list[str] = []
    if values["scope"] != "all":
        lots = [*chosen, *(each for each in re.split(r"[,;\n]+", values["other_lots"]) if each.strip())]
        if values["scope"] != "lots" or not lots:
            raise Invalid("Choose the lots, or say that it is every lot.", field="lot_numbers")
    return NewRecall(
        product_key=values["product"],
        reason=values["reason"],
        source_text=values["source_text"],
        lot_numbers=lots,
        class_code=values["class_code"],
        told_by=values["told_by"],
    )


def _form(
    request: HttpRequest,
    actor: Actor,
    values: Mapping[str, str],
    chosen: tuple[str, ...],
    errors: Mapping[str, str],
    preview: recalled.Preview | None = None,
    lot_numbers: tuple[str, ...] = (),
) -> HttpResponse:
    products = {each.key: each for each in recalled.products_to_recall(actor)}
    key = values["product"]
    known: tuple[LotSomewhere, ...] = ()
    if key and preview is None:
        try:
            known = recalled.lots_of_product(actor, key)
        except NotFound:
            key = ""
    choices = [Choice(each.key, f"{each.name} ({each.brand})", each.key == key) for each in products.values()]
    if key and key not in products:
        (latest, *_) = catalog.products_of_key(actor, key)
        choices.append(Choice(key, f"{latest.name} (retired)", True))
    page = pages.RecallForm(
        products=tuple(choices),
        product_key=key,
        lots=_ticks(known, chosen),
        classes=tuple(Choice(one.code, one.label, one.code == values["class_code"]) for one in CLASSES),
        class_text=BY_CODE[values["class_code"]].label if preview else "",
        class_meaning=BY_CODE[values["class_code"]].meaning if preview else "",
        lots_text=pages.lots_text(lot_numbers),
        values=values,
        chosen_lots=chosen,
        errors=errors,
        request_key=str(uuid7()),
        preview=preview,
    )
    context = {"page": page, "page_task_kind": TASK}
    fragment = "#lots" if request.headers.get("HX-Target") == "lots" else ""
    status = 422 if errors else 200
    return _varied(render(request, f"dispensary/new_recall.html{fragment}", context, status=status))


def _ticks(lots: tuple[LotSomewhere, ...], chosen: tuple[str, ...]) -> tuple[pages.LotTick, ...]:
    where: dict[str, list[str]] = {}
    for lot in lots:
        left = f"{lot.on_hand_containers:,} on hand" if lot.on_hand_containers else "none left"
        where.setdefault(lot.lot_number, []).append(
            f"{lot.site_name}, {left}, expires {lot.expires_on:%Y-%m-%d}"
        )
    return tuple(
        pages.LotTick(number, "; ".join(where[number]), number in chosen) for number in sorted(where)
    )


@endpoint(CONTACT)
def recall(request: HttpRequest, actor: Actor, recall_id: UUID) -> HttpResponse:
    """One recall: what it blocks, and who knows of it."""
    return _recall(request, actor, recall_id)


@endpoint(RECALL, methods=("POST",))
def lift(request: HttpRequest, actor: Actor, recall_id: UUID) -> HttpResponse:
    """Say why a recall no longer holds."""
    reason = request.POST.get("reason", "")
    try:
        lift_recall(actor=actor, recall_id=recall_id, reason=reason)
    except (Invalid, Conflict) as error:
        return _recall(request, actor, recall_id, lift_reason=reason, lift_error=str(error))
    return redirect(f"{reverse('dispensary:recall', args=[recall_id])}?done=lifted")


def _recall(
    request: HttpRequest, actor: Actor, recall_id: UUID, *, lift_reason: str = "", lift_error: str = ""
) -> HttpResponse:
    seen = inventory.recall(actor, recall_id)
    progress = recalled.progress_of(actor, [recall_id])[recall_id]
    reach = recalled.reach_of(actor, seen)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    after = request.GET.get("after", "")
    found = recalled.contacts(
        actor, recall_id, state=state, after=uuid_of(after) if after else None, limit=PAGE
    )
    url = reverse("dispensary:recall", args=[recall_id])
    asked = {"state": state} if state else {}
    first = f"{url}?{urlencode(asked)}" if asked else url
    names = names_of_users({seen.recalled_by, *((seen.lifted_by,) if seen.lifted_by else ())})
    page = pages.RecallPage(
        shown=_shown(seen, progress, names),
        reach=reach,
        lifted_by_name=names.get(seen.lifted_by, "") if seen.lifted_by else "",
        filters=(
            pages.Filter(url, "All", progress.patients, not state),
            *(
                pages.Filter(f"{url}?state={one}", text, getattr(progress, one), one == state)
                for one, text in pages.STATE_TEXTS.items()
            ),
        ),
        rows=tuple(_contact_shown(row, recall_id, today_here()) for row in found.rows),
        waits=0 if seen.is_lifted else max(0, reach.patients - progress.patients),
        here_url=f"{url}?{urlencode({**asked, 'after': after})}" if after else first,
        first_url=first if after else "",
        further_url=f"{url}?{urlencode({**asked, 'after': str(found.last_id)})}" if found.more else "",
        may_recall=allows(actor, RECALL),
        lift_reason=lift_reason,
        lift_error=lift_error,
    )
    context = {
        "page": page,
        "page_task_kind": TASK,
        "page_live_topics": RECALLS,
        "messages": [] if lift_error else _said(request),
    }
    fragment = "#contacts" if request.headers.get("HX-Target") == "contacts" else ""
    status = 422 if lift_error else 200
    return _varied(render(request, f"dispensary/recall.html{fragment}", context, status=status))


@endpoint(CONTACT, methods=("GET", "POST"))
def contact(request: HttpRequest, actor: Actor, patient_id: UUID, recall_id: UUID) -> HttpResponse:
    """Tell a patient of a recall, and write down how it went."""
    if request.method != "POST":
        return _contact(request, actor, patient_id, recall_id)
    note = request.POST.get("note", "")
    try:
        say_contact(
            actor=actor,
            patient_id=patient_id,
            recall_id=recall_id,
            state=request.POST.get("state", ""),
            note=note,
        )
    except (Invalid, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _contact(request, actor, patient_id, recall_id, note, str(error), status)
    if not request.headers.get("HX-Request"):
        return redirect(f"{pages.contact_url(patient_id, recall_id)}?done=said")
    undo = reverse("dispensary:undo_contact", args=[patient_id, recall_id])
    told = {"willow:toast": {"text": _DONE["said"], "undo_url": undo}, "willow:recall-said": {}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})


@endpoint(CONTACT, methods=("POST",))
def undo(request: HttpRequest, actor: Actor, patient_id: UUID, recall_id: UUID) -> HttpResponse:
    """Take back what was said last of a patient."""
    try:
        undo_contact(actor=actor, patient_id=patient_id, recall_id=recall_id)
    except Conflict as error:
        return _contact(request, actor, patient_id, recall_id, "", str(error), 409)
    if request.headers.get("HX-Request"):
        told = {"willow:toast": {"text": _DONE["undone"], "undo_url": ""}, "willow:recall-said": {}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    return redirect(f"{pages.contact_url(patient_id, recall_id)}?done=undone")


def _contact(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    recall_id: UUID,
    note: str = "",
    error_text: str = "",
    status: int = 200,
) -> HttpResponse:
    view = recalled.contact(actor, patient_id, recall_id)
    page = pages.ContactPage(
        view=view,
        shown=_contact_shown(view.row, recall_id, today_here()),
        phone_url=f"tel:{re.sub(r'[^0-9+]', '', view.phone)}" if view.phone else "",
        note=note or view.row.note,
        error_text=error_text,
    )
    context = {
        "page": page,
        "page_task_kind": TASK,
        "page_patient_id": str(patient_id),
        "messages": [] if error_text else _said(request),
    }
    return render(request, "dispensary/contact.html", context, status=status)


def _shown(seen: RecallView, progress: Progress, names: Mapping[UUID, str]) -> pages.RecallShown:
    return pages.RecallShown(
        seen, pages.lots_text(seen.lot_numbers), progress, names.get(seen.recalled_by, "")
    )


def _contact_shown(row: ContactRow, recall_id: UUID, today: date) -> pages.ContactShown:
    return pages.ContactShown(
        row=row,
        state_text=pages.STATE_TEXTS[row.state],
        tone=pages.TONES[row.state],
        lots_text=pages.lots_text(row.lot_numbers),
        is_overdue=row.due_on < today and row.state in {"to_contact", "not_reached"},
        url=pages.contact_url(row.patient_id, recall_id),
    )


def _said(request: HttpRequest) -> list[str]:
    done = _DONE.get(request.GET.get("done", ""), "")
    return [done] if done else []


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response
