"""The addresses of foundation, practice, patients, record and imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from willowbark.config.api import api
from willowbark.foundation.ids import uuid7
from willowbark.practice.testing import PASSWORD, staff_of
from willowbark.record.testing import AT

from ..world import CHART_READERS, CLINICIANS, EVERY_ROLE, OWNER, SIGNED_IN, World
from . import signing_in
from .call import Call, chart, page


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


def of_pair(name: str, method: str, said: Callable[[World, UUID], dict[str, str]] | None = None) -> Call:
    """
    An address of a pair that may be one person; the patient is the newcomer of the two. Where something is
    `said` of it, the pair is new each time.
    """
    return Call(
        f"patients:{name}",
        method,
        OWNER | {"senior_practitioner"},
        lambda world, patient: reverse(
            f"patients:{name}", args=[patient, world.new_pair(patient) if said else world.pair(patient)]
        ),
        said or (lambda world, patient: {}),
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
    *signing_in.CALLS,
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
    of_person("reset_factors", "POST", OWNER),
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
    page("patients:matches", OWNER | {"senior_practitioner"}),
    of_pair("match", "GET"),
    of_pair(
        "decide_match",
        "POST",
        lambda world, patient: {"decision": "apart", "reason": "Two people", "request_key": str(uuid7())},
    ),
    of_pair("undo_match", "POST", lambda world, patient: {}),
    page("patients:access_log", OWNER),
    page("patients:access_log_csv", OWNER),
    Call(
        "patients:access",
        "GET",
        OWNER,
        lambda world, patient: reverse("patients:access", args=[patient]),
        of_patient=True,
    ),
    Call(
        "patients:number",
        "GET",
        CLINICIANS | {"front_desk"},
        lambda world, patient: reverse("patients:number", args=[patient, world.number(patient)]),
        of_patient=True,
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
    Call(
        "interop_fhir:dismiss",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_fhir:dismiss", args=[world.quarantined]),
        lambda world, _: {"reason": "not ours"},
    ),
    Call(
        "interop_fhir:take_back",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_fhir:take_back", args=[world.dismissed]),
    ),
    Call(
        "interop_fhir:mend",
        "GET",
        OWNER,
        lambda world, _: reverse("interop_fhir:mend", args=[world.to_mend]),
    ),
    Call(
        "interop_fhir:mend",
        "POST",
        OWNER,
        lambda world, _: reverse("interop_fhir:mend", args=[world.to_mend]),
        lambda world, _: {"words": "{}"},
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
REACHES_BEN = dict.fromkeys(
    (
        f"{api.urls_namespace}:patient",
        "patients:access",
        "patients:match",
        "patients:decide_match",
        "patients:undo_match",
    ),
    OWNER,
)
