from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import ActorKind, Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, User
from willowbark.foundation.testing import all_at_once, at_once
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RequestKeyReused
from willowbark.practice import selectors, services
from willowbark.practice.models import RoleAssignment, Site, Staff
from willowbark.practice.roles import SYSTEM_STAFF_ID, role_id
from willowbark.practice.services import NewColleague
from willowbark.practice.testing import (
    PASSWORD,
    again,
    make_practice,
    make_staff,
    open_for_tests,
    quick_passwords,
    staff_of,
)


@pytest.fixture(autouse=True)
def _quick():
    with quick_passwords():
        yield


def colleague(practice, **said) -> NewColleague:
    known = {"name": "Ann New", "email": "ann@practice.test", "password": PASSWORD, "role": "practitioner"}
    return NewColleague(**{**known, "reach": Reach.CARE, "site_id": practice.north, **said})


def hire(practice, key, **said) -> Staff:
    with acting_as(practice.owner) as owner:
        return services.hire(actor=owner, new=colleague(practice, **said), request_key=key)


def holding(role: str) -> RoleAssignment:
    return RoleAssignment.objects.get(role=role_id(role), staff__name="Olive Owner")


def test_somebody_new_has_an_account_a_password_and_a_role(practice):
    staff = hire(practice, uuid7(), title="Naturopathic doctor")

    user = User.objects.get(pk=staff.user_id)
    assert (user.email, staff.title) == ("ann@practice.test", "Naturopathic doctor")
    assert check_password(PASSWORD, user.password)
    (grant,) = selectors.actor_for(staff.user_id, channel="web").grants
    assert (grant.role, grant.reach, grant.site_id) == ("practitioner", Reach.CARE, practice.north)


def test_the_same_form_sent_again_adds_nobody(practice):
    key = uuid7()
    first = hire(practice, key)
    before = (Staff.objects.count(), User.objects.count(), RoleAssignment.objects.count())

    assert hire(practice, key).pk == first.pk == key
    with pytest.raises(RequestKeyReused):
        hire(practice, key, email="other@practice.test")
    assert (Staff.objects.count(), User.objects.count(), RoleAssignment.objects.count()) == before


def test_the_same_form_sent_twice_at_once_adds_somebody_once(fresh_database):
    practice, key = make_practice(), uuid7()
    assert at_once(2, lambda _: hire(practice, key).pk) == [key, key]
    assert Staff.objects.filter(name="Ann New").count() == 1
    assert RoleAssignment.objects.filter(staff=key).count() == 1


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": ""}, Invalid),
        ({"email": "nobody"}, Invalid),
        ({"email": "OLIVE.owner@practice.test"}, Conflict),
        ({"password": "short"}, Invalid),
        ({"role": "wizard"}, Invalid),
        ({"role": "owner"}, Invalid),
        ({"reach": Reach.ORGANISATION}, Invalid),
        ({"site_id": uuid7()}, NotFound),
    ],
)
def test_somebody_who_cannot_be_added_leaves_nothing_behind(practice, wrong, error):
    before = (Staff.objects.count(), User.objects.count())
    with pytest.raises(error):
        hire(practice, uuid7(), **wrong)
    assert (Staff.objects.count(), User.objects.count()) == before


def test_a_site_is_added_once_for_a_form_and_not_under_another_name(practice):
    key = uuid7()
    with acting_as(practice.owner) as owner:
        who: dict[str, Any] = {"actor": owner, "time_zone": "UTC", "request_key": key}
        first = services.add_site(**who, name="West ")
        assert services.add_site(**who, name="West").pk == first.pk == key
        with pytest.raises(RequestKeyReused):
            services.add_site(**who, name="East")
        assert Site.objects.filter(name__in=["West", "East"]).count() == 1


def test_a_name_and_an_address_can_be_corrected(practice):
    who = staff_of(practice.coach)
    with acting_as(practice.owner) as owner:
        services.change_details(
            actor=owner, staff_id=who, name=" Cleo Hart ", email="cleo@practice.test", title="Coach"
        )
        shown = selectors.colleague(owner, who)
        with pytest.raises(Conflict):
            services.change_details(actor=owner, staff_id=who, name="Cleo", email="OLIVE.owner@practice.test")
        with pytest.raises(Invalid):
            services.change_details(actor=owner, staff_id=who, name="", email="cleo@practice.test")
        assert selectors.colleague(owner, who) == shown

    assert (shown.name, shown.email, shown.title) == ("Cleo Hart", "cleo@practice.test", "Coach")


def test_the_owners_role_is_for_the_whole_practice(practice):
    who = make_staff(practice.owner, role=None)
    for reach in (Reach.SITE, Reach.CARE):
        with acting_as(practice.owner) as owner, pytest.raises(Invalid) as refusal:
            services.assign_role(
                actor=owner, staff_id=staff_of(who), role="owner", reach=reach, site_id=practice.north
            )
        assert refusal.value.field == "reach"
    assert again(who).grants == ()


def test_whoever_is_deactivated_is_nobody_and_reactivated_is_who_they_were(practice):
    who = practice.front_desk
    with acting_as(practice.owner) as owner:
        for _ in range(2):
            services.set_active(actor=owner, staff_id=staff_of(who), is_active=False)
    with pytest.raises(NotFound):
        again(who)
    with acting_as(practice.owner) as owner:
        assert not selectors.colleague(owner, staff_of(who)).is_active
        services.set_active(actor=owner, staff_id=staff_of(who), is_active=True)
        done = list(
            AccessEntry.objects.filter(action__contains="activated", subject=str(staff_of(who)))
            .order_by("at", "id")
            .values_list("action", flat=True)
        )

    assert again(who).grants == who.grants
    assert done == ["practice.staff_deactivated", "practice.staff_reactivated"]


def test_the_system_itself_is_neither_shown_nor_deactivated_nor_given_a_password(practice):
    with acting_as(practice.owner) as owner:
        for change in (
            lambda: services.set_active(actor=owner, staff_id=SYSTEM_STAFF_ID, is_active=False),
            lambda: services.set_password(actor=owner, staff_id=SYSTEM_STAFF_ID, password=PASSWORD),
            lambda: services.change_details(
                actor=owner, staff_id=SYSTEM_STAFF_ID, name="X", email="x@x.test"
            ),
            lambda: selectors.colleague(owner, SYSTEM_STAFF_ID),
            lambda: services.set_active(actor=owner, staff_id=uuid7(), is_active=False),
        ):
            with pytest.raises(NotFound):
                change()
        assert SYSTEM_STAFF_ID not in {each.staff_id for each in selectors.colleagues(owner)}


def test_the_system_gets_no_role_and_keeps_its_own(practice):
    with acting_as(practice.owner) as owner:
        own = RoleAssignment.objects.get(staff=SYSTEM_STAFF_ID)
        with pytest.raises(NotFound):
            services.take_role_away(actor=owner, assignment_id=own.pk)
        with pytest.raises(NotFound):
            services.assign_role(
                actor=owner, staff_id=SYSTEM_STAFF_ID, role="owner", reach=Reach.ORGANISATION
            )
        assert list(RoleAssignment.objects.filter(staff=SYSTEM_STAFF_ID)) == [own]


def test_an_agent_that_manages_the_practice_is_nobody_to_leave_it_to(practice):
    with acting_as(practice.owner) as owner:
        agent = services.add_staff(
            actor=owner, name="Agent", email="agent@x.test", password=None, kind=ActorKind.AGENT
        )
        services.assign_role(actor=owner, staff_id=agent.pk, role="owner", reach=Reach.ORGANISATION)
        with pytest.raises(Conflict):
            services.take_role_away(actor=owner, assignment_id=holding("owner").pk)


def test_the_last_who_manages_the_practice_is_neither_deactivated_nor_stripped_of_the_role(practice):
    with acting_as(practice.owner) as owner:
        for change in (
            lambda: services.set_active(actor=owner, staff_id=staff_of(owner), is_active=False),
            lambda: services.take_role_away(actor=owner, assignment_id=holding("owner").pk),
        ):
            with pytest.raises(Conflict, match="last person"):
                change()
    assert "practice.manage" in again(practice.owner).permissions


def test_somebody_who_manages_but_is_deactivated_does_not_count(practice):
    second = make_staff(practice.owner, role="owner")
    with acting_as(practice.owner) as owner:
        services.set_active(actor=owner, staff_id=staff_of(second), is_active=False)
        with pytest.raises(Conflict):
            services.set_active(actor=owner, staff_id=staff_of(owner), is_active=False)


def managers() -> int:
    return RoleAssignment.objects.filter(role=role_id("owner"), staff__is_active=True).count()


@pytest.mark.parametrize("each_other", [False, True], ids=["themselves", "each other"])
def test_two_owners_who_leave_at_once_do_not_leave_the_practice_to_nobody(fresh_database, each_other):
    """One by losing the role, the other by being deactivated: two tables, one rule."""
    first = open_for_tests().owner
    second = make_staff(first, role="owner")
    for _ in range(4):
        with acting_as(first if managers() == 2 else again(first)) as owner:
            held = RoleAssignment.objects.get(staff=staff_of(first), role=role_id("owner"))
        by_one, by_other = (second, first) if each_other else (first, second)

        def demote(actor=by_one, held=held.pk) -> None:
            with acting_as(actor):
                services.take_role_away(actor=actor, assignment_id=held)

        def deactivate(actor=by_other) -> None:
            with acting_as(actor):
                services.set_active(actor=actor, staff_id=staff_of(second), is_active=False)

        outcomes = all_at_once(demote, deactivate)

        assert managers() == 1, outcomes
        assert outcomes.count(None) == 1
        left = first if RoleAssignment.objects.filter(pk=held.pk).exists() else second
        with acting_as(again(left)) as owner:
            services.set_active(actor=owner, staff_id=staff_of(second), is_active=True)
            services.assign_role(
                actor=owner, staff_id=staff_of(first), role="owner", reach=Reach.ORGANISATION
            )


def test_a_new_password_from_the_owner_takes_the_place_of_the_old_one(practice):
    who = make_staff(practice.owner, role="front_desk", password=PASSWORD)
    with acting_as(practice.owner) as owner:
        with pytest.raises(Invalid):
            services.set_password(actor=owner, staff_id=staff_of(who), password="short")
        services.set_password(actor=owner, staff_id=staff_of(who), password="another long one")
        assert AccessEntry.objects.filter(action="practice.password_set").count() == 1

    kept = User.objects.get(pk=who.user_id).password
    assert check_password("another long one", kept)
    assert not check_password(PASSWORD, kept)


@pytest.mark.parametrize("role", ["senior_practitioner", "front_desk"])
def test_only_who_manages_the_practice_changes_its_people(practice, role):
    actor = practice.by_role[role]
    who = {"actor": actor, "staff_id": staff_of(practice.coach)}
    with acting_as(actor):
        for change in (
            lambda: services.hire(actor=actor, new=colleague(practice), request_key=uuid7()),
            lambda: services.change_details(**who, name="X", email="x@x.test"),
            lambda: services.set_active(**who, is_active=False),
            lambda: services.set_password(**who, password=PASSWORD),
            lambda: selectors.held_role(actor, uuid7()),
            lambda: selectors.staff_id_of(actor, "olive.owner@practice.test"),
        ):
            with pytest.raises(Forbidden):
                change()


def test_colleagues_see_who_works_with_them_and_the_owner_sees_more(practice):
    with acting_as(practice.owner) as owner:
        services.set_active(actor=owner, staff_id=staff_of(practice.other_practitioner), is_active=False)
        services.set_working_hours(
            actor=owner,
            staff_id=staff_of(practice.coach),
            site_id=practice.north,
            hours=[(0, time(9), time(12))],
        )
        by_owner = {each.name: each for each in selectors.colleagues(owner)}
    with acting_as(practice.coach) as coach:
        by_coach = {each.name: each for each in selectors.colleagues(coach)}
        mine = selectors.myself(coach)
        with pytest.raises(NotFound):
            selectors.colleague(coach, staff_of(practice.other_practitioner))

    assert set(by_owner) - set(by_coach) == {"Otto Other"}
    assert by_owner["Olive Owner"].email
    assert by_owner["Olive Owner"].has_password
    assert (by_coach["Olive Owner"].email, by_coach["Olive Owner"].has_password) == ("", False)
    assert mine.email
    assert [(held.role_code, held.site_name) for held in mine.roles] == [("health_coach", "North")]
    assert [(span.weekday, span.site_name) for span in mine.week] == [(0, "North")]


def test_who_may_care_for_patients_is_who_reads_of_them(practice):
    with acting_as(practice.front_desk) as desk:
        offered = {each.name: each.may_be_primary for each in selectors.caregivers(desk)}

    assert offered == {
        "Sage Senior": True,
        "Pia Practitioner": True,
        "Otto Other": True,
        "Eve Everywhere": True,
        "Cleo Coach": False,
        "Dan Dispensary": False,
    }


def test_an_owner_who_treats_patients_is_a_senior_practitioner_of_the_first_site(db):
    opened = services.open_practice(
        name="Small",
        jurisdiction="EU",
        time_zone="Europe/Vienna",
        site_name="Only",
        owner_name="Dr. Alone",
        owner_email="alone@practice.test",
        owner_password=PASSWORD,
        owner_treats_patients=True,
    )

    held = {(grant.role, grant.reach, grant.site_id) for grant in opened.owner.grants}
    assert held == {
        ("owner", Reach.ORGANISATION, None),
        ("senior_practitioner", Reach.SITE, opened.site_id),
    }
