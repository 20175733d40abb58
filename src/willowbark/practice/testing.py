"""Practices and their people, for the tests of every business above."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, override_settings
from django.test.client import ClientHandler

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.foundation.step_up import CONFIRMED
from willowbark.foundation.worker import deliver_until
from willowbark.practice import services
from willowbark.practice.selectors import actor_for, mark_of, system_actor
from willowbark.practice.services.factors import add_app
from willowbark.practice.services.factors.codes import STEP_SECONDS
from willowbark.practice.sign_in import SESSION_MARK, SESSION_USER

PASSWORD = "correct horse battery staple"
OWNER_EMAIL = "olive.owner@practice.test"

ZONE = ZoneInfo("America/New_York")
"""Where every practice of the tests is: its day is not always that of the machine."""

_numbers = count(1)


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Hash passwords in microseconds: nobody attacks a test, and each real hash takes a tenth of a second."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@dataclass(frozen=True, slots=True)
class PracticeForTests:
    """
    A practice with two sites, its owner, and one person of each role.

    `north` is where everyone works; nobody but `owner`, `everywhere` and `system` reaches `south`.
    `everywhere` is a senior practitioner who reaches every patient, to see in a test what there is.
    """

    organisation_id: UUID
    north: UUID
    south: UUID
    owner: Actor
    senior: Actor
    practitioner: Actor
    other_practitioner: Actor
    coach: Actor
    front_desk: Actor
    dispensary: Actor
    everywhere: Actor
    system: Actor

    @property
    def by_role(self) -> dict[str, Actor]:
        """One actor of each role that a person holds."""
        return {
            "owner": self.owner,
            "senior_practitioner": self.senior,
            "practitioner": self.practitioner,
            "health_coach": self.coach,
            "front_desk": self.front_desk,
            "dispensary": self.dispensary,
        }


def today_there() -> date:
    """Today where the practice is."""
    return clock.now().astimezone(ZONE).date()


def open_for_tests(*, is_demo: bool = False, name: str = "Willow Bend") -> services.Opened:
    """Open an empty practice with one site; its owner signs in as `OWNER_EMAIL` with `PASSWORD`."""
    with quick_passwords():
        return services.open_practice(
            name=name,
            jurisdiction="US",
            time_zone=ZONE.key,
            site_name="North",
            owner_name="Olive Owner",
            owner_email=OWNER_EMAIL,
            owner_password=PASSWORD,
            is_demo=is_demo,
        )


def make_practice(*, is_demo: bool = False) -> PracticeForTests:
    """Open a practice and fill it with people."""
    opened = open_for_tests(is_demo=is_demo)
    owner, north = opened.owner, opened.site_id
    with acting_as(owner):
        south = services.add_site(actor=owner, name="South", time_zone=ZONE.key).pk

    def person(name: str, role: str, reach: Reach) -> Actor:
        return make_staff(owner, name=name, role=role, reach=reach, site_id=north)

    return PracticeForTests(
        organisation_id=opened.organisation_id,
        north=north,
        south=south,
        owner=owner,
        senior=person("Sage Senior", "senior_practitioner", Reach.SITE),
        practitioner=person("Pia Practitioner", "practitioner", Reach.CARE),
        other_practitioner=person("Otto Other", "practitioner", Reach.CARE),
        coach=person("Cleo Coach", "health_coach", Reach.CARE),
        front_desk=person("Fay Frontdesk", "front_desk", Reach.SITE),
        dispensary=person("Dan Dispensary", "dispensary", Reach.SITE),
        everywhere=person("Eve Everywhere", "senior_practitioner", Reach.ORGANISATION),
        system=system_actor("worker"),
    )


def practice_of_module(make: Callable[[], PracticeForTests] = make_practice) -> tuple[Any, Any]:
    """
    The fixtures `practice` and `_undone`, for a conftest or a module of tests to name so.

    The practice is made once for all tests of a module, on a database of their own, and each test that
    works with it leaves it as it was.
    """

    @pytest.fixture(scope="module")
    def practice(module_database: object) -> PracticeForTests:
        return make()

    @pytest.fixture(autouse=True)
    def _undone(request: pytest.FixtureRequest) -> None:
        # What the module shares is made before anything of a single test, and so outside its transaction.
        if {"practice", "module_database"} <= set(request.fixturenames):
            request.getfixturevalue("undone")

    return practice, _undone


def make_staff(
    owner: Actor,
    *,
    role: str | None,
    reach: Reach = Reach.ORGANISATION,
    site_id: UUID | None = None,
    name: str = "Somebody",
    email: str = "",
    password: str | None = None,
) -> Actor:
    """Someone who works here, with one role (none for `None`), as the actor that they are from now on."""
    address = email or f"person{next(_numbers)}@practice.test"
    with quick_passwords(), acting_as(owner):
        staff = services.add_staff(actor=owner, name=name, email=address, password=password)
        if role:
            place = None if reach is Reach.ORGANISATION else site_id
            services.assign_role(actor=owner, staff_id=staff.pk, role=role, reach=reach, site_id=place)
    return actor_for(staff.user_id, channel="web")


def again(actor: Actor) -> Actor:
    """The same user as the actor that they are now, on a new occasion."""
    return actor_for(actor.user_id, channel=actor.channel, request_id=uuid7())


def staff_of(actor: Actor) -> UUID:
    """The member of staff that this actor is."""
    assert actor.staff_id is not None
    return actor.staff_id


@cache
def _handler(enforce_csrf_checks: bool) -> ClientHandler:
    """What answers all browsers of a process: its middleware looks at every static file when it is made."""
    return ClientHandler(enforce_csrf_checks)


def signed_in(actor: Actor | None, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser in which this person has signed in; nobody has for None. Errors come back as answers."""
    client = Client(raise_request_exception=False)
    client.handler = _handler(enforce_csrf_checks)
    if actor is not None:
        session = SessionStore()
        session[SESSION_USER] = str(actor.user_id)
        session[SESSION_MARK] = mark_of(User.objects.get(pk=actor.user_id).password)
        session[CONFIRMED] = int(clock.now().timestamp())
        session.save()
        client.cookies["willowbark_session"] = str(session.session_key)
    return client


@contextmanager
def delivering() -> Iterator[None]:
    """For the block, a worker delivers what happens in the practice."""
    stop = threading.Event()

    def work() -> None:
        try:
            deliver_until(stop, lambda: system_actor("worker"))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def add_app_for(actor: Actor, name: str = "Phone") -> str:
    """Add an authenticator app for this person, as of an hour ago; the secret that it keeps."""
    secret: str = generate_totp_secret()
    with clock.at(clock.now() - timedelta(hours=1)), acting_as(actor):
        add_app(actor=actor, secret=secret, code=code_of(secret), name=name)
    return secret


def code_of(secret: str) -> str:
    """The six digits that an app shows at this moment."""
    step = int(clock.now().timestamp()) // STEP_SECONDS
    shown: str = format_hotp_value(hotp_value(secret, step))
    return shown
