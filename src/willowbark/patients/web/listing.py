"""Find patients."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.patients import selectors
from willowbark.patients.web.rows import PatientRow, row_of, site_choices

PAGE = 50
OPTIONS = 8


@dataclass(frozen=True, slots=True)
class PatientList:
    """The list of patients."""

    query: str
    rows: tuple[PatientRow, ...]
    older_url: str
    sites: tuple[Choice, ...]
    may_create: bool
    newer_url: str = ""


@endpoint("patients.read")
def patient_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every patient within reach by name, or those searched for."""
    query, site = request.GET.get("q", "")[:200], request.GET.get("site", "")
    found = selectors.search(
        actor,
        query,
        site_id=uuid_of(site) if site else None,
        after=cursors.read_text(request.GET.get("after", "")),
        limit=PAGE,
    )
    older = ""
    if found.more:
        last = found.rows[-1]
        place = cursors.write(last.name_key, last.patient_id)
        older = f"?{urlencode({'q': query, 'site': site, 'after': place})}"
    may_write = allows(actor, "patients.write")
    carers = selectors.primary_of(actor, [row.patient_id for row in found.rows]) if may_write else {}
    page = PatientList(
        query=query,
        rows=tuple(
            row_of(actor, each, carers.get(each.patient_id, "") if may_write else None) for each in found.rows
        ),
        older_url=older,
        newer_url=f"?{urlencode({'q': query, 'site': site})}" if request.GET.get("after") else "",
        sites=site_choices(actor, site),
        may_create=may_write,
    )
    fragment = "#results" if request.headers.get("HX-Target") == "patient-results" else ""
    response = render(
        request, f"patients/list.html{fragment}", {"page": page, "page_task_kind": "patient_search"}
    )
    response["Vary"] = "HX-Request, HX-Target"
    return response


@endpoint("patients.read")
def search_options(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The few patients that the search box of every page offers while somebody types."""
    query = request.GET.get("q", "")[:200]
    require(actor, "patients.read")
    found = selectors.search(actor, query, limit=OPTIONS) if query.strip() else None
    return render(
        request,
        "patients/search_options.html",
        {
            "options": tuple(row_of(actor, each) for each in found.rows) if found else (),
            "query": query,
            "more_url": f"{reverse('patients:list')}?{urlencode({'q': query})}"
            if found and found.more
            else "",
        },
    )
