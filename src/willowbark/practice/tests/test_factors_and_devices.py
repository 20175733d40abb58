"""One's own factors and devices, what the practice asks of everybody, and somebody who lost theirs."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db import connection
from django.test import Client

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.models import AccessEntry
from willowbark.kernel.errors import Conflict, Forbidden, NotFound
from willowbark.practice import services
from willowbark.practice.core.browsers import browser_name
from willowbark.practice.models import Device, Organisation
from willowbark.practice.selectors import devices, factors, has_second_factor, recovery_codes_left
from willowbark.practice.services.devices import end_device
from willowbark.practice.services.factors import add_app, remove_factor, rename_factor
from willowbark.practice.testing import (
    OWNER_EMAIL,
    PASSWORD,
    add_app_for,
    code_of,
    make_practice,
    make_staff,
    quick_passwords,
    signed_in,
    staff_of,
)

HOME, DOOR = "/", "/sign-in"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


def entered(**more) -> Client:
    client = Client(**more)
    assert client.post(DOOR, {"email": OWNER_EMAIL, "password": PASSWORD}).headers["Location"] == HOME
    return client


def secret_on(page) -> str:
    found = re.search(r'qr__secret">([A-Z2-7 ]+)<', page.content.decode())
    assert found, page.content.decode()[:3000]
    return found.group(1).replace(" ", "")


def add_app_in(client) -> str:
    secret = secret_on(client.get("/account/second-factor/app"))
    answer = client.post("/account/second-factor/app", {"code": code_of(secret), "name": "Phone"})
    assert answer.headers["Location"] == "/account/recovery-codes"
    return secret


def actions(practice, *names) -> list[tuple[str, str]]:
    with acting_as(practice.owner):
        rows = AccessEntry.objects.filter(action__in=names).order_by("at", "id")
        return list(rows.values_list("action", "channel"))


def ask_everybody(practice) -> None:
    with acting_as(practice.owner):
        services.ask_for_second_factor(actor=practice.owner, of_everybody=True)


def test_an_app_is_added_by_its_code_and_the_recovery_codes_are_shown_once(practice):
    client = entered()
    add_app_in(client)
    page = client.get("/account/recovery-codes").content.decode()

    assert len(re.findall(r"<li><code>\d{4} \d{4}</code></li>", page)) == 10
    assert "<code>" not in client.get("/account/recovery-codes").content.decode()
    with acting_as(practice.owner):
        assert [(each.kind, each.name) for each in factors(practice.owner)] == [("totp", "Phone")]
        assert recovery_codes_left(practice.owner) == 10
    assert client.get(HOME).status_code == 200


def test_the_head_of_the_page_alone_does_not_use_up_the_one_showing(practice):
    client = entered()
    add_app_in(client)
    client.head("/account/recovery-codes")

    assert b"<li><code>" in client.get("/account/recovery-codes").content


def test_a_wrong_code_adds_nothing_and_the_picture_stays_the_same(practice):
    client = entered()
    secret = secret_on(client.get("/account/second-factor/app"))
    answer = client.post("/account/second-factor/app", {"code": "000000", "name": "Phone"})

    assert (answer.status_code, secret_on(answer)) == (422, secret)
    with acting_as(practice.owner):
        assert not has_second_factor(practice.owner.user_id)
    assert secret not in str(dict(client.session.items())), "the session keeps the secret as it is"


def test_the_first_factor_ends_every_session_that_began_without_one(practice):
    here, elsewhere = entered(), entered()
    add_app_in(here)

    assert here.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302


def test_a_factor_is_renamed_and_removed_and_with_the_last_go_the_recovery_codes(practice):
    add_app_for(practice.owner)
    with acting_as(practice.owner):
        (factor,) = factors(practice.owner)
        rename_factor(actor=practice.owner, factor_id=factor.id, name="  Old phone ")
        assert factors(practice.owner)[0].name == "Old phone"
        remove_factor(actor=practice.owner, factor_id=factor.id)
        assert not Authenticator.objects.exists()
    assert entered().get(HOME).status_code == 200


def test_nobody_touches_anothers_factor(practice):
    add_app_for(practice.owner)
    with acting_as(practice.owner):
        (factor,) = factors(practice.owner)
    coach = practice.coach
    with acting_as(coach), pytest.raises(NotFound):
        remove_factor(actor=coach, factor_id=factor.id)
    with acting_as(coach), pytest.raises(NotFound):
        rename_factor(actor=coach, factor_id=factor.id, name="Mine")
    signed_in(coach).post(f"/account/second-factor/{factor.id}/remove")

    with acting_as(practice.owner):
        assert factors(practice.owner) == [factor]


def test_where_everybody_needs_one_the_last_is_not_removed(practice):
    add_app_for(practice.owner)
    ask_everybody(practice)
    with acting_as(practice.owner):
        (factor,) = factors(practice.owner)
        with pytest.raises(Conflict):
            remove_factor(actor=practice.owner, factor_id=factor.id)
        assert factors(practice.owner) == [factor]


def test_where_everybody_needs_one_who_has_none_adds_it_before_anything_else(practice):
    ask_everybody(practice)
    client = entered()
    for path in (HOME, "/account", "/patients", "/practice/people/new", "/design"):
        assert client.get(path).headers["Location"] == "/account/second-factor"
    assert client.post("/account/password", {}).headers["Location"] == "/account/second-factor"
    api = client.get("/api/patients")
    assert (api.status_code, api.json()["code"]) == (403, "second_factor_needed")
    fragment = client.get("/patients", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (403, "/account/second-factor")

    assert "Your practice asks everybody" in client.get("/account/second-factor").content.decode()
    add_app_in(client)
    assert client.get("/account/recovery-codes").status_code == 200
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [(HOME, 302), ("/account/second-factor", 302), ("/api/patients", 401)]
)
def test_where_everybody_needs_one_a_session_that_began_without_it_is_over(practice, path, status):
    ask_everybody(practice)
    client = entered()
    add_app_for(practice.owner)

    assert client.get(path).status_code == status
    assert client.get("/account/second-factor").headers["Location"].startswith(DOOR)
    with acting_as(practice.owner):
        assert not Device.objects.exists()


def test_a_session_from_before_devices_were_noted_is_over(practice):
    client = signed_in(practice.owner)
    with acting_as(practice.owner):
        assert not Device.objects.exists()
    assert client.get(HOME).status_code == 200

    (emptied,) = import_module("willowbark.practice.migrations.0007_sign_in_anew").Migration.operations
    with connection.cursor() as cursor:
        cursor.execute(emptied.sql)

    assert client.get(HOME).headers["Location"].startswith(DOOR)


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def test_who_signs_in_while_their_first_factor_is_added_is_asked_for_it(fresh_database):
    practice = make_practice()
    secret = generate_totp_secret()

    def at_the_door() -> str:
        try:
            return Client().post(DOOR, {"email": OWNER_EMAIL, "password": PASSWORD}).headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as another, acting_as(practice.owner):
        add_app(actor=practice.owner, secret=secret, code=code_of(secret), name="Phone")
        led_to = another.submit(at_the_door)
        while not somebody_waits_for_us():
            assert not led_to.done(), "the door did not wait for the factor to be added"

    assert led_to.result().startswith("/sign-in/second-step")
    with acting_as(practice.owner):
        assert not Device.objects.exists()


def test_where_everybody_needs_one_a_passkey_can_be_added_too(practice):
    ask_everybody(practice)
    client = entered()

    assert client.get("/account/second-factor/passkey").status_code == 200
    assert "challenge" in client.get("/account/second-factor/passkey/asked").json()["publicKey"]


def test_who_has_none_may_always_leave(practice):
    ask_everybody(practice)
    client = entered()

    assert client.post("/sign-out").headers["Location"] == DOOR


def test_only_whoever_manages_the_practice_asks_everybody_and_nobody_in_a_demo(practice):
    with acting_as(practice.senior), pytest.raises(Forbidden):
        services.ask_for_second_factor(actor=practice.senior, of_everybody=True)
    with acting_as(practice.owner):
        Organisation.objects.update(is_demo=True)
        with pytest.raises(Conflict):
            services.ask_for_second_factor(actor=practice.owner, of_everybody=True)
    assert not Organisation.objects.get().needs_second_factor


def test_the_owner_sees_who_has_none_and_asks_everybody(practice):
    add_app_for(practice.owner)
    client = signed_in(practice.owner)
    page = client.get("/practice/signing-in").content.decode()
    assert "7 people have no second factor" in page

    assert client.post("/practice/signing-in/asked", {"needed": "1"}).status_code == 302
    assert Organisation.objects.get().needs_second_factor
    assert actions(practice, "practice.second_factor_asked") == [("practice.second_factor_asked", "web")]


def test_one_sees_where_one_is_signed_in_and_ends_it(practice):
    here = entered(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.7")
    elsewhere = entered(HTTP_USER_AGENT="<script>alert(1)</script>\0", REMOTE_ADDR="203.0.113.8")
    page = here.get("/account").content.decode()
    assert page.index("Firefox on Windows") < page.index("203.0.113.8")
    assert "<script>alert" not in page

    with acting_as(practice.owner):
        other = Device.objects.get(client="203.0.113.8")
    here.post(f"/account/devices/{other.pk}/end")
    assert elsewhere.get(HOME).status_code == 302
    assert here.get(HOME).status_code == 200
    assert actions(practice, "practice.device_ended") == [("practice.device_ended", "web")]


def test_one_signs_out_everywhere_else(practice):
    here, *others = (entered() for _ in range(3))
    here.post("/account/devices/others/end")

    assert [other.get(HOME).status_code for other in others] == [302, 302]
    assert here.get(HOME).status_code == 200
    with acting_as(practice.owner):
        (left,) = devices(practice.owner, here.cookies["willowbark_session"].value)
    assert left.is_this


def test_nobody_ends_or_sees_anothers_session(practice):
    owner = entered()
    with acting_as(practice.owner):
        device = Device.objects.get()
    with acting_as(practice.coach), pytest.raises(NotFound):
        end_device(actor=practice.coach, device_id=device.pk)
    signed_in(practice.coach).post(f"/account/devices/{device.pk}/end")
    with acting_as(practice.coach):
        assert devices(practice.coach, "") == []

    assert owner.get(HOME).status_code == 200


def test_a_device_follows_its_session_and_goes_with_it(practice):
    client = entered()
    client.post("/account/confirm", {"identity:with": "password", "identity:password": PASSWORD})
    client.post("/account/password", {"current": PASSWORD, "new": f"{PASSWORD} 2", "again": f"{PASSWORD} 2"})
    with acting_as(practice.owner):
        (device,) = devices(practice.owner, client.cookies["willowbark_session"].value)
        assert device.is_this
    client.post("/sign-out")
    with acting_as(practice.owner):
        assert not Device.objects.exists()


def test_who_lost_theirs_is_let_in_by_the_password_alone_once_the_owner_says_so(practice):
    who = make_staff(practice.owner, role="front_desk", email="fay@practice.test", password=PASSWORD)
    secret = add_app_for(who)
    fay = Client()
    fay.post(DOOR, {"email": "fay@practice.test", "password": PASSWORD})
    fay.post("/sign-in/second-step", {"code": code_of(secret)})
    assert fay.get(HOME).status_code == 200

    owner = signed_in(practice.owner)
    assert "Reset second factor" in owner.get(f"/practice/people/{staff_of(who)}").content.decode()
    owner.post(f"/practice/people/{staff_of(who)}/second-factor/reset")
    assert fay.get(HOME).status_code == 302
    assert fay.post(DOOR, {"email": "fay@practice.test", "password": PASSWORD}).headers["Location"] == HOME
    assert actions(practice, "practice.factors_reset") == [("practice.factors_reset", "web")]


def test_nobody_else_resets_anybodys(practice):
    add_app_for(practice.owner)
    with acting_as(practice.senior), pytest.raises(Forbidden):
        services.reset_factors(actor=practice.senior, staff_id=staff_of(practice.owner))
    with acting_as(practice.owner):
        assert has_second_factor(practice.owner.user_id)


def test_a_session_of_nobody_is_forgotten_after_ten_minutes(practice):
    client = Client()
    client.get("/sign-in/passkey")
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert client.session.get("mfa.webauthn.state") is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Linux"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_as_its_user_knows_it(said, shown):
    assert browser_name(said) == shown
