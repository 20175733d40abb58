"""
Every address, called as every role: who may come is let in, everybody else finds nothing there.

An address that is added must be added to `CALLS`, with the roles that may come written out by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from willowbark.config.api import api
from willowbark.foundation import live
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.foundation.security import HEADERS
from willowbark.interop.fhir.models import ImportRun, Quarantined
from willowbark.kernel.errors import Conflict, NotFound
from willowbark.patients.services.care import end_care
from willowbark.patients.services.consent import give_consent, withdraw_consent
from willowbark.patients.services.registration import Identification
from willowbark.patients.testing import first_wall_down, make_patient, put_into_care
from willowbark.practice.roles import shipped_roles
from willowbark.practice.services import assign_role
from willowbark.practice.testing import (
    PASSWORD,
    PracticeForTests,
    make_practice,
    make_staff,
    quick_passwords,
    signed_in,
    staff_of,
)
from willowbark.record.kinds import TABLES
from willowbark.record.testing import AT, make_entry

ROLES = ("owner", "senior_practitioner", "practitioner", "health_coach", "front_desk", "dispensary")
EVERY_ROLE = frozenset(ROLES)
CLINICIANS = frozenset({"senior_practitioner", "practitioner"})
CHART_READERS = CLINICIANS | {"health_coach"}
OWNER = frozenset({"owner"})
# Who has signed in but holds no role.
ROLELESS = "roleless"
SIGNED_IN = EVERY_ROLE | {ROLELESS}

# Addresses that declare nothing, and why they need not.
UNDECLARED = {
    "api/openapi.json": "describes the calls; holds nothing of the practice",
    "api/": "answers that there is no such page",
}


class World:
    """
    `ann` is at the north site and in the care of practitioner and coach; `ben` is at the south site, out
    of the reach of everybody but who reads patients everywhere (the owner). What is said of each holds
    a word that stands nowhere else.
    """

    def __init__(self) -> None:
        self.practice: PracticeForTests = make_practice()
        self.actors: dict[str, Actor] = {
            **self.practice.by_role,
            ROLELESS: make_staff(self.practice.owner, role=None, name="Rolf Roleless"),
        }
        self.victim = make_staff(
            self.practice.owner, role="front_desk", reach=Reach.SITE, site_id=self.practice.north, name="Vic"
        )
        with quick_passwords():
            for actor in self.actors.values():
                with acting_as(actor):
                    user = User.objects.get(pk=actor.user_id)
                    user.set_password(PASSWORD)
                    user.save()
        self.ann, self.anns = self._person("ann", self.practice.north)
        self.ben, self.bens = self._person("ben", self.practice.south)
        put_into_care(self.practice, self.ann, self.practice.practitioner, self.practice.coach)
        self.run, self.quarantined = self._import()

    def _person(self, name: str, site: UUID) -> tuple[UUID, UUID]:
        """A patient whose identity and whose entries say a word of their own; and a result of theirs."""
        eve = self.practice.everywhere
        patient = make_patient(
            self.practice,
            site_id=site,
            family=f"{name}whois",
            identifiers=(Identification("urn:mrn", f"{name}whois-7", "MR"),),
        ).pk
        entries = {
            kind: make_entry(eve, patient, kind, text=f"{name}secret", **self._words(kind, f"{name}secret"))
            for kind in TABLES
        }
        return patient, entries["observation"]

    @staticmethod
    def _words(kind: str, secret: str) -> dict[str, Any]:
        return {"body": secret} if kind == "note" else {}

    def _import(self) -> tuple[UUID, UUID]:
        with acting_as(self.practice.system):
            run = ImportRun.objects.create(
                asked_by_id=self.practice.owner.user_id,
                channel="web",
                source="elsewhere",
                home_site_id=self.practice.north,
                path_text="bensecret.json",
                status="finished",
                started_at=AT,
                finished_at=AT,
            )
            waiting = Quarantined.objects.create(
                run=run,
                source="elsewhere",
                place="1",
                content=b'{"resourceType": "bensecret"}',
                content_sha256=b"\1" * 32,
                reason="wrong_type",
                message="bensecret is no type",
                status="waiting",
                set_aside_at=AT,
            )
        return run.pk, waiting.pk

    def caring_for(self, patient: UUID) -> str:
        """Somebody who cares for the patient, and whom nobody misses: Eve."""
        if patient in (self.ann, self.ben):
            put_into_care(self.practice, patient, self.practice.everywhere)
        return str(staff_of(self.practice.everywhere))

    def care_that_ended(self, patient: UUID) -> str:
        """The id of Eve's care for the patient, which has just ended."""
        self.caring_for(patient)
        eve = self.practice.everywhere
        if patient not in (self.ann, self.ben):
            return str(uuid7())
        with acting_as(eve):
            (ended,) = end_care(actor=eve, patient_id=patient, staff_id=staff_of(eve))
        return str(ended)

    def consent(self, patient: UUID, *, in_force: bool) -> dict[str, str]:
        """The form about a consent to research, which is in force or not."""
        eve = self.practice.everywhere
        if patient in (self.ann, self.ben):
            who = {"actor": eve, "patient_id": patient, "scope": "research"}
            with acting_as(eve):
                if not in_force:
                    with suppress(NotFound):
                        withdraw_consent(**who)
                else:
                    with suppress(Conflict):
                        give_consent(**who, wording="Yes")
        return {"scope": "research", "wording": "I agree", "given_on": ""}

    def assignment_of_victim(self) -> UUID:
        """A role that the victim holds: given anew, since a call may have taken it away."""
        with acting_as(self.practice.owner):
            held = assign_role(
                actor=self.practice.owner,
                staff_id=staff_of(self.victim),
                role="dispensary",
                reach=Reach.SITE,
                site_id=self.practice.north,
            )
        return held.pk


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


@pytest.fixture(scope="module")
def world(module_database) -> World:
    return World()


@pytest.fixture(scope="module")
def rows(module_database) -> Iterator[Callable[[], dict[str, str]]]:
    """A digest of every table but the access log, as the owner of all tables reads them."""
    with psycopg.connect(**module_database.owner.libpq(), autocommit=True) as owner:
        tables = [
            name
            for (name,) in owner.execute(
                "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname <> %s"
                " AND relnamespace = 'public'::regnamespace ORDER BY 1",
                ["foundation_accessentry"],
            ).fetchall()
        ]
        digests = "count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
        statement = " UNION ALL ".join(f"SELECT '{table}', {digests} FROM {table} t" for table in tables)

        def digest() -> dict[str, str]:
            return dict(owner.execute(statement, prepare=True).fetchall())

        yield digest


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, route)
        else:
            yield route, each


def names_of(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from names_of(each, f"{each.namespace}:" if each.namespace else space)
        else:
            yield f"{space}{each.name}", each


def operations() -> dict[str, Any]:
    """The calls of the JSON API: their name -> what they declare."""
    found = {}
    for _, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                name = f"{api.urls_namespace}:{operation.url_name or operation.view_func.__name__}"
                for method in operation.methods:
                    found[f"{method} {name}"] = getattr(operation.view_func, "declares", None)
    return found


def declared() -> dict[str, Any]:
    """Everything that can be called: `METHOD name` -> what it declares."""
    found = operations()
    for name, pattern in names_of():
        if name.startswith(f"{api.urls_namespace}:"):
            continue
        declares = getattr(pattern.callback, "declares", None)
        for method in methods_of(pattern):
            found[f"{method} {name}"] = declares
    return found


def methods_of(pattern: URLPattern) -> list[str]:
    """What the address answers to, as its refusal of another method says; GET if it refuses none."""
    request = HttpRequest()
    request.method = "TRACE"
    wrapped = pattern.callback
    if not hasattr(wrapped, "__wrapped__"):
        return ["GET"]
    answer = wrapped(request)
    assert answer.status_code == 405, pattern
    return [method for method in re.split(", *", answer.headers["Allow"]) if method != "HEAD"]


def test_no_address_is_left_out_of_the_matrix():
    assert sorted({str(call) for call in CALLS}) == sorted(declared())


def test_every_address_declares_who_may_come_or_stands_in_the_list_with_a_reason():
    undeclared = {
        route
        for route, pattern in patterns()
        if not hasattr(pattern.callback, "declares") and "patients" not in route
    }
    assert undeclared == set(UNDECLARED)
    assert None not in declared().values()


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_an_address_declares_is_what_the_matrix_says(call):
    declares = declared()[str(call)]
    assert declares.public is call.public
    if declares.public:
        return
    holders = {
        role for role in ROLES if set(shipped_roles()[role]["permissions"]) & set(declares.permissions)
    }
    assert call.allowed == (holders if declares.permissions else SIGNED_IN)


def is_the_same_nothing(call: Call, answer) -> bool:
    """What is forbidden reads exactly like what is not there."""
    if answer.status_code != 404:
        return False
    if call.is_api:
        return answer.json()["code"] == "not_found"
    text = answer.content.decode()
    return "There is no such page, or it is not yours to see." in text


def has_guarding_headers(answer) -> bool:
    guarded = all(answer.headers.get(name) for name in HEADERS)
    return guarded and answer.headers.get("Cache-Control") == "no-store" and "X-Request-Id" in answer.headers


@pytest.mark.parametrize("role", [*ROLES, ROLELESS])
@pytest.mark.parametrize("call", [call for call in CALLS if not call.public], ids=str)
def test_whoever_may_come_is_let_in_and_nobody_else(world, rows, call, role):
    client, prepared = signed_in(world.actors[role]), call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(client)

    assert has_guarding_headers(answer)
    if role in call.allowed:
        assert 200 <= answer.status_code < 400, answer.content.decode()[:2000]
    else:
        assert is_the_same_nothing(call, answer), answer.content.decode()[:2000]
        assert not re.search("secret|whois", answer.content.decode())
        assert rows() == before, "a refused call changed something"
    answer.close()
    restore(world)


def restore(world: World) -> None:
    """Give everybody the password again that a call may have changed."""
    with quick_passwords():
        for actor in world.actors.values():
            user = User.objects.get(pk=actor.user_id)
            if not user.check_password(PASSWORD):
                user.set_password(PASSWORD)
                with acting_as(actor):
                    user.save()


@pytest.mark.parametrize("call", [call for call in CALLS if not call.public], ids=str)
def test_who_has_not_signed_in_is_asked_to_and_nothing_moves(world, rows, call):
    prepared = call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(signed_in(None))

    assert has_guarding_headers(answer)
    if call.is_api:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in?next=")
    assert not re.search(b"secret|whois-", answer.content)
    assert rows() == before


@pytest.mark.parametrize("role", [*ROLES, ROLELESS])
@pytest.mark.parametrize("call", [call for call in CALLS if call.of_patient], ids=str)
def test_a_patient_out_of_reach_is_not_there_and_nothing_moves(world, rows, call, role):
    client = signed_in(world.actors[role])
    of_ben, of_nobody = call.prepared(world, world.ben), call.prepared(world, uuid7())
    before = rows()
    answer, absent = of_ben.by(client), of_nobody.by(client)

    if role in REACHES_BEN.get(call.name, ()):
        assert answer.status_code == 200
        return
    assert is_the_same_nothing(call, answer)
    assert answer.content == absent.content, "it reads otherwise than a patient who does not exist"
    assert rows() == before


def test_the_test_that_takes_the_first_wall_down_really_does(world):
    """Else what follows would prove nothing: without the wall, the desk gets as far as the chart's head."""
    client, path = signed_in(world.actors["front_desk"]), reverse("record:chart", args=[world.ann])
    assert client.get(path).status_code == 404
    with first_wall_down():
        answer = client.get(path)

    assert answer.status_code == 200
    assert b"annwhois" in answer.content
    assert b"annsecret" not in answer.content


# What the database lets happen without the code's consent, and why nobody is worse off.
HARMLESS = {
    ("POST foundation:effort", ROLELESS): "one writes one's own working time, and no other's",
    ("POST patients:add_carer", "owner"): "who manages the practice says who works with whom",
    ("POST patients:put_first", "owner"): "the same; it opens nobody's chart to the owner",
    ("POST patients:end_care", "owner"): "the same",
    ("POST patients:resume", "owner"): "the same",
}
# Words that a role may read of Ben: the owner reads everywhere who a patient is.
MAY_READ = {"owner": {"benwhois"}}


def foreign_calls() -> Iterator[tuple[Call, str]]:
    """Every call by every role that it is not for; about Ben, if it is about a patient."""
    for call in CALLS:
        for role in (*ROLES, ROLELESS):
            theirs = role in (REACHES_BEN.get(call.name, ()) if call.of_patient else call.allowed)
            if not call.public and not theirs and (str(call), role) not in HARMLESS:
                yield call, role


@pytest.mark.parametrize(("call", "role"), [*foreign_calls()], ids=str)
def test_with_no_permission_asked_for_the_database_still_refuses(world, rows, call, role):
    """Every check in the code lets everybody through: no foreign word comes out, no row moves."""
    client = signed_in(world.actors[role])
    prepared = call.prepared(world, world.ben if call.of_patient else world.ann)
    before = rows()
    with first_wall_down():
        answer = prepared.by(client)
    content = answer.streaming_content if answer.streaming else [answer.content]
    words = set(re.findall("(?:ann|ben)(?:whois|secret)", b"".join(content).decode()))

    theirs = {"annwhois", "annsecret"} if role in EVERY_ROLE else set()
    assert not words - theirs - MAY_READ.get(role, set())
    assert call.method == "GET" or answer.status_code >= 400, "it says that it was done"
    assert rows() == before, "a row moved"


@pytest.mark.parametrize("call", [call for call in CALLS if call.method == "POST" and call.allowed], ids=str)
def test_a_forged_form_is_refused_and_nothing_moves(world, rows, call):
    role = sorted(call.allowed & EVERY_ROLE)[0]
    client = signed_in(world.actors[role], enforce_csrf_checks=True)
    prepared = call.prepared(world, world.ann)
    before = rows()
    answer = prepared.by(client)

    assert answer.status_code == 403
    assert has_guarding_headers(answer)
    assert rows() == before


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_an_address_answers_to_no_other_method(world, rows, call):
    path = call.path(world, world.ann)
    same = {each.method for each in CALLS if each.name == call.name or each.path(world, world.ann) == path}
    if call.name in {"foundation:alive", "foundation:ready", "foundation:metrics"}:
        pytest.skip("it reads nothing of a patient and changes nothing, whatever the method")
    client = signed_in(world.actors["owner"])
    before = rows()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - same:
        answer = client.generic(method, path)
        assert answer.status_code == 405, method
        assert has_guarding_headers(answer)
    assert rows() == before


@pytest.mark.parametrize("path", ["/no/such/page", "/api/no-such-call", "/static/no-such-file", "/api/"])
def test_what_is_not_there_guards_itself_too(world, path):
    answer = signed_in(world.actors["owner"]).get(path)

    assert answer.status_code == 404
    assert all(answer.headers.get(name) for name in HEADERS)


def test_metrics_are_there_for_who_holds_the_token_alone(world, settings):
    client = signed_in(world.actors["owner"])
    assert client.get("/metrics").status_code == 404
    settings.WILLOWBARK = settings.WILLOWBARK.model_copy(update={"metrics_token": "a token"})
    for header in ("", "Bearer", "Bearer wrong", "a token2"):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.status_code == 200
    assert b"willowbark_outbox_waiting" in answer.content
    assert not re.search(b"secret|whois", answer.content)


def test_a_stream_of_events_tells_each_role_only_what_it_may_hear(world, monkeypatch):
    """Of a patient, only those who reach them."""
    heard: dict[str, frozenset[str]] = {}
    monkeypatch.setattr(live, "stream", lambda user_id, topics, **_: iter([*map(str.encode, topics)]))
    ann, ben = f"record.changed:{world.ann}", f"record.changed:{world.ben}"
    for role in (*ROLES, ROLELESS):
        asked = f"{ann}+{ben}+record.changed+record.changed:nonsense+no.such.topic"
        answer = signed_in(world.actors[role]).get(f"/live?topics={asked}")
        heard[role] = frozenset(part.decode() for part in answer.streaming_content)

    assert heard == {role: {ann} if role in CHART_READERS else set() for role in heard}


def test_the_description_of_the_api_is_valid_and_says_nothing_of_anybody(world):
    answer = signed_in(None).get("/api/openapi.json")
    described = answer.json()

    assert described["openapi"].startswith("3.1")
    assert not re.search(b"secret|whois", answer.content)
    for path in described["paths"].values():
        for operation in path.values():
            assert {"401", "404", "422"} <= set(operation["responses"])
