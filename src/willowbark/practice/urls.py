"""Addresses of the practice's pages."""

from django.urls import path

from willowbark.practice.web import (
    account,
    confirming,
    day,
    devices,
    door,
    factors,
    people,
    person,
    policy,
    sites,
)

app_name = "practice"
_PERSON = "practice/people/<uuid:staff_id>"
urlpatterns = [
    path("", day.day, name="day"),
    path("sign-in", door.sign_in_page, name="sign_in"),
    path("sign-in/second-step", door.second_step, name="second_step"),
    path("sign-in/passkey", door.passkey, name="passkey"),
    path("sign-in/demo", door.demo_sign_in_page, name="demo_sign_in"),
    path("sign-out", door.sign_out_page, name="sign_out"),
    path("account", account.account, name="account"),
    path("account/confirm", confirming.confirm, name="confirm"),
    path("account/confirm/passkey", confirming.passkey_asked, name="passkey_asked"),
    path("account/second-factor", factors.second_factor, name="second_factor"),
    path("account/second-factor/app", factors.add_app_page, name="add_app"),
    path("account/second-factor/passkey", factors.add_passkey_page, name="add_passkey"),
    path("account/second-factor/passkey/asked", factors.new_passkey_asked, name="new_passkey_asked"),
    path("account/second-factor/<int:factor_id>/name", factors.rename, name="rename_factor"),
    path("account/second-factor/<int:factor_id>/remove", factors.remove, name="remove_factor"),
    path("account/notices/known", factors.known, name="know_of_notices"),
    path("account/recovery-codes", factors.recovery_codes, name="recovery_codes"),
    path("account/devices/others/end", devices.end_others_page, name="end_other_devices"),
    path("account/devices/<uuid:device_id>/end", devices.end_one, name="end_device"),
    path("account/password", account.own_password, name="own_password"),
    path("practice", people.people, name="people"),
    path("practice/people/new", people.new_person, name="new_person"),
    path(_PERSON, person.person, name="person"),
    path(f"{_PERSON}/details", person.details, name="details"),
    path(f"{_PERSON}/roles", person.give_role, name="give_role"),
    path(f"{_PERSON}/roles/take", person.take_role, name="take_role"),
    path(f"{_PERSON}/hours", person.hours, name="hours"),
    path(f"{_PERSON}/password", person.password, name="password"),
    path(f"{_PERSON}/second-factor/reset", person.reset_second_factor, name="reset_factors"),
    path(f"{_PERSON}/active", person.active, name="active"),
    path("practice/signing-in", policy.signing_in, name="signing_in"),
    path("practice/signing-in/asked", policy.ask, name="ask_second_factor"),
    path("practice/sites", sites.sites, name="sites"),
    path("practice/sites/new", sites.new_site, name="new_site"),
]
