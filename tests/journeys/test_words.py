"""Describe in your words: what would be sent, the sending, and what is taken of the answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from procrastinate.contrib.django import app

from willowbark.assistant.models import Asking
from willowbark.assistant.tasks import ask
from willowbark.assistant.testing import ANSWER, INSIDE, TEXT, configured
from willowbark.assistant.tests.model_server import model_server
from willowbark.foundation.acting import acting_as
from willowbark.practice.testing import PASSWORD

from .conftest import beside, look, senior_alone

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def carried_out(senior):
    """What the worker does with the job that waits."""
    with acting_as(senior):
        row = Asking.objects.get(state="waiting")
    assert app.tasks["assistant.ask"] is ask
    ask(patient_id=str(row.patient_id), asking_id=str(row.pk), asked_by=str(senior.user_id))


def test_words_are_shown_sent_proposed_from_and_taken(served, sign_in):
    senior, ann = beside(senior_alone, "Sara Senior", "sara@practice.test")
    with model_server(ANSWER) as server, configured(**INSIDE | {"language_model_endpoint": server.endpoint}):
        page = sign_in("sara@practice.test", PASSWORD)
        page.goto(f"{served.address}/patients/{ann}/protocol/compose")
        page.get_by_label("A note, or the patient's words").fill(TEXT)
        look(page, "words-field")
        page.get_by_role("button", name="Show what would be sent").click()
        expect(page.get_by_text("on this machine")).to_be_visible()
        look(page, "words-shown")
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        beside(carried_out, senior)

        page.locator("#words").get_by_label("Restorative sleep").check()
        page.locator("#words").get_by_label("Vitamin D").check()
        look(page, "words-proposed")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        look(page, "words-proposed-phone-dark")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_role("button", name="Take what is ticked").click()
        targets = page.locator("#composer").get_by_text(
            "Proposed by the model small from “vitamin D over the winter”"
        )
        expect(targets).to_be_visible()
        expect(page.get_by_role("link", name="Review and sign")).to_be_visible()
        look(page, "words-taken-dark")
    assert len(server.asked) == 1
