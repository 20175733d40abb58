"""Who cares for a patient, and what the patient agreed to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from willowbark.foundation import clock
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid, NotFound
from willowbark.patients import selectors
from willowbark.patients.selectors import Carer, ConsentRow
from willowbark.patients.services.care import begin_care, end_care, make_primary, resume_care
from willowbark.patients.services.consent import SCOPES, give_consent, withdraw_consent
from willowbark.practice.selectors import Caregiver, caregivers

_SCOPES = {
    "treatment": ("Treatment", "I agree to be treated here, as it was explained to me."),
    "data_processing": ("Health data", "I agree that my health data is kept and used for my treatment."),
    "messaging": ("Messages", "I agree to get messages about my care by e-mail and telephone."),
    "research": ("Research", "I agree that my data may be used for research, without my name."),
}
_DONE = {
    "added": "The care team has somebody more.",
    "primary": "The primary practitioner is another.",
    "ended": "Their care has ended.",
    "consent": "The consent is written down.",
    "withdrawn": "The withdrawal is written down.",
}


@dataclass(frozen=True, slots=True)
class CarerShown:
    """Somebody of the care team."""

    staff_id: UUID
    name: str
    initials: str
    title: str
    works_here: bool
    is_primary: bool
    may_be_primary: bool
    is_me: bool
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that a patient may agree to; `in_force` is None where they do not."""

    code: str
    name: str
    in_force: ConsentRow | None
    past: tuple[ConsentRow, ...]
    wording: str
    given_on: str
    error: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """The page of a patient's care team."""

    patient_id: UUID
    name: str
    initials: str
    birth_date: date | None
    birth_date_precision: str
    is_deceased: bool
    deceased_at: datetime | None
    sex: str
    site_name: str
    linked_to_url: str
    now: tuple[CarerShown, ...]
    past: tuple[CarerShown, ...]
    offered: tuple[Choice, ...]
    scopes: tuple[Scope, ...]
    values: Mapping[str, str]
    errors: Mapping[str, str]


@endpoint("patients.write")
def team(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Who cares for a patient, and what the patient agreed to."""
    return _page(request, actor, patient_id)


@endpoint("patients.write", methods=("POST",))
def add_carer(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Put somebody into the care team."""
    values = {name: request.POST.get(name, "") for name in ("staff", "kind")}
    try:
        if not values["staff"]:
            raise Invalid("Choose who it is.", field="staff")
        begin_care(
            actor=actor,
            patient_id=patient_id,
            staff_id=uuid_of(values["staff"]),
            kind=values["kind"] or "team",
        )
    except Invalid as error:
        return _page(request, actor, patient_id, values=values, errors={error.field: str(error)})
    return _next(request, actor, patient_id, "added")


@endpoint("patients.write", methods=("POST",))
def put_first(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Make somebody of the care team the primary practitioner."""
    try:
        make_primary(actor=actor, patient_id=patient_id, staff_id=uuid_of(request.POST.get("staff", "")))
    except Invalid as error:
        return _page(request, actor, patient_id, errors={"team": str(error)})
    return _next(request, actor, patient_id, "primary")


@endpoint("patients.write", methods=("POST",))
def end(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Take somebody out of the care team; within an hour that can be taken back."""
    staff_id = uuid_of(request.POST.get("staff", ""))
    selectors.require_reach(actor, patient_id, "patients.write")
    try:
        ended = end_care(actor=actor, patient_id=patient_id, staff_id=staff_id)
    except NotFound:
        # Somebody else was faster: the page shows it.
        ended = []
    undo = reverse("patients:resume", kwargs={"patient_id": patient_id})
    query = urlencode({"care": [str(each) for each in ended]}, doseq=True)
    return _next(request, actor, patient_id, "ended", undo_url=f"{undo}?{query}" if ended else "")


@endpoint("patients.write", methods=("POST",))
def resume(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Take back that somebody's care ended."""
    care_ids = [uuid_of(each) for each in request.GET.getlist("care")]
    resume_care(actor=actor, patient_id=patient_id, care_ids=care_ids)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@endpoint("patients.write", methods=("POST",))
def give(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Write down that the patient agreed to something."""
    scope = request.POST.get("scope", "")
    values = {name: request.POST.get(name, "") for name in ("scope", "wording", "given_on")}
    try:
        give_consent(
            actor=actor,
            patient_id=patient_id,
            scope=scope,
            wording=values["wording"].strip(),
            given_at=_given_at(values["given_on"]),
        )
    except (Invalid, Conflict) as error:
        return _page(request, actor, patient_id, values=values, errors={"consent": str(error)})
    return _next(request, actor, patient_id, "consent")


@endpoint("patients.write", methods=("POST",))
def withdraw(request: HttpRequest, actor: Actor, patient_id: UUID) -> HttpResponse:
    """Write down that the patient withdrew what they had agreed to."""
    withdraw_consent(actor=actor, patient_id=patient_id, scope=request.POST.get("scope", ""))
    return _next(request, actor, patient_id, "withdrawn")


def _given_at(text: str) -> datetime | None:
    """The instant of a consent: noon of an earlier day, now on this one."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not a day.", field="given_on") from error
    zone = timezone.get_current_timezone()
    if day == clock.now().astimezone(zone).date():
        return None
    return datetime.combine(day, time(12), zone)


def _next(
    request: HttpRequest, actor: Actor, patient_id: UUID, done: str, *, undo_url: str = ""
) -> HttpResponse:
    """The page again; or the list of patients, where the change took the patient out of one's reach."""
    is_fragment = bool(request.headers.get("HX-Request"))
    if not selectors.reaches(actor, patient_id, "patients.write"):
        away = reverse("patients:list")
        return HttpResponse(status=204, headers={"HX-Redirect": away}) if is_fragment else redirect(away)
    if not is_fragment:
        url = reverse("patients:team", kwargs={"patient_id": patient_id})
        return redirect(f"{url}?{urlencode({'done': done})}")
    response = _page(request, actor, patient_id, fragment="#team")
    said = {"text": _DONE[done], "undo_url": undo_url}
    response["HX-Trigger"] = json.dumps({"willow:toast": said})
    return response


def _page(
    request: HttpRequest,
    actor: Actor,
    patient_id: UUID,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    fragment: str = "",
) -> HttpResponse:
    record = selectors.open_record(actor, patient_id, "patients.write", action="patients.team_read")
    patient, care = record.patient, selectors.care_of(actor, record)
    people = {each.staff_id: each for each in caregivers(actor)}
    name = f"{patient.given} {patient.family}".strip()
    caring = {each.staff_id for each in care.now}
    page = TeamPage(
        patient_id=patient_id,
        name=name,
        initials=initials_of(name),
        birth_date=patient.birth_date,
        birth_date_precision=patient.birth_date_precision,
        is_deceased=patient.is_deceased,
        deceased_at=patient.deceased_at,
        sex=patient.sex,
        site_name=patient.home_site.name,
        linked_to_url=_linked_url(actor, patient.linked_to),
        now=tuple(_shown(each, people, actor) for each in care.now),
        past=tuple(_shown(each, people, actor) for each in care.past),
        offered=tuple(
            Choice(
                str(each.staff_id),
                f"{each.name}, {each.title}" if each.title else each.name,
                str(each.staff_id) == (values or {}).get("staff"),
            )
            for each in people.values()
            if each.staff_id not in caring
        ),
        scopes=_scopes(selectors.consents_of(actor, record), values or {}, errors or {}),
        values=values or {},
        errors=errors or {},
    )
    done = _DONE.get(request.GET.get("done", ""), "")
    context = {
        "page": page,
        "page_task_kind": "care_team",
        "page_patient_id": str(patient_id),
        "messages": [done] if done and not errors else [],
    }
    return render(request, f"patients/team.html{fragment}", context, status=422 if errors else 200)


def _linked_url(actor: Actor, linked_to: UUID | None) -> str:
    if linked_to is None or not selectors.reaches(actor, linked_to, "patients.write"):
        return ""
    return reverse("patients:team", kwargs={"patient_id": linked_to})


def _shown(carer: Carer, people: Mapping[UUID, Caregiver], actor: Actor) -> CarerShown:
    known = people.get(carer.staff_id)
    return CarerShown(
        staff_id=carer.staff_id,
        name=carer.name,
        initials=initials_of(carer.name),
        title=carer.title,
        works_here=carer.works_here,
        is_primary=carer.kind == "primary",
        may_be_primary=known is not None and known.may_be_primary,
        is_me=carer.staff_id == actor.staff_id,
        started_at=carer.started_at,
        ended_at=carer.ended_at,
    )


def _scopes(
    consents: list[ConsentRow], values: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[Scope, ...]:
    today = clock.now().astimezone(timezone.get_current_timezone()).date().isoformat()
    usual = {code: {"wording": words, "given_on": today} for code, (_, words) in _SCOPES.items()}
    typed = {values.get("scope", ""): values}
    return tuple(
        Scope(
            code=code,
            name=_SCOPES[code][0],
            in_force=next((each for each in consents if each.scope == code and not each.withdrawn_at), None),
            past=tuple(each for each in consents if each.scope == code and each.withdrawn_at),
            wording=typed.get(code, usual[code]).get("wording", ""),
            given_on=typed.get(code, usual[code]).get("given_on", ""),
            error=errors.get("consent", "") if code in typed else "",
        )
        for code in SCOPES
    )
