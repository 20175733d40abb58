"""The sites, and another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid, RequestKeyReused
from willowbark.practice import selectors
from willowbark.practice.services import add_site
from willowbark.practice.web.people import TASK, PracticeTab, tabs


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site."""

    id: UUID
    name: str
    address: str
    time_zone: str
    opened_at: datetime
    people_text: str


@dataclass(frozen=True, slots=True)
class SitesPage:
    """Every site."""

    tabs: tuple[PracticeTab, ...]
    rows: tuple[SiteRow, ...]
    may_manage: bool


@endpoint("practice.read")
def sites(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every site, and who works there in an ordinary week."""
    at_site: dict[UUID, list[str]] = {}
    for one in selectors.colleagues(actor):
        for site_id in dict.fromkeys(span.site_id for span in one.week if one.is_active):
            at_site.setdefault(site_id, []).append(one.name)
    page = SitesPage(
        tabs=tabs(actor, "sites"),
        rows=tuple(
            SiteRow(
                site.pk,
                site.name,
                site.address,
                site.time_zone,
                site.opened_at,
                "; ".join(at_site.get(site.pk, [])),
            )
            for site in selectors.sites(actor)
        ),
        may_manage=allows(actor, "practice.manage"),
    )
    return render(request, "practice/sites.html", {"page": page, "page_task_kind": TASK})


@dataclass(frozen=True, slots=True)
class NewSiteForm:
    """The form for another site."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    request_key: str = field(default_factory=lambda: str(uuid7()))


_FIELDS = ("name", "address", "time_zone", "request_key")


@endpoint("practice.manage", methods=("GET", "POST"))
def new_site(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open another site."""
    require(actor, "practice.manage")
    if request.method != "POST":
        practice = selectors.organisation()
        return _form(request, {"time_zone": practice.time_zone if practice else ""}, {})
    values = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    try:
        add_site(
            actor=actor,
            name=values["name"],
            address=values["address"],
            time_zone=values["time_zone"],
            request_key=uuid_of(values["request_key"]),
        )
    except Invalid as error:
        return _form(request, values, {error.field or "form": str(error)}, status=422)
    except RequestKeyReused as error:
        return _form(request, values | {"request_key": ""}, {"form": str(error)}, status=422)
    except Conflict as error:
        return _form(request, values, {"name": str(error)}, status=422)
    return redirect("practice:sites")


def _form(
    request: HttpRequest, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    page = NewSiteForm(values, errors, values.get("request_key") or str(uuid7()))
    context = {"page": page, "page_task_kind": TASK}
    return render(request, "practice/site_new.html", context, status=status)
