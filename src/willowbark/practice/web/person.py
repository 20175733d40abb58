"""One person who works here: their roles, their week, their account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation.authorisation import Actor, Reach, allows
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.practice import selectors
from willowbark.practice.core import reach as reaches
from willowbark.practice.core.week import DayFields, read_week, spans_typed, typed_fields, week_fields
from willowbark.practice.selectors import Colleague
from willowbark.practice.services import (
    assign_role,
    change_details,
    reset_factors,
    set_active,
    set_password,
    set_working_hours,
    take_role_away,
)
from willowbark.practice.web.people import (
    TASK,
    PersonShown,
    person_shown,
    role_choices,
    where_choices,
)

_DONE = {
    "details": "Saved.",
    "role": "The role is given, from now on.",
    "role_taken": "The role is taken away, from now on.",
    "hours": "The working hours are saved.",
    "factors": "Their second factor is gone, and wherever they were signed in, that has ended.",
    "password": "The new password is set. Wherever they were signed in, that has ended.",
}


@dataclass(frozen=True, slots=True)
class SiteTab:
    """A site whose week can be shown."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The page of one person."""

    person: PersonShown
    may_manage: bool
    may_reset: bool
    values: Mapping[str, str]
    errors: Mapping[str, str]
    roles: tuple[Choice, ...]
    wheres: tuple[Choice, ...]
    sites: tuple[SiteTab, ...]
    site_id: UUID | None
    site_name: str
    days: tuple[DayFields, ...]


@endpoint("practice.read")
def person(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """What somebody may do, when they work; and for whoever manages the practice, all that changes it."""
    return _page(request, actor, staff_id)


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def details(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Correct somebody's name, title or e-mail address."""
    values = {name: request.POST.get(name, "") for name in ("name", "title", "email")}
    try:
        change_details(actor=actor, staff_id=staff_id, **values)
    except Invalid as error:
        return _page(request, actor, staff_id, values=values, errors={error.field: str(error)})
    except Conflict as error:
        return _page(request, actor, staff_id, values=values, errors={"email": str(error)})
    return _back(staff_id, "details")


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def give_role(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Give somebody a role; taking one away is undone by giving it again."""
    is_undo = "where" in request.GET
    asked = request.GET if is_undo else request.POST
    values = {name: asked.get(name, "") for name in ("role", "where")}
    try:
        where = reaches.read(values["where"])
        assign_role(
            actor=actor,
            staff_id=staff_id,
            role=values["role"],
            reach=Reach(where.reach),
            site_id=where.site_id,
        )
    except Invalid as error:
        field = "role" if error.field == "role" else "where"
        return _page(request, actor, staff_id, values=values, errors={field: str(error)})
    if is_undo:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return _back(staff_id, "role")


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def take_role(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Take a role away from somebody, from their next click on."""
    assignment_id = uuid_of(request.POST.get("assignment", ""))
    fragment = "#roles" if request.headers.get("HX-Request") else ""
    whose, held = selectors.held_role(actor, assignment_id)
    try:
        take_role_away(actor=actor, assignment_id=assignment_id)
    except Conflict as error:
        return _page(request, actor, staff_id, errors={"roles": str(error)}, fragment=fragment)
    if whose == actor.staff_id:
        return _leave(request)
    if not fragment:
        return _back(staff_id, "role_taken")
    query = urlencode({"role": held.role_code, "where": reaches.written(held.reach, held.site_id)})
    undo = f"{reverse('practice:give_role', kwargs={'staff_id': whose})}?{query}"
    response = _page(request, actor, staff_id, fragment=fragment)
    return _with_toast(response, f"{held.role_name}: taken away.", undo)


@endpoint("practice.manage", methods=("POST",))
def hours(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Set somebody's ordinary week at a site."""
    site_id = uuid_of(request.POST.get("site", ""))
    try:
        week = read_week(request.POST)
        set_working_hours(actor=actor, staff_id=staff_id, site_id=site_id, hours=week)
    except Invalid as error:
        return _page(request, actor, staff_id, errors={error.field: str(error)}, typed=request.POST)
    return _back(staff_id, "hours", site=str(site_id))


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def password(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Give somebody a new password, since they have forgotten theirs."""
    try:
        set_password(actor=actor, staff_id=staff_id, password=request.POST.get("password", ""))
    except Invalid as error:
        return _page(request, actor, staff_id, errors={"password": str(error)})
    return _leave(request) if staff_id == actor.staff_id else _back(staff_id, "password")


@endpoint("practice.reset_factors", methods=("POST",), confirmed=True)
def reset_second_factor(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Let somebody in by their password alone, since they have lost their second factor."""
    reset_factors(actor=actor, staff_id=staff_id)
    return _leave(request) if staff_id == actor.staff_id else _back(staff_id, "factors")


@endpoint("practice.manage", methods=("POST",), confirmed=True)
def active(request: HttpRequest, actor: Actor, staff_id: UUID) -> HttpResponse:
    """Let somebody in no more, or in again."""
    try:
        now = set_active(actor=actor, staff_id=staff_id, is_active=request.POST.get("active") == "1")
    except Conflict as error:
        return _page(request, actor, staff_id, errors={"active": str(error)})
    if staff_id == actor.staff_id and not now.is_active:
        return _leave(request)
    return redirect("practice:person", staff_id=staff_id)


def _back(staff_id: UUID, done: str, **more: str) -> HttpResponse:
    url = reverse("practice:person", kwargs={"staff_id": staff_id})
    return redirect(f"{url}?{urlencode({'done': done, **more})}")


def _leave(request: HttpRequest) -> HttpResponse:
    """Home: who changed their own rights may no longer be allowed to see this page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("practice:day")})
    return redirect("practice:day")


def _with_toast(response: HttpResponse, text: str, undo_url: str) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({"willow:toast": {"text": text, "undo_url": undo_url}})
    return response


def _page(
    request: HttpRequest,
    actor: Actor,
    staff_id: UUID,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    fragment: str = "",
) -> HttpResponse:
    one = selectors.colleague(actor, staff_id)
    site_id, tabs = _sites(actor, one, (typed or request.GET).get("site", ""))
    page = PersonPage(
        person=person_shown(one, actor),
        may_manage=allows(actor, "practice.manage"),
        may_reset=allows(actor, "practice.reset_factors") and selectors.has_second_factor(one.user_id),
        values={"name": one.name, "title": one.title, "email": one.email, **(values or {})},
        errors=errors or {},
        roles=role_choices((values or {}).get("role", "")),
        wheres=where_choices(actor, (values or {}).get("where", "")),
        sites=tabs,
        site_id=site_id,
        site_name=next((tab.label for tab in tabs if tab.is_current), ""),
        days=_days(one, site_id, typed, errors or {}),
    )
    done = _DONE.get(request.GET.get("done", ""), "")
    context = {"page": page, "page_task_kind": TASK, "messages": [done] if done and not errors else []}
    return render(request, f"practice/person.html{fragment}", context, status=422 if errors else 200)


def _sites(actor: Actor, one: Colleague, asked: str) -> tuple[UUID | None, tuple[SiteTab, ...]]:
    """The site whose week is shown: the one asked for, else one where the person works or has a role."""
    sites = selectors.sites(actor)
    there = [site.pk for site in sites]
    likely = [
        *(site_id for site_id in there if str(site_id) == asked),
        *(span.site_id for span in one.week),
        *(held.site_id for held in one.roles if held.site_id),
        *there,
    ]
    chosen = likely[0] if likely else None
    url = reverse("practice:person", kwargs={"staff_id": one.staff_id})
    return chosen, tuple(
        SiteTab(site.name, f"{url}?site={site.pk}#hours", site.pk == chosen) for site in sites
    )


def _days(
    one: Colleague, site_id: UUID | None, typed: Mapping[str, str] | None, errors: Mapping[str, str]
) -> tuple[DayFields, ...]:
    """The form of the week: as typed if that was refused, else as it is."""
    if typed is None:
        spans = (span for span in one.week if span.site_id == site_id)
        return week_fields([(span.weekday, span.starts, span.ends) for span in spans])
    days = typed_fields(typed, spans=spans_typed(typed))
    return tuple(replace(day, error=errors.get(f"hours_{day.weekday}", "")) for day in days)
