"""What the pages of the practice make of a form, and how they answer."""

from __future__ import annotations

import json
import re
from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.practice import services
from willowbark.practice.models import RoleAssignment, Site, Staff, WorkingHours
from willowbark.practice.testing import PASSWORD, again, make_staff, quick_passwords, signed_in, staff_of

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


@pytest.fixture
def owner(practice) -> Client:
    return signed_in(practice.owner)


@pytest.fixture
def who(practice):
    """Somebody at the north site's desk."""
    return make_staff(
        practice.owner, role="front_desk", reach=Reach.SITE, site_id=practice.north, name="Vic Visible"
    )


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def url(name, person) -> str:
    return reverse(f"practice:{name}", args=[staff_of(person)])


def error_of(answer, field) -> str:
    found = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', answer.content.decode(), re.DOTALL)
    return found.group(1) if found else ""


def form(practice, **said):
    known = {
        "name": "Ann New",
        "title": "Coach",
        "email": "ann@practice.test",
        "role": "health_coach",
        "where": f"care:{practice.north}",
        "password": PASSWORD,
        "request_key": str(uuid7()),
    }
    return {**known, **said}


def test_people_are_shown_with_roles_reach_and_week_in_words(practice, owner):
    with acting_as(practice.owner) as actor:
        services.set_working_hours(
            actor=actor,
            staff_id=staff_of(practice.practitioner),
            site_id=practice.north,
            hours=[(day, time(9), time(17)) for day in range(3)],
        )
    shown = text(owner.get("/practice"))

    assert "Practitioner patients in their care, North" in shown
    assert "Senior practitioner whole practice" in shown
    assert "North: Mon to Wed 09:00 to 17:00" in shown
    assert "Never signed in" in shown or "No password" in shown
    assert "Willowbark, system" not in shown


def test_a_day_on_which_nobody_works_leads_to_the_next_on_which_somebody_does(practice, owner):
    sunday = {"date": "2026-11-22"}
    assert "works again on" not in owner.get("/", sunday).content.decode()
    with acting_as(practice.owner) as actor:
        services.set_working_hours(
            actor=actor,
            staff_id=staff_of(practice.practitioner),
            site_id=practice.north,
            hours=[(day, time(9), time(17)) for day in (1, 2)],
        )
    assert '<a href="/?date=2026-11-24">Tuesday 24 November</a>' in owner.get("/", sunday).content.decode()


def test_colleagues_see_people_without_what_changes_them(practice, who):
    coach = signed_in(practice.coach)
    people, person = coach.get("/practice").content.decode(), coach.get(url("person", who)).content.decode()

    assert "Vic Visible" in people
    assert "<form" not in re.sub(r"(?s)<header class=\"bar\".*?</header>", "", people + person)
    assert "@practice.test" not in people + person


def test_somebody_is_added_and_their_page_is_next(practice, owner):
    answer = owner.post("/practice/people/new", form(practice))

    staff = Staff.objects.get(name="Ann New")
    assert answer.headers["Location"] == reverse("practice:person", args=[staff.pk])
    assert "Health coach patients in their care, North" in text(owner.get(answer.headers["Location"]))


def test_a_form_sent_twice_leads_to_the_same_person(practice, owner):
    said = form(practice)
    first, second = (owner.post("/practice/people/new", said) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert Staff.objects.filter(name="Ann New").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"name": ""}, "name", "The name is empty."),
        ({"email": "ann"}, "email", "&#x27;ann&#x27; is not an e-mail address."),
        (
            {"email": "olive.owner@practice.test"},
            "email",
            "Somebody has the address olive.owner@practice.test already.",
        ),
        ({"role": ""}, "role", "Choose a role."),
        ({"role": "wizard"}, "role", "Choose a role."),
        ({"where": ""}, "where", "Choose for whom."),
        ({"where": "care:nowhere"}, "where", "Choose for whom."),
        ({"role": "owner"}, "where", "Owner / practice manager: this role is for the whole practice."),
        (
            {"password": "short"},
            "password",
            "This password is too short. It must contain at least 12 characters.",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(practice, owner, wrong, field, said):
    answer = owner.post("/practice/people/new", form(practice, **wrong))

    assert answer.status_code == 422
    assert error_of(answer, field) == said
    page = answer.content.decode()
    assert 'value="Coach"' in page
    assert PASSWORD not in page
    assert not Staff.objects.filter(name="Ann New").exists()


def test_a_role_is_given_and_a_wrong_one_is_said(practice, owner, who):
    given = owner.post(url("give_role", who), {"role": "dispensary", "where": f"site:{practice.south}"})
    wrong = owner.post(url("give_role", who), {"role": "owner", "where": f"site:{practice.south}"})

    assert given.status_code == 302
    assert (wrong.status_code, "whole practice" in error_of(wrong, "where")) == (422, True)
    assert again(who).roles == ("dispensary", "front_desk")


def test_a_role_that_is_taken_away_in_place_can_be_given_back_with_one_click(practice, owner, who):
    (held,) = RoleAssignment.objects.filter(staff=staff_of(who))
    answer = owner.post(url("take_role", who), {"assignment": str(held.pk)}, headers=HTMX)

    assert again(who).roles == ()
    assert answer.content.decode().lstrip().startswith('<section class="card" id="roles"')
    said = json.loads(answer.headers["HX-Trigger"])["willow:toast"]
    assert said["text"] == "Front desk: taken away."
    undone = owner.post(said["undo_url"], headers=HTMX)
    assert (undone.status_code, undone.headers["HX-Refresh"]) == (204, "true")
    assert again(who).grants == who.grants


def test_a_role_is_taken_away_without_scripts_too(practice, owner, who):
    (held,) = RoleAssignment.objects.filter(staff=staff_of(who))
    answer = owner.post(url("take_role", who), {"assignment": str(held.pk)})

    assert answer.headers["Location"].startswith(url("person", who))
    assert "The role is taken away" in text(owner.get(answer.headers["Location"]))
    assert owner.post(url("take_role", who), {"assignment": str(held.pk)}).status_code == 404
    assert owner.post(url("take_role", who), {"assignment": "nonsense"}).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_the_last_owner_is_told_why_the_role_stays(practice, owner, headers):
    held = RoleAssignment.objects.get(staff=staff_of(practice.owner))
    answer = owner.post(url("take_role", practice.owner), {"assignment": str(held.pk)}, headers=headers)

    assert answer.status_code == 422
    assert "this is the last person who can" in text(answer)
    assert ("<html" in answer.content.decode()) is (not headers)
    refused = owner.post(url("active", practice.owner), {"active": "0"})
    assert (refused.status_code, "last person" in text(refused)) == (422, True)
    assert again(practice.owner).grants == practice.owner.grants


def test_an_owner_who_steps_back_is_led_home(practice, owner):
    make_staff(practice.owner, role="owner")
    held = RoleAssignment.objects.get(staff=staff_of(practice.owner))
    answer = owner.post(url("take_role", practice.owner), {"assignment": str(held.pk)})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert owner.get("/practice").status_code == 404


def test_whoever_is_deactivated_is_out_with_their_next_click_and_in_again_when_reactivated(
    practice, owner, who
):
    desk = signed_in(who)
    assert desk.get("/patients").status_code == 200
    owner.post(url("active", who), {"active": "0"})

    assert desk.get("/patients").headers["Location"].startswith("/sign-in")
    assert "is deactivated" in text(owner.get(url("person", who)))
    assert "Deactivated" in text(owner.get("/practice"))
    owner.post(url("active", who), {"active": "1"})
    assert signed_in(who).get("/patients").status_code == 200


def test_a_week_is_kept_as_typed(practice, owner, who):
    typed = {"site": str(practice.south), "day0_0_from": "08:30", "day0_0_to": "12:30"}
    answer = owner.post(url("hours", who), {**typed, "day0_1_from": "13:15", "day0_1_to": "17:00"})

    kept = WorkingHours.objects.filter(staff=staff_of(who), site=practice.south).order_by("starts")
    assert [(row.weekday, row.starts, row.ends) for row in kept] == [
        (0, time(8, 30), time(12, 30)),
        (0, time(13, 15), time(17)),
    ]
    page = owner.get(answer.headers["Location"]).content.decode()
    assert 'name="day0_1_from" value="13:15"' in page
    assert "Save the week at South" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day1_0_from": "09:00"}, "Tuesday: a time is missing."),
        ({"day1_0_from": "12:00", "day1_0_to": "09:00"}, "Tuesday: 12:00 to 09:00 is no working time."),
        (
            {"day1_0_from": "09:00", "day1_0_to": "13:00", "day1_1_from": "12:00", "day1_1_to": "15:00"},
            "Tuesday: the hours overlap.",
        ),
    ],
)
def test_a_week_that_cannot_be_is_said_at_its_day_and_nothing_is_lost(practice, owner, who, typed, said):
    friday = {"day4_0_from": "10:00", "day4_0_to": "11:00"}
    answer = owner.post(url("hours", who), {"site": str(practice.south), **friday, **typed})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"<span>{said}</span>" in page
    assert 'name="day4_0_from" value="10:00"' in page
    assert "Save the week at South" in page
    assert not WorkingHours.objects.filter(staff=staff_of(who)).exists()


def test_details_are_corrected_and_what_is_wrong_is_said(practice, owner, who):
    wrong = owner.post(url("details", who), {"name": "", "title": "", "email": "vic@practice.test"})
    taken = owner.post(url("details", who), {"name": "V", "title": "", "email": "OLIVE.OWNER@practice.test"})
    right = owner.post(url("details", who), {"name": "Vic V", "title": "Desk", "email": "vic@practice.test"})

    assert (wrong.status_code, error_of(wrong, "name")) == (422, "The name is empty.")
    assert (taken.status_code, "Somebody else has" in error_of(taken, "email")) == (422, True)
    assert "Saved." in text(owner.get(right.headers["Location"]))
    assert Staff.objects.get(pk=staff_of(who)).name == "Vic V"


def test_a_new_password_signs_them_out_and_lets_them_in(practice, owner):
    who = make_staff(practice.owner, role="front_desk", email="vic@practice.test", password=PASSWORD)
    desk, door = Client(), {"email": "vic@practice.test"}
    desk.post("/sign-in", {**door, "password": PASSWORD})
    assert owner.post(url("password", who), {"password": "short"}).status_code == 422
    assert desk.get("/patients").status_code == 200
    owner.post(url("password", who), {"password": "another long one"})

    assert desk.get("/patients").status_code == 302
    assert desk.post("/sign-in", {**door, "password": PASSWORD}).status_code == 401
    assert desk.post("/sign-in", {**door, "password": "another long one"}).status_code == 302


def test_a_site_is_added_once_and_what_is_wrong_is_said(practice, owner):
    said = {"name": "West", "address": "1 High St", "time_zone": "UTC", "request_key": str(uuid7())}
    for _ in range(2):
        assert owner.post("/practice/sites/new", said).headers["Location"] == "/practice/sites"
    key = {"request_key": str(uuid7())}
    doubled = owner.post("/practice/sites/new", {**said, **key})
    wrong = owner.post("/practice/sites/new", {**said, **key, "name": "East", "time_zone": "Mars"})

    assert Site.objects.filter(name="West").count() == 1
    assert "1 High St" in text(owner.get("/practice/sites"))
    assert (doubled.status_code, "already" in error_of(doubled, "name")) == (422, True)
    assert (wrong.status_code, "is not a time zone" in error_of(wrong, "time_zone")) == (422, True)


def test_the_practice_is_in_the_navigation_of_whoever_manages_it(practice, owner):
    assert 'data-area="practice"' in owner.get("/").content.decode()
    assert 'data-area="practice"' not in signed_in(practice.front_desk).get("/").content.decode()
    assert 'data-area="day"' in signed_in(practice.front_desk).get("/").content.decode()
