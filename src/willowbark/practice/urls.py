"""Addresses of the practice's pages."""

from django.urls import path

from willowbark.practice.web import account, confirming, day, door, people, person, sites

app_name = "practice"
_PERSON = "practice/people/<uuid:staff_id>"
urlpatterns = [
    path("", day.day, name="day"),
    path("sign-in", door.sign_in_page, name="sign_in"),
    path("sign-in/demo", door.demo_sign_in_page, name="demo_sign_in"),
    path("sign-out", door.sign_out_page, name="sign_out"),
    path("account", account.account, name="account"),
    path("account/confirm", confirming.confirm, name="confirm"),
    path("account/password", account.own_password, name="own_password"),
    path("practice", people.people, name="people"),
    path("practice/people/new", people.new_person, name="new_person"),
    path(_PERSON, person.person, name="person"),
    path(f"{_PERSON}/details", person.details, name="details"),
    path(f"{_PERSON}/roles", person.give_role, name="give_role"),
    path(f"{_PERSON}/roles/take", person.take_role, name="take_role"),
    path(f"{_PERSON}/hours", person.hours, name="hours"),
    path(f"{_PERSON}/password", person.password, name="password"),
    path(f"{_PERSON}/active", person.active, name="active"),
    path("practice/sites", sites.sites, name="sites"),
    path("practice/sites/new", sites.new_site, name="new_site"),
]
