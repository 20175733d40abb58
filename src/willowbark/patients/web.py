"""Pages of patients: find one, register one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Invalid
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients import selectors
from willowbark.patients.core.identifiers import Identifier, identifier
from willowbark.patients.selectors import Found
from willowbark.patients.services.registration import NewPatient, register_patient
from willowbark.practice.selectors import sites

PAGE = 50
OPTIONS = 8
_BEST_FIRST = ("MR", "SS", "")


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of a list."""

    id: UUID
    chart_url: str
    name: str
    birth_date: date | None
    birth_date_precision: str
    deceased_at: datetime | None
    sex: str
    identifiers: tuple[Identifier, ...]
    site_name: str
    last_visit_at: datetime | None = None
    linked_to_name: str = ""


@dataclass(frozen=True, slots=True)
class PatientList:
    """The list of patients."""

    query: str
    rows: tuple[PatientRow, ...]
    older_url: str
    sites: tuple[Choice, ...]
    may_create: bool
    newer_url: str = ""
    total: int | None = None
    is_total_exact: bool = False


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
    page = PatientList(
        query=query,
        rows=tuple(_row(each) for each in found.rows),
        older_url=older,
        newer_url=f"?{urlencode({'q': query, 'site': site})}" if request.GET.get("after") else "",
        sites=_site_choices(actor, site),
        may_create=allows(actor, "patients.write"),
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
            "options": tuple(_row(each) for each in found.rows) if found else (),
            "query": query,
            "more_url": f"{reverse('patients:list')}?{urlencode({'q': query})}"
            if found and found.more
            else "",
        },
    )


@dataclass(frozen=True, slots=True)
class PatientForm:
    """The form for someone new."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    sites: tuple[Choice, ...]
    request_key: str
    candidates: tuple[PatientRow, ...] = field(default_factory=tuple)


_FIELDS = ("family", "given", "birth_date", "sex", "phone", "email", "home_site", "request_key")


@endpoint("patients.write", methods=("GET", "POST"))
def new_patient(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Register someone; people who may be the same are shown first."""
    require(actor, "patients.write")
    if request.method != "POST":
        return _form(request, actor, {"sex": "unknown", "request_key": str(uuid7())}, {})
    values = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    try:
        new = _new_patient(values)
        if request.POST.get("confirm_new") != "1" and (similar := _similar(actor, new)):
            return _form(request, actor, values, {}, similar, status=409)
        patient = register_patient(actor=actor, new=new, request_key=uuid_of(values["request_key"]))
    except Invalid as error:
        return _form(request, actor, values, {error.field or "form": str(error)}, status=422)
    if allows(actor, "record.read"):
        return redirect("record:chart", patient_id=patient.pk)
    return redirect(f"{reverse('patients:list')}?{urlencode({'q': patient.family})}")


def _new_patient(values: Mapping[str, str]) -> NewPatient:
    born = values["birth_date"]
    try:
        birth_date = parse_partial_date(born) if born else None
    except Invalid as error:
        raise Invalid(str(error), field="birth_date") from error
    if not values["home_site"]:
        raise Invalid("Choose the site.", field="home_site")
    return NewPatient(
        family=values["family"],
        given=values["given"],
        sex=values["sex"] or "unknown",
        home_site_id=uuid_of(values["home_site"]),
        birth_date=birth_date,
        phone=values["phone"],
        email=values["email"],
    )


def _similar(actor: Actor, new: NewPatient) -> tuple[PatientRow, ...]:
    if not allows(actor, "patients.read"):
        return ()
    words = f"{new.family} {new.birth_date}" if new.birth_date else f"{new.family} {new.given}"
    return tuple(_row(each) for each in selectors.search(actor, words, limit=5).rows)


def _form(
    request: HttpRequest,
    actor: Actor,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    candidates: tuple[PatientRow, ...] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    page = PatientForm(
        values=values,
        errors=errors,
        sites=_site_choices(actor, values.get("home_site", "")),
        request_key=values.get("request_key") or str(uuid7()),
        candidates=candidates,
    )
    context = {"page": page, "page_task_kind": "patient_registration"}
    return render(request, "patients/new.html", context, status=status)


def _site_choices(actor: Actor, chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(site.pk), site.name, str(site.pk) == chosen) for site in sites(actor))


def _row(found: Found) -> PatientRow:
    ranked = sorted(
        found.identifiers,
        key=lambda each: _BEST_FIRST.index(each[0]) if each[0] in _BEST_FIRST else len(_BEST_FIRST),
    )
    return PatientRow(
        id=found.patient_id,
        chart_url=reverse("record:chart", kwargs={"patient_id": found.patient_id}),
        name=f"{found.family}, {found.given}" if found.given else found.family,
        birth_date=found.birth_date,
        birth_date_precision=found.birth_date_precision,
        deceased_at=found.deceased_at,
        sex=found.sex,
        identifiers=tuple(identifier(*each) for each in ranked[:2]),
        site_name=found.site_name,
    )
