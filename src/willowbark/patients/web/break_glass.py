"""Break-glass: name somebody exactly, ask for access with a reason, be done; and review what others did."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import clock, cursors
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients import selectors
from willowbark.patients.core.break_glass import FEWEST_HOURS, MOST_HOURS, REASONS, VERDICTS
from willowbark.patients.events import BREAK_GLASS_TOPIC
from willowbark.patients.selectors import Glass, GlassFilter, Opened, Sought
from willowbark.patients.services.break_glass import (
    LookedUpTooOften,
    NotNeeded,
    OpenAlready,
    break_glass,
    end_break_glass,
    look_up_exactly,
    review_break_glass,
    set_break_glass_hours,
)
from willowbark.patients.web.rows import url_of
from willowbark.practice.selectors import everybody_who_acts

PAGE = 50
_BREAKS, _REVIEWS = "patients.break_glass", "patients.review_break_glass"
_STATES = {
    "": "All",
    "open": "Open now",
    "to_review": "To review",
    "justified": "Justified",
    "not_justified": "Not justified",
}
_DONE = {
    "done": "It is closed to you again.",
    "over": "Your access is over.",
    "closed": "It is closed.",
    "reviewed": "The review is written down.",
    "hours": "The new time holds from now on.",
}


@dataclass(frozen=True, slots=True)
class FoundRow:
    """Somebody who was named exactly; `chart_url` is '' while their chart is closed to the actor."""

    found: Sought
    name: str
    chart_url: str


@dataclass(frozen=True, slots=True)
class OwnRow:
    """What is open to the actor."""

    glass: Glass
    chart_url: str


@dataclass(frozen=True, slots=True)
class GlassRow:
    """One line of the list. `nobody` says that nobody else could review it now."""

    glass: Glass
    is_late: bool
    nobody: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of what to list."""

    url: str
    label: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The page of break-glass; `found` is None until somebody was looked up."""

    may_break: bool
    may_review: bool
    may_manage: bool
    own: tuple[OwnRow, ...]
    hours: int
    hours_typed: str
    fewest_hours: int
    most_hours: int
    found: tuple[FoundRow, ...] | None
    reasons: tuple[Choice, ...]
    request_key: UUID
    values: Mapping[str, str]
    errors: Mapping[str, str]
    rows: tuple[GlassRow, ...] = ()
    filters: tuple[Filter, ...] = ()
    people: tuple[Choice, ...] = ()
    state: str = ""
    here_url: str = ""
    first_url: str = ""
    older_url: str = ""


@endpoint(_BREAKS, _REVIEWS)
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask for access, what is open to oneself, and for who reviews it what others did."""
    require(actor, _BREAKS, _REVIEWS)
    return _overview(request, actor)


@endpoint(_BREAKS, methods=("POST",))
def look_up(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Find one person by a whole name and the birth date, or by a number."""
    values = {name: request.POST.get(name, "") for name in ("family", "given", "birth_date", "number")}
    try:
        found = look_up_exactly(
            actor=actor,
            family=values["family"],
            given=values["given"],
            birth_date=_day(values["birth_date"]),
            number=values["number"],
        )
    except Invalid as error:
        return _overview(request, actor, values=values, errors={error.field: str(error)})
    except LookedUpTooOften as error:
        # Answered here, so that the refusal stays in the log.
        return _overview(request, actor, values=values, errors={"look_up": str(error)}, status=429)
    return _overview(request, actor, values=values, found=found)


@endpoint(_BREAKS, methods=("POST",))
def ask(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Ask for access; the chart opens."""
    values = {name: request.POST.get(name, "") for name in ("reason_code", "reason", "request_key")}
    try:
        break_glass(
            actor=actor,
            patient_id=patient_id,
            reason_code=values["reason_code"],
            reason=values["reason"],
            request_key=uuid_of(values["request_key"]),
        )
    except Invalid as error:
        found = selectors.found_exactly(actor, [patient_id])
        if not found:
            raise NotFound("patient") from error
        return _overview(request, actor, found=found, values=values, errors={error.field: str(error)})
    except (NotNeeded, OpenAlready):
        pass
    return redirect(url_of(actor, patient_id))


@endpoint(_BREAKS, methods=("POST",))
def done(request: HttpRequest, actor: Actor, patient_id: UUID, glass_id: UUID) -> HttpResponse:
    """Give one's own access back; what is over already stays so."""
    require(actor, _BREAKS)
    with suppress(NotFound):
        end_break_glass(actor=actor, patient_id=patient_id, glass_id=glass_id)
    return redirect(f"{reverse('patients:break_glass')}?done=done")


@endpoint(_BREAKS)
def still_open(request: HttpRequest, actor: Actor, glass_id: UUID) -> HttpResponse:
    """Asked by an open page: nothing while the access lasts, then where to go."""
    if any(each.id == glass_id for each in selectors.own_open_glass(actor)):
        return HttpResponse(status=204)
    away = f"{reverse('patients:break_glass')}?done=over"
    return HttpResponse(status=204, headers={"HX-Redirect": away})


@endpoint(_REVIEWS, methods=("POST",))
def close(request: HttpRequest, actor: Actor, patient_id: UUID, glass_id: UUID) -> HttpResponse:
    """End somebody's access before its time."""
    selectors.find_glass(actor, patient_id, glass_id)
    end_break_glass(actor=actor, patient_id=patient_id, glass_id=glass_id)
    return redirect(f"{reverse('patients:one_break_glass', args=[patient_id, glass_id])}?done=closed")


@endpoint("practice.manage", methods=("POST",))
def hours(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say how long access lasts."""
    text = request.POST.get("hours", "")
    try:
        set_break_glass_hours(actor=actor, hours=int(text) if text.isdecimal() and len(text) < 5 else 0)
    except Invalid as error:
        return _overview(request, actor, values={"hours": text}, errors={error.field: str(error)})
    return redirect(f"{reverse('patients:break_glass')}?done=hours")


@dataclass(frozen=True, slots=True)
class OnePage:
    """The page of one time; `opened` is None for who does not review it."""

    glass: Glass
    opened: list[Opened] | None
    is_own: bool
    may_review: bool
    is_late: bool
    verdicts: tuple[Choice, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@endpoint(_BREAKS, _REVIEWS)
def one(request: HttpRequest, actor: Actor, patient_id: UUID, glass_id: UUID) -> HttpResponse:
    """Why somebody broke the glass, and for who reviews it what they opened meanwhile."""
    return _one(request, actor, patient_id, glass_id)


@endpoint(_REVIEWS, methods=("POST",))
def review(request: HttpRequest, actor: Actor, patient_id: UUID, glass_id: UUID) -> HttpResponse:
    """Say whether it was justified."""
    values = {name: request.POST.get(name, "") for name in ("verdict", "words")}
    try:
        review_break_glass(actor=actor, patient_id=patient_id, glass_id=glass_id, **values)
    except (Invalid, Conflict) as error:
        at_fault = error.field if isinstance(error, Invalid) else "form"
        return _one(request, actor, patient_id, glass_id, values=values, errors={at_fault: str(error)})
    return redirect(f"{reverse('patients:one_break_glass', args=[patient_id, glass_id])}?done=reviewed")


def _one(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    glass_id: UUID,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    glass = selectors.read_glass(actor, patient_id, glass_id)
    is_own = glass.user_id == actor.user_id
    may_review = not is_own and selectors.reaches(actor, patient_id, _REVIEWS)
    chosen = (values or {}).get("verdict", "")
    page = OnePage(
        glass=glass,
        opened=selectors.opened_meanwhile(actor, patient_id, glass_id) if may_review else None,
        is_own=is_own,
        may_review=may_review,
        is_late=_is_late(glass),
        verdicts=tuple(Choice(code, words, code == chosen) for code, words in VERDICTS.items()),
        values=values or {},
        errors=errors or {},
    )
    context = {
        "page": page,
        "page_task_kind": "access_review",
        "page_patient_id": str(patient_id),
        "page_live_topics": BREAK_GLASS_TOPIC,
        "messages": _said(request, errors),
    }
    return render(request, "patients/break_glass_one.html", context, status=422 if errors else 200)


def _overview(
    request: HttpRequest,
    actor: Actor,
    *,
    found: tuple[Sought, ...] | None = None,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    may_break, may_review = allows(actor, _BREAKS), allows(actor, _REVIEWS)
    chosen, hours = (values or {}).get("reason_code", ""), selectors.break_glass_hours()
    page = Overview(
        may_break=may_break,
        may_review=may_review,
        may_manage=allows(actor, "practice.manage"),
        own=tuple(OwnRow(each, url_of(actor, each.patient_id)) for each in selectors.own_open_glass(actor))
        if may_break
        else (),
        hours=hours,
        hours_typed=(values or {}).get("hours") or str(hours),
        fewest_hours=FEWEST_HOURS,
        most_hours=MOST_HOURS,
        found=None if found is None else tuple(_found(actor, each) for each in found),
        reasons=tuple(Choice(code, words, code == chosen) for code, words in REASONS.items()),
        request_key=uuid7(),
        values=values or {},
        errors=errors or {},
    )
    if may_review:
        page = _with_list(request, actor, page)
    context = {
        "page": page,
        "page_task_kind": "break_glass",
        "page_live_topics": BREAK_GLASS_TOPIC,
        "messages": _said(request, errors),
    }
    fragment = "#list" if request.headers.get("HX-Target") == "glass-list" and may_review else ""
    response = render(
        request,
        f"patients/break_glass.html{fragment}",
        context,
        status=422 if errors and status == 200 else status,
    )
    response["Vary"] = "HX-Request, HX-Target"
    return response


def _with_list(request: HttpRequest, actor: Actor, page: Overview) -> Overview:
    asked = {name: request.GET.get(name, "") for name in ("state", "person", "patient", "before")}
    state = asked["state"] if asked["state"] in _STATES else ""
    wanted = GlassFilter(
        state=state,  # type: ignore[arg-type]
        user_id=uuid_of(asked["person"]) if asked["person"] else None,
        patient_id=uuid_of(asked["patient"]) if asked["patient"] else None,
    )
    rows, more = selectors.glass_list(actor, wanted, before=_place(asked["before"]), limit=PAGE)
    reviewers = selectors.reviewers_of(actor, [each for each in rows if each.review is None])
    kept = {"person": asked["person"], "patient": asked["patient"]}
    return replace(
        page,
        rows=tuple(
            GlassRow(each, _is_late(each), each.id in reviewers and not reviewers[each.id]) for each in rows
        ),
        filters=tuple(
            Filter(_url(state=code, **kept), words, code == state) for code, words in _STATES.items()
        ),
        people=tuple(
            Choice(str(user_id), name, str(user_id) == asked["person"])
            for user_id, name in everybody_who_acts(actor)
        ),
        state=state,
        here_url=request.get_full_path() if request.method == "GET" else _url(),
        first_url=_url(state=state, **kept) if asked["before"] else "",
        older_url=_url(state=state, before=cursors.write(rows[-1].opened_at, rows[-1].id), **kept)
        if more
        else "",
    )


def _is_late(glass: Glass) -> bool:
    return glass.review is None and clock.now() > glass.due_at


def _found(actor: Actor, found: Sought) -> FoundRow:
    name = f"{found.family}, {found.given}" if found.given else found.family
    return FoundRow(found, name, url_of(actor, found.patient_id) if found.is_reached else "")


def _url(**asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    url = reverse("patients:break_glass")
    return f"{url}?{query}" if query else url


def _place(cursor: str) -> tuple[datetime, UUID] | None:
    found = cursors.read_instant(cursor)
    if found is None:
        return None
    at, glass_id = found
    if at is None:
        raise Invalid("That place in the list does not exist.")
    return at, glass_id


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="birth_date") from error


def _said(request: HttpRequest, errors: Mapping[str, str] | None) -> list[str]:
    words = _DONE.get(request.GET.get("done", ""), "")
    return [words] if words and not errors else []
