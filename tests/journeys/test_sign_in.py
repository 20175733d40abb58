"""A second factor from the first to the last, one's devices, and confirming who signs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from willowbark.foundation import clock, step_up
from willowbark.foundation.acting import acting_as
from willowbark.foundation.sessions import SessionStore
from willowbark.practice.selectors import actor_for, user_id_of
from willowbark.practice.services import ask_for_second_factor
from willowbark.practice.testing import PASSWORD, code_of

from .conftest import OWNER, beside
from .test_composer import EMAIL, patient  # noqa: F401 - the fixture

pytestmark = pytest.mark.browser


def with_key(page: Page) -> None:
    """Give the browser a device that makes passkeys and knows its owner."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def sign_out(page: Page) -> None:
    page.get_by_role("group").filter(has_text="Sign out").locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def say_password(page: Page, account: tuple[str, str] = OWNER) -> None:
    page.get_by_label("E-mail").fill(account[0])
    page.get_by_label("Password").fill(account[1])
    page.get_by_role("button", name="Sign in").click()


def say_code(page: Page, code: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Go on").click()


def expect_inside(page: Page) -> None:
    expect(page.get_by_role("navigation", name="Areas")).to_be_visible()


def code_at(secret: str, seconds: int) -> str:
    with clock.at(clock.now() + timedelta(seconds=seconds)):
        return code_of(secret)


def ask_everybody() -> None:
    owner = actor_for(user_id_of(OWNER[0]), channel="web")
    with acting_as(owner):
        ask_for_second_factor(actor=owner, of_everybody=True)


def a_quarter_of_an_hour_passes() -> None:
    """Every session says that its person confirmed it so much earlier."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[step_up.CONFIRMED] -= int(step_up.CONFIRMED_FOR.total_seconds())
        session.save()


def test_a_passkey_an_app_and_recovery_codes_from_the_first_to_the_last(served, sign_in):
    page = sign_in(*OWNER)
    with_key(page)
    # Not from the day sheet: its panels look again by themselves, and would be refused from now on.
    page.goto(f"{served.address}/account")
    beside(ask_everybody)

    page.get_by_role("link", name="Patients", exact=True).click()
    expect(page.get_by_text("Your practice asks everybody for a second factor")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name, to know it by").fill("Desk computer")
    page.get_by_role("button", name="Make the passkey").click()
    codes = page.locator(".recovery code")
    expect(codes).to_have_count(10)
    recovery_code = codes.first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect_inside(page)

    page.goto(f"{served.address}/account/second-factor")
    page.get_by_role("link", name="Add an app").click()
    secret = page.locator(".qr__secret").inner_text().replace(" ", "")
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    page.get_by_label("Code that the app shows").fill(code_at(secret, -30))
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    # The passkey alone, the password and the passkey, and the password and a code, once.
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect_inside(page)
    sign_out(page)
    say_password(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect_inside(page)
    sign_out(page)
    say_password(page)
    code = code_at(secret, 0)
    say_code(page, code)
    expect_inside(page)
    sign_out(page)
    say_password(page)
    say_code(page, code)
    expect(page.get_by_text("it was used before")).to_be_visible()
    say_code(page, recovery_code)
    expect_inside(page)
    sign_out(page)
    say_password(page)
    say_code(page, recovery_code)
    expect(page.get_by_text("it was used before")).to_be_visible()
    say_code(page, code_at(secret, 30))
    expect_inside(page)

    page.goto(f"{served.address}/account/second-factor")
    expect(page.get_by_text("9 left.")).to_be_visible()
    page.get_by_role("button", name="Remove: Phone").click()
    page.get_by_role("button", name="Remove: Desk computer").click()
    expect(page.get_by_text("Add another before you remove this one")).to_be_visible()


def test_one_sees_where_one_is_signed_in_and_signs_out_there(served, sign_in):
    here, elsewhere = sign_in(*OWNER), sign_in(*OWNER)
    here.goto(f"{served.address}/account")
    expect(here.get_by_text("This one", exact=True)).to_be_visible()
    here.get_by_role("button", name=re.compile("^Sign out: ")).click()
    expect(here.get_by_role("button", name=re.compile("^Sign out: "))).to_have_count(0)

    elsewhere.reload()
    expect(elsewhere.get_by_role("button", name="Sign in")).to_be_visible()
    here.reload()
    expect_inside(here)


def test_who_signs_after_a_quarter_of_an_hour_says_once_more_who_they_are_and_loses_nothing(
    patient,  # noqa: F811
    served,
    sign_in,
):
    page = sign_in(EMAIL, PASSWORD)
    page.goto(f"{served.address}/patients/{patient}/protocol/compose")
    page.get_by_role("checkbox", name=re.compile("Thyroid support")).press("Space")
    expect(page.locator(".plan")).to_contain_text("Selenium")
    page.get_by_role("link", name="Review and sign").click()
    for asked in page.locator("input[name^='ack:']").all():
        asked.fill('Checked by hand: "no" concern')
    beside(a_quarter_of_an_hour_passes)

    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Confirm who you are")).to_be_visible()
    expect(page.get_by_text("goes on as soon as you confirm")).to_be_visible()
    page.get_by_label("Your password").fill("not the password")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Protocol 1")).to_be_visible()
    expect(page.get_by_text('Checked by hand: "no" concern').first).to_be_visible()
