"""
One thread through the house: an imported patient's medicines, a plan proven against them, signed, handed out,
and a colleague's screens that move meanwhile; the next brief knows it all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from willowbark.catalog.testing import load_demo_products
from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.testing import shared_data
from willowbark.interop.fhir.services.running import run_import
from willowbark.inventory.services import receive_stock
from willowbark.patients.models import Patient
from willowbark.patients.services.care import begin_care
from willowbark.practice.models import Site
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.services import add_staff, assign_role
from willowbark.practice.testing import delivering, make_staff

from .conftest import OWNER

pytestmark = pytest.mark.browser

PIA = ("pia@practice.test", "a first password of pia")
CONTAINERS = 30
SOME = re.compile(r"^\s*[1-9]")


def history_with(medicine: str) -> Path:
    """The smallest of the shared histories in which somebody takes it."""
    folder = shared_data() / "fhir" / "synthea_r4"
    files = sorted(folder.glob("*.json.gz"), key=lambda one: (one.stat().st_size, one.name))
    return next(one for one in files if medicine in one.name or medicine.encode() in _unzipped(one))


def _unzipped(file: Path) -> bytes:
    import gzip

    return gzip.decompress(file.read_bytes())


@dataclass(frozen=True, slots=True)
class Story:
    """Who it is about, as the pages name them."""

    listed_as: str
    name: str


@pytest.fixture
def story(served) -> Iterator[Story]:
    """An imported patient on warfarin in Pia's care, a stocked shelf, and a worker that delivers."""
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    run_import(actor=owner, paths=[history_with("Warfarin Sodium")], read_ahead=False)
    with acting_as(owner):
        site = Site.objects.get().pk
    pia = _practitioner(owner, site)
    patient = _into_care(owner, pia)
    keeper = make_staff(owner, role="dispensary", name="Ines Keeper")
    _stock(keeper, site)
    with delivering():
        yield patient


def _practitioner(owner: Actor, site: UUID) -> Actor:
    with acting_as(owner):
        pia = add_staff(actor=owner, name="Pia Nwosu", email=PIA[0], password=PIA[1])
        assign_role(actor=owner, staff_id=pia.pk, role="practitioner", reach=Reach.CARE, site_id=site)
    return actor_for(pia.user_id, channel="web")


def _into_care(owner: Actor, pia: Actor) -> Story:
    desk = make_staff(owner, role="front_desk", name="Fay Desk")
    with acting_as(desk):
        patient = Patient.objects.get()
        assert pia.staff_id is not None
        begin_care(actor=desk, patient_id=patient.pk, staff_id=pia.staff_id, kind="primary")
    return Story(f"{patient.family}, {patient.given}", f"{patient.given} {patient.family}")


def _stock(keeper: Actor, site: UUID) -> None:
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    for product in load_demo_products(owner):
        with acting_as(keeper):
            receive_stock(
                actor=keeper,
                site_id=site,
                product_id=product.id,
                lot_number=f"L-{product.key}"[:40],
                expires_on=clock.now().date() + timedelta(days=400),
                containers=CONTAINERS,
                request_key=uuid7(),
            )


def open_chart(page: Page, story: Story) -> None:
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name=story.listed_as, exact=True).click()
    expect(page.get_by_role("heading", name=story.name, level=1)).to_be_visible()


def compose(page: Page, story: Story, master: str) -> None:
    open_chart(page, story)
    page.get_by_role("link", name="Compose protocol").click()
    page.get_by_label(master).check()
    expect(page.locator("main")).to_contain_text("Proven best")


def test_from_an_imported_medicine_to_a_figure_that_moves_and_the_next_brief(story, sign_in):
    manager = sign_in(*OWNER)
    manager.get_by_role("link", name="Shelf", exact=True).click()
    shelf = manager.locator("#shelf")
    expect(shelf).to_be_visible()
    manager.goto(f"{manager.url}?q=psyllium")
    row = shelf.locator("tr", has_text="Psyllium husk").first
    expect(row).to_contain_text(str(CONTAINERS))
    figures = manager.context.new_page()
    figures.goto(manager.url.replace("/shelf", "/command-center"))
    expect(figures.locator("main")).to_contain_text("Command center")
    for watched in (manager, figures):
        watched.evaluate("globalThis.sameDocument = true")

    pia = sign_in(*PIA)
    compose(pia, story, "Metabolic health")
    main = pia.locator("main")
    expect(main).to_contain_text("Warfarin Sodium")

    # Why each product was chosen, and why another was not: the medicine is named in a sentence.
    pia.get_by_text("Why", exact=True).first.click()
    refused = pia.locator("section, .card", has_text="Not in the plan, and why").last
    expect(refused).to_contain_text("arfarin")

    pia.get_by_role("link", name="Review and sign").click()
    expect(pia.get_by_role("heading", name="Review and sign")).to_be_visible()
    for answer in main.get_by_role("combobox").all():
        answer.fill("INR in ten days, agreed with the patient")
    pia.locator("main").get_by_role("button", name="Sign", exact=True).click()
    expect(pia.locator("main")).to_contain_text("Protocol 1")
    expect(pia.locator("main")).to_contain_text("Signed")
    signed, _, dispensed = (
        figures.locator("tr", has_text="Pia Nwosu").first.locator("td").nth(n) for n in range(3)
    )
    expect(signed).to_have_text(re.compile(r"^\s*1\b"))
    expect(dispensed).to_have_text("0")

    pia.get_by_role("link", name="Dispense", exact=True).first.click()
    pia.get_by_role("button", name="Hand it out").click()
    expect(pia.locator("main")).to_contain_text("Handed out")

    # What stands on the colleague's two pages has moved, and neither was loaded again.
    expect(row).not_to_contain_text(str(CONTAINERS))
    expect(dispensed).to_have_text(SOME)
    for watched in (manager, figures):
        assert watched.evaluate("globalThis.sameDocument") is True

    open_chart(pia, story)
    pia.get_by_role("link", name="Brief", exact=True).first.click()
    brief = pia.locator("main")
    expect(brief).to_contain_text("Protocol 1 signed")
    expect(brief).to_contain_text("Dispensed")
    expect(brief).to_contain_text("Warfarin")
    expect(brief).to_contain_text("INR")
