"""Every address with valid arguments, and the roles that may come, written out by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from willowbark.config.api import api
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import (
    PASSWORD,
    quick_passwords,
    staff_of,
)
from willowbark.record.testing import AT

from .world import CHART_READERS, CLINICIANS, EVERY_ROLE, OWNER, SIGNED_IN, World


@dataclass(frozen=True, slots=True)
class Call:
    """
    One address with one method and valid arguments.

    `allowed` are the roles that may come; `of_patient` says that the address is of one patient, whose
    id `path` is given. `body` makes the form's fields, or with `as_json` the call's body.
    """

    name: str
    method: str
    allowed: frozenset[str]
    path: Callable[[World, UUID], str]
    body: Callable[[World, UUID], dict[str, Any]] = field(default=lambda world, patient: {})
    of_patient: bool = False
    as_json: bool = False
    public: bool = False

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api-")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    def prepared(self, world: World, patient: UUID) -> Prepared:
        """The call about this patient; whatever it needs to be there is put there now."""
        return Prepared(self, self.path(world, patient), self.body(world, patient))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call with its address and its content."""

    call: Call
    path: str
    body: dict[str, Any]

    def by(self, client: Client) -> Any:
        with quick_passwords():
            if self.call.method == "GET":
                return client.get(self.path, self.body)
            if self.call.as_json:
                return client.post(self.path, json.dumps(self.body), content_type="application/json")
            return client.post(self.path, self.body)


def page(name: str, allowed: frozenset[str] | set[str], **options: Any) -> Call:
    """A page of no patient."""
    return Call(name, "GET", frozenset(allowed), lambda world, _: reverse(name), **options)


def chart(name: str, allowed: frozenset[str] | set[str], *more: str, **options: Any) -> Call:
    """A page of a patient's chart."""
    return Call(
        f"record:{name}",
        "GET",
        frozenset(allowed),
        lambda world, patient: reverse(f"record:{name}", args=[patient, *more]),
        of_patient=True,
        **options,
    )


def of_person(name: str, method: str, allowed: frozenset[str] | set[str], /, **said: Any) -> Call:
    """An address of one member of staff: the victim."""
    return Call(
        f"practice:{name}",
        method,
        frozenset(allowed),
        lambda world, _: reverse(f"practice:{name}", args=[staff_of(world.victim)]),
        lambda world, _: {key: value(world) if callable(value) else value for key, value in said.items()},
    )


def observation(world: World, patient: UUID) -> dict[str, Any]:
    return {
        "code": "2345-7",
        "text": "Glucose",
        "effective_at": AT.isoformat(),
        "value": 95,
        "request_key": str(uuid7()),
    }


def registration(world: World, patient: UUID) -> dict[str, Any]:
    return {
        "family": f"New{uuid7().hex}",
        "home_site": str(world.practice.north),
        "request_key": str(uuid7()),
        "confirm_new": "1",
    }


def of_team(name: str, method: str, said: Callable[[World, UUID], dict[str, str]], query: str = "") -> Call:
    """An address of a patient's care team or consents."""
    return Call(
        f"patients:{name}",
        method,
        CLINICIANS | {"front_desk"},
        lambda world, patient: (
            reverse(f"patients:{name}", args=[patient])
            + (f"?care={world.care_that_ended(patient)}" if query else "")
        ),
        said,
        of_patient=True,
    )


CALLS = (
    page("foundation:alive", SIGNED_IN, public=True),
    page("foundation:ready", SIGNED_IN, public=True),
    page("foundation:metrics", frozenset(), public=True),
    page("foundation:components", SIGNED_IN),
    page("foundation:live", SIGNED_IN),
    Call(
        "foundation:effort",
        "POST",
        EVERY_ROLE,
        lambda world, _: reverse("foundation:effort"),
        lambda world, _: {"visit_id": str(uuid7()), "task_kind": "chart_review", "active_seconds": 5},
        as_json=True,
    ),
    page("practice:day", EVERY_ROLE),
    page("practice:sign_in", SIGNED_IN, public=True),
    Call(
        "practice:sign_in",
        "POST",
        SIGNED_IN,
        lambda world, _: reverse("practice:sign_in"),
        lambda world, _: {"email": "olive.owner@practice.test", "password": PASSWORD},
        public=True,
    ),
    Call(
        "practice:demo_sign_in",
        "POST",
        frozenset(),
        lambda world, _: reverse("practice:demo_sign_in"),
        lambda world, _: {"person_id": str(world.practice.owner.user_id)},
        public=True,
    ),
    Call("practice:sign_out", "POST", SIGNED_IN, lambda world, _: reverse("practice:sign_out")),
    page("practice:account", SIGNED_IN),
    Call(
        "practice:own_password",
        "POST",
        SIGNED_IN,
        lambda world, _: reverse("practice:own_password"),
        lambda world, _: {"current": PASSWORD, "new": f"{PASSWORD} 2", "again": f"{PASSWORD} 2"},
    ),
    page("practice:people", EVERY_ROLE),
    page("practice:new_person", OWNER),
    Call(
        "practice:new_person",
        "POST",
        OWNER,
        lambda world, _: reverse("practice:new_person"),
        lambda world, _: {
            "name": "Newcomer",
            "email": f"{uuid7()}@practice.test",
            "password": PASSWORD,
            "role": "front_desk",
            "where": f"site:{world.practice.north}",
            "request_key": str(uuid7()),
        },
    ),
    of_person("person", "GET", EVERY_ROLE),
    of_person("details", "POST", OWNER, name="Vic Other", title="", email="vic.other@practice.test"),
    of_person(
        "give_role", "POST", OWNER, role="dispensary", where=lambda world: f"site:{world.practice.north}"
    ),
    of_person("take_role", "POST", OWNER, assignment=lambda world: str(world.assignment_of_victim())),
    of_person(
        "hours",
        "POST",
        OWNER,
        site=lambda world: str(world.practice.north),
        day0_0_from="09:00",
        day0_0_to="12:00",
    ),
    of_person("password", "POST", OWNER, password="another long password"),
    of_person("active", "POST", OWNER, active="0"),
    page("practice:sites", EVERY_ROLE),
    page("practice:new_site", OWNER),
    Call(
        "practice:new_site",
        "POST",
        OWNER,
        lambda world, _: reverse("practice:new_site"),
        lambda world, _: {
            "name": f"Site {uuid7()}",
            "address": "",
            "time_zone": "UTC",
            "request_key": str(uuid7()),
        },
    ),
    page("patients:list", EVERY_ROLE),
    Call(
        "patients:search",
        "GET",
        EVERY_ROLE,
        lambda world, _: reverse("patients:search"),
        lambda world, _: {"q": "annw"},
    ),
    page("patients:new", CLINICIANS | {"front_desk"}),
    Call(
        "patients:new",
        "POST",
        CLINICIANS | {"front_desk"},
        lambda world, _: reverse("patients:new"),
        registration,
    ),
    of_team("team", "GET", lambda world, patient: {}),
    of_team(
        "add_carer",
        "POST",
        lambda world, patient: {"staff": str(staff_of(world.practice.senior)), "kind": "team"},
    ),
    of_team("put_first", "POST", lambda world, patient: {"staff": world.caring_for(patient)}),
    of_team("end_care", "POST", lambda world, patient: {"staff": world.caring_for(patient)}),
    of_team("resume", "POST", lambda world, patient: {}, query="care"),
    of_team("give_consent", "POST", lambda world, patient: world.consent(patient, in_force=False)),
    of_team("withdraw_consent", "POST", lambda world, patient: world.consent(patient, in_force=True)),
    chart("chart", CHART_READERS),
    chart("timeline", CHART_READERS),
    chart("problems", CHART_READERS),
    chart("medications", CHART_READERS | {"dispensary"}),
    chart("labs", CHART_READERS),
    chart("lab_trend", CHART_READERS, "2345-7"),
    chart("notes", CHART_READERS),
    Call(
        "record:add_note",
        "POST",
        CHART_READERS,
        lambda world, patient: reverse("record:add_note", args=[patient]),
        lambda world, patient: {"kind": "coaching", "body": "Words", "request_key": str(uuid7())},
        of_patient=True,
    ),
    Call(
        "record:void",
        "GET",
        CLINICIANS,
        lambda world, patient: reverse("record:void", args=[patient]),
        lambda world, patient: {
            "kind": "observation",
            "id": str(world.anns if patient == world.ann else world.bens),
        },
        of_patient=True,
    ),
    Call(
        "record:void",
        "POST",
        CLINICIANS,
        lambda world, patient: reverse("record:void", args=[patient]),
        lambda world, patient: {
            "kind": "observation",
            "id": str(world.anns if patient == world.ann else world.bens),
            "reason": "Wrong patient",
        },
        of_patient=True,
    ),
    page("interop_fhir:imports", OWNER),
    Call(
        "interop_fhir:report",
        "GET",
        OWNER,
        lambda world, _: reverse("interop_fhir:report", args=[world.run]),
    ),
    Call(
        "interop_fhir:upload",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_fhir:upload"),
        lambda world, _: {
            "files": SimpleUploadedFile("one.json", b'{"resourceType": "Patient", "id": "1"}'),
            "request_key": str(uuid7()),
        },
    ),
    Call(
        "interop_fhir:original",
        "GET",
        OWNER,
        lambda world, _: reverse("interop_fhir:original", args=[world.quarantined]),
    ),
    Call(
        "interop_fhir:replay",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_fhir:replay", args=[world.quarantined]),
    ),
    page(f"{api.urls_namespace}:patients_list", EVERY_ROLE),
    Call(
        f"{api.urls_namespace}:patient",
        "GET",
        EVERY_ROLE,
        lambda world, patient: reverse(f"{api.urls_namespace}:patient", args=[patient]),
        of_patient=True,
    ),
    Call(
        f"{api.urls_namespace}:observations",
        "GET",
        CHART_READERS,
        lambda world, patient: reverse(f"{api.urls_namespace}:observations", args=[patient]),
        lambda world, patient: {"code": "2345-7"},
        of_patient=True,
    ),
    Call(
        f"{api.urls_namespace}:add_observation",
        "POST",
        CLINICIANS,
        lambda world, patient: reverse(f"{api.urls_namespace}:add_observation", args=[patient]),
        observation,
        of_patient=True,
        as_json=True,
    ),
)
# Who reaches Ben: those who hold the permission everywhere.
REACHES_BEN = {f"{api.urls_namespace}:patient": OWNER}
