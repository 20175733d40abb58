"""
A real practice, served, and a real browser.

    served     a practice that was just opened, and the address it is served at
    sign_in    opens a browser of its own for a person, signed in
    beside     does something with the database meanwhile
    look       keeps a picture of a page for who asked for pictures
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.db import connection
from playwright.sync_api import ConsoleMessage, Page, expect

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import User
from willowbark.foundation.testing import chromium, own_listener
from willowbark.kernel.partial_date import parse_partial_date
from willowbark.patients.services.registration import NewPatient, register_patient
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.services import open_practice
from willowbark.practice.testing import PASSWORD, make_staff, quick_passwords

Result = TypeVar("Result")
OWNER = ("olive@practice.test", "olive trees under rain")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the practice is served."""

    address: str


@pytest.fixture
def served(live_server) -> Iterator[Served]:
    """A practice with one site and nobody but its owner, opened before a browser's loop runs here."""
    with quick_passwords(), own_listener():
        open_practice(
            name="Alder Lane",
            jurisdiction="US",
            time_zone="America/New_York",
            site_name="North",
            owner_name="Olive Owner",
            owner_email=OWNER[0],
            owner_password=OWNER[1],
        )
        yield Served(live_server.url)


def senior_alone(name: str, email: str) -> tuple[Actor, UUID]:
    """A senior practitioner, who signs in with PASSWORD, and their patient; the demo's products are there."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    load_demo_products(owner)
    site = Site.objects.get()
    senior = make_staff(
        owner, role="senior_practitioner", reach=Reach.SITE, site_id=site.pk, name=name, email=email
    )
    with acting_as(senior):
        user = User.objects.get(pk=senior.user_id)
        user.set_password(PASSWORD)
        user.save()
        ann = register_patient(
            actor=senior,
            new=NewPatient(
                family="Rivera",
                given="Ann",
                sex="female",
                home_site_id=site.pk,
                birth_date=parse_partial_date("1970-05-05"),
            ),
            request_key=uuid7(),
        ).pk
    return senior, ann


def beside(work: Callable[..., Result], *args: Any) -> Result:
    """What comes of some work on the database, which nobody may do where a browser's loop runs."""

    def done() -> Result:
        try:
            return work(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as another:
        return another.submit(done).result()


def look(page: Page, name: str) -> None:
    """Keep a picture of the page, where somebody asked for pictures."""
    if folder := os.environ.get("WILLOWBARK_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def sign_in(served) -> Iterator[object]:
    """
    `sign_in(email, password)` is the page on which somebody arrives, `sign_in(name)` that of who steps into a
    demo; no page may break a rule of ours.
    """
    complaints: list[str] = []
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with chromium() as browser:

        def heard(said: ConsoleMessage) -> None:
            # Who opens pages faster than their streams close is told to wait, and listens again by itself.
            waits = "503" in said.text and "/live?" in said.location["url"]
            # A request that a newer one took the place of; one that failed says htmx:sendError besides.
            given_up = said.text.startswith(("htmx:afterRequest,", "htmx:sendAbort,"))
            if said.type == "error" and not waits and not given_up:
                complaints.append(said.text)

        def entered(who: str, password: str = "") -> Page:
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", heard)
            page.goto(f"{served.address}/sign-in")
            if password:
                page.get_by_label("E-mail").fill(who)
                page.get_by_label("Password").fill(password)
                page.get_by_role("button", name="Sign in").click()
            else:
                page.get_by_role("button", name=who).click()
            expect(page.get_by_role("navigation", name="Areas")).to_be_visible()
            return page

        yield entered
    # What was refused on purpose is not a fault of the page.
    assert [each for each in complaints if not re.search(r"\b(401|404|422)\b", each)] == []
