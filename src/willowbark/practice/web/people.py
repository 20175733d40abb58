"""Who works here, and somebody new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from willowbark.foundation.authorisation import Actor, Reach, allows, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.presentation.initials import initials_of
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid, RequestKeyReused
from willowbark.practice import selectors
from willowbark.practice.core import reach as reaches
from willowbark.practice.core.week import DAYS, hours_a_week, week_lines
from willowbark.practice.roles import shipped_roles
from willowbark.practice.selectors import Colleague, Held, WorkedSpan
from willowbark.practice.services import NewColleague, hire

TASK = "practice_people"


@dataclass(frozen=True, slots=True)
class RoleShown:
    """A role that somebody holds."""

    assignment_id: UUID
    name: str
    where_text: str
    summary_text: str


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day of the little picture of a week."""

    letter: str
    is_worked: bool


@dataclass(frozen=True, slots=True)
class WeekShown:
    """Somebody's ordinary week at one site."""

    site_name: str
    days: tuple[DayShown, ...]
    hours: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Somebody who works here."""

    id: UUID
    url: str
    name: str
    initials: str
    title: str
    email: str
    is_active: bool
    has_password: bool
    last_signed_in_at: datetime | None
    is_me: bool
    roles: tuple[RoleShown, ...]
    weeks: tuple[WeekShown, ...]


@dataclass(frozen=True, slots=True)
class PracticeTab:
    """One of the pages of the practice."""

    label: str
    url: str
    count: int | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody who works here; those who have left apart."""

    tabs: tuple[PracticeTab, ...]
    rows: tuple[PersonShown, ...]
    left: tuple[PersonShown, ...]
    may_manage: bool


@endpoint("practice.read")
def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody who works here, what they may do and when they work."""
    shown = [person_shown(each, actor) for each in selectors.colleagues(actor)]
    page = PeoplePage(
        tabs=tabs(actor, "people"),
        rows=tuple(each for each in shown if each.is_active),
        left=tuple(each for each in shown if not each.is_active),
        may_manage=allows(actor, "practice.manage"),
    )
    return render(request, "practice/people.html", {"page": page, "page_task_kind": TASK})


def tabs(actor: Actor, current: str) -> tuple[PracticeTab, ...]:
    """The pages of the practice, and how much is on each."""
    counts: dict[str, int | None] = {
        "people": len(selectors.staff(actor)),
        "sites": len(selectors.sites(actor)),
    }
    if allows(actor, "practice.manage"):
        counts["signing_in"] = None
    return tuple(
        PracticeTab(key.replace("_", " ").capitalize(), reverse(f"practice:{key}"), count, key == current)
        for key, count in counts.items()
    )


def person_shown(one: Colleague, actor: Actor) -> PersonShown:
    """Somebody who works here, as the pages show them."""
    return PersonShown(
        id=one.staff_id,
        url=reverse("practice:person", kwargs={"staff_id": one.staff_id}),
        name=one.name,
        initials=initials_of(one.name),
        title=one.title,
        email=one.email,
        is_active=one.is_active,
        has_password=one.has_password,
        last_signed_in_at=one.last_signed_in_at,
        is_me=one.staff_id == actor.staff_id,
        roles=tuple(role_shown(each) for each in one.roles),
        weeks=tuple(
            _week(site_name, tuple(spans))
            for site_name, spans in groupby(one.week, key=lambda span: span.site_name)
        ),
    )


def role_shown(held: Held) -> RoleShown:
    """A role in words."""
    return RoleShown(
        held.assignment_id,
        held.role_name,
        reaches.reach_text(held.reach, held.site_name),
        shipped_roles()[held.role_code].get("summary", ""),
    )


def _week(site_name: str, spans: tuple[WorkedSpan, ...]) -> WeekShown:
    week = [(span.weekday, span.starts, span.ends) for span in spans]
    worked = {span.weekday for span in spans}
    return WeekShown(
        site_name,
        tuple(DayShown(name[0], day in worked) for day, name in enumerate(DAYS)),
        round(hours_a_week(week), 1),
        tuple(week_lines(week)),
    )


@dataclass(frozen=True, slots=True)
class NewPersonForm:
    """The form for somebody new."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    roles: tuple[Choice, ...]
    wheres: tuple[Choice, ...]
    summaries: tuple[tuple[str, str], ...]
    request_key: str = field(default_factory=lambda: str(uuid7()))


_FIELDS = ("name", "title", "email", "role", "where", "password", "request_key")


@endpoint("practice.manage", methods=("GET", "POST"), confirmed=True)
def new_person(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Add somebody who works here, with their first role."""
    require(actor, "practice.manage")
    if request.method != "POST":
        return _form(request, actor, {}, {})
    values = {name: request.POST.get(name, "") for name in _FIELDS}
    try:
        staff = hire(actor=actor, new=_new(values), request_key=uuid_of(values["request_key"]))
    except Invalid as error:
        field = {"reach": "where", "site_id": "where"}.get(error.field, error.field)
        return _form(request, actor, values, {field or "form": str(error)}, status=422)
    except RequestKeyReused as error:
        return _form(request, actor, values | {"request_key": ""}, {"form": str(error)}, status=422)
    except Conflict as error:
        return _form(request, actor, values, {"email": str(error)}, status=422)
    return redirect("practice:person", staff_id=staff.pk)


def _new(values: Mapping[str, str]) -> NewColleague:
    if not values["role"]:
        raise Invalid("Choose a role.", field="role")
    where = reaches.read(values["where"])
    return NewColleague(
        name=values["name"],
        email=values["email"],
        title=values["title"],
        password=values["password"],
        role=values["role"],
        reach=Reach(where.reach),
        site_id=where.site_id,
    )


def _form(
    request: HttpRequest,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    page = NewPersonForm(
        values=values,
        errors=errors,
        roles=role_choices(values.get("role", "")),
        wheres=where_choices(actor, values.get("where", "")),
        summaries=role_summaries(),
        request_key=values.get("request_key") or str(uuid7()),
    )
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "practice/person_new.html", context, status=status)


def role_choices(chosen: str) -> tuple[Choice, ...]:
    """The roles that can be given."""
    given = ((code, role["name"]) for code, role in shipped_roles().items() if code != "system")
    return tuple(Choice(code, name, code == chosen) for code, name in given)


def role_summaries() -> tuple[tuple[str, str], ...]:
    """Each role that can be given, and what it lets one do."""
    roles = shipped_roles().items()
    return tuple((role["name"], role["summary"]) for code, role in roles if code != "system")


def where_choices(actor: Actor, chosen: str) -> tuple[Choice, ...]:
    """For whom a role can be given."""
    offered = reaches.choices((site.pk, site.name) for site in selectors.sites(actor))
    return tuple(Choice(value, label, value == chosen) for value, label in offered)
