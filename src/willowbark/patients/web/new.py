"""Register somebody new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from willowbark.foundation.authorisation import Actor, Reach, allows, require
from willowbark.foundation.ids import uuid7
from willowbark.foundation.presentation.choices import Choice
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Invalid
from willowbark.kernel.partial_date import Precision, parse_partial_date
from willowbark.patients import selectors
from willowbark.patients.services.registration import NewPatient, register_patient
from willowbark.patients.web.rows import PatientRow, row_of, site_choices, url_of
from willowbark.practice.selectors import caregivers


@dataclass(frozen=True, slots=True)
class PatientForm:
    """The form for someone new. Nobody is offered as `carers` where who registers is the one who cares."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    sites: tuple[Choice, ...]
    carers: tuple[Choice, ...]
    request_key: str
    candidates: tuple[PatientRow, ...] = field(default_factory=tuple)


_FIELDS = (
    "family",
    "given",
    "birth_date",
    "sex",
    "phone",
    "email",
    "home_site",
    "primary",
    "request_key",
)


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
        field_name = {"kind": "primary"}.get(error.field, error.field)
        return _form(request, actor, values, {field_name or "form": str(error)}, status=422)
    return redirect(url_of(actor, patient.pk))


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
        primary_id=uuid_of(values["primary"]) if values["primary"] else None,
    )


def _similar(actor: Actor, new: NewPatient) -> tuple[PatientRow, ...]:
    if not allows(actor, "patients.read"):
        return ()
    # A year or a month alone is not searched by as a date: then the names have to do.
    exact = new.birth_date is not None and new.birth_date.precision is Precision.DAY
    words = f"{new.family} {new.birth_date if exact else new.given}"
    return tuple(row_of(actor, each) for each in selectors.search(actor, words, limit=5).rows)


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
        sites=_own_sites(actor, values.get("home_site", "")),
        carers=_carers(actor, values.get("primary", "")),
        request_key=values.get("request_key") or str(uuid7()),
        candidates=candidates,
    )
    context = {"page": page, "page_task_kind": "patient_registration"}
    return render(request, "patients/new.html", context, status=status)


def _own_sites(actor: Actor, chosen: str) -> tuple[Choice, ...]:
    """The sites at which this person registers patients."""
    grants = tuple(actor.grants_of("patients.write"))
    everywhere = any(grant.reach is Reach.ORGANISATION for grant in grants)
    own = {str(grant.site_id) for grant in grants}
    return tuple(each for each in site_choices(actor, chosen) if everywhere or each.value in own)


def _carers(actor: Actor, chosen: str) -> tuple[Choice, ...]:
    """Who may be named as the primary practitioner, by those who do not care for whom they register."""
    if all(grant.reach is Reach.CARE for grant in actor.grants_of("patients.write")):
        return ()
    return tuple(
        Choice(
            str(each.staff_id),
            f"{each.name}, {each.title}" if each.title else each.name,
            str(each.staff_id) == chosen,
        )
        for each in caregivers(actor)
        if each.may_be_primary
    )
