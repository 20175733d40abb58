from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.ids import uuid7
from willowbark.foundation.models import AccessEntry, User
from willowbark.foundation.testing import at_once
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.practice import selectors, services
from willowbark.practice.models import Organisation, RoleAssignment, Site, Staff, WorkingHours
from willowbark.practice.roles import role_id, shipped_roles
from willowbark.practice.testing import PASSWORD, again, make_staff, open_for_tests, quick_passwords, staff_of

NINE, NOON, FIVE = time(9), time(12), time(17)

OPENING: dict[str, Any] = {
    "name": "Willow Bend",
    "jurisdiction": "US",
    "time_zone": "America/New_York",
    "site_name": "North",
    "owner_name": "Olive Owner",
    "owner_email": "olive@practice.test",
    "owner_password": PASSWORD,
}


def test_a_practice_opens_with_its_site_and_an_owner_who_manages_it(db):
    opened = open_for_tests()

    assert Organisation.objects.get().pk == opened.organisation_id
    assert Site.objects.get().pk == opened.site_id
    assert opened.owner.roles == ("owner",)
    assert "practice.manage" in opened.owner.permissions


def test_a_practice_opens_once_and_the_second_try_changes_nothing(db):
    open_for_tests()
    with pytest.raises(Conflict):
        open_for_tests(name="Another")

    assert [each.name for each in Organisation.objects.all()] == ["Willow Bend"]
    assert Staff.objects.exclude(title="system").count() == 1


def test_two_people_who_open_a_practice_at_once_get_one_and_a_clear_refusal(fresh_database):
    def opening(number: int) -> str:
        services.open_practice(**OPENING | {"owner_email": f"owner{number}@practice.test"})
        return "opened"

    with quick_passwords():
        outcomes = at_once(2, opening)

    assert set(outcomes) == {"opened", Conflict}
    assert (Organisation.objects.count(), Site.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"site_name": "a\0b"}, "site_name"),
        ({"owner_name": "x" * 101}, "owner_name"),
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"owner_email": "nobody"}, "email"),
        ({"owner_email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.test"}, "email"),
        ({"owner_password": "short"}, "password"),
        ({"owner_password": "passwordpassword1"[:8]}, "password"),
    ],
)
def test_a_practice_that_cannot_be_is_refused_by_name_and_nothing_is_opened(db, wrong, field):
    with pytest.raises(Invalid) as refusal:
        services.open_practice(**OPENING | wrong)

    assert refusal.value.field == field
    assert not Organisation.objects.exists()


def test_before_a_practice_opens_nobody_is_anybody(db):
    with pytest.raises(NotFound):
        selectors.actor_for(uuid7(), channel="web")
    assert selectors.organisation() is None
    assert selectors.demo_people() == []


def test_a_site_is_added_once_by_name(practice):
    with acting_as(practice.owner) as owner:
        west = services.add_site(actor=owner, name="West", time_zone="Europe/Vienna", address="1 High St")
        with pytest.raises(Conflict):
            services.add_site(actor=owner, name="West", time_zone="UTC")
        assert [site.name for site in selectors.sites(owner)] == ["North", "South", "West"]
        assert selectors.get_site(owner, west.pk).address == "1 High St"
        with pytest.raises(NotFound):
            selectors.get_site(owner, uuid7())


def test_an_address_of_a_person_is_theirs_alone_whatever_its_case(practice):
    with acting_as(practice.owner) as owner:
        services.add_staff(actor=owner, name="Ann", email="Ann@Practice.test", password=None)
        with pytest.raises(Conflict):
            services.add_staff(actor=owner, name="Other", email="ann@practice.TEST", password=None)
        assert Staff.objects.filter(name="Other").count() == 0
    assert selectors.user_id_of("ANN@practice.test") is not None
    with pytest.raises(NotFound):
        selectors.user_id_of("nobody@practice.test")


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"email": "no address"}, {"password": "short"}, {"title": "x" * 101}, {"name": "a\0b"}],
)
def test_a_person_who_cannot_be_kept_is_refused_and_no_account_is_left(practice, wrong):
    before = User.objects.count()
    with acting_as(practice.owner) as owner, pytest.raises(Invalid):
        services.add_staff(**{"actor": owner, "name": "Ann", "email": "a@b.test", "password": None} | wrong)
    assert User.objects.count() == before


def test_a_role_given_again_changes_its_reach_alone(practice):
    who = make_staff(practice.owner, role="practitioner", reach=Reach.CARE, site_id=practice.north)
    with acting_as(practice.owner) as owner:
        for reach in (Reach.SITE, Reach.SITE):
            services.assign_role(
                actor=owner, staff_id=staff_of(who), role="practitioner", reach=reach, site_id=practice.north
            )
        assert RoleAssignment.objects.filter(staff=staff_of(who)).count() == 1

    (grant,) = again(who).grants
    assert (grant.role, grant.reach, grant.site_id) == ("practitioner", Reach.SITE, practice.north)


def test_a_role_held_at_two_sites_is_two_grants(practice):
    who = make_staff(practice.owner, role="front_desk", reach=Reach.SITE, site_id=practice.north)
    with acting_as(practice.owner) as owner:
        services.assign_role(
            actor=owner, staff_id=staff_of(who), role="front_desk", reach=Reach.SITE, site_id=practice.south
        )

    assert {grant.site_id for grant in again(who).grants} == {practice.north, practice.south}


@pytest.mark.parametrize(
    ("role", "reach", "at_site", "error"),
    [
        ("wizard", Reach.ORGANISATION, False, Invalid),
        ("system", Reach.ORGANISATION, False, Invalid),
        ("owner", Reach.ORGANISATION, True, Invalid),
        ("practitioner", Reach.CARE, False, Invalid),
        ("practitioner", Reach.SITE, False, Invalid),
    ],
)
def test_a_role_that_cannot_be_held_is_refused(practice, role, reach, at_site, error):
    who = make_staff(practice.owner, role=None)
    with acting_as(practice.owner) as owner, pytest.raises(error):
        services.assign_role(
            actor=owner,
            staff_id=staff_of(who),
            role=role,
            reach=reach,
            site_id=practice.north if at_site else None,
        )
    assert again(who).grants == ()


def test_roles_are_given_to_people_and_sites_that_are_there(practice):
    with acting_as(practice.owner) as owner:
        for staff_id, site_id in ((uuid7(), practice.north), (staff_of(practice.coach), uuid7())):
            with pytest.raises(NotFound):
                services.assign_role(
                    actor=owner, staff_id=staff_id, role="front_desk", reach=Reach.SITE, site_id=site_id
                )
            with pytest.raises(NotFound):
                services.set_working_hours(actor=owner, staff_id=staff_id, site_id=site_id, hours=[])


def test_a_role_that_is_taken_away_permits_nothing_from_that_moment(practice):
    with acting_as(practice.owner) as owner:
        held = RoleAssignment.objects.get(staff=staff_of(practice.front_desk))
        services.take_role_away(actor=owner, assignment_id=held.pk)
        with pytest.raises(NotFound):
            services.take_role_away(actor=owner, assignment_id=held.pk)

    assert again(practice.front_desk).permissions == frozenset()


def test_the_last_who_manages_the_practice_cannot_lock_everybody_out(practice):
    with acting_as(practice.owner) as owner:
        held = RoleAssignment.objects.get(role=role_id("owner"))
        with pytest.raises(Conflict):
            services.take_role_away(actor=owner, assignment_id=held.pk)
        services.assign_role(
            actor=owner, staff_id=staff_of(practice.senior), role="owner", reach=Reach.ORGANISATION
        )
        services.take_role_away(actor=owner, assignment_id=held.pk)
    assert "practice.manage" not in again(practice.owner).permissions


def test_a_week_is_replaced_as_a_whole_and_kept_per_site(practice):
    staff_id = staff_of(practice.coach)

    def hours(site_id) -> list[tuple[int, time, time]]:
        rows = WorkingHours.objects.filter(staff=staff_id, site=site_id).order_by("weekday", "starts")
        return [(row.weekday, row.starts, row.ends) for row in rows]

    with acting_as(practice.owner) as owner:
        for site_id, week in (
            (practice.north, [(0, NINE, NOON), (0, NOON, FIVE), (4, NINE, FIVE)]),
            (practice.south, [(1, NINE, FIVE)]),
            (practice.north, [(2, NINE, NOON)]),
        ):
            services.set_working_hours(actor=owner, staff_id=staff_id, site_id=site_id, hours=week)

        assert hours(practice.north) == [(2, NINE, NOON)]
        assert hours(practice.south) == [(1, NINE, FIVE)]


@pytest.mark.parametrize(
    "week",
    [
        [(7, NINE, NOON)],
        [(-1, NINE, NOON)],
        [(0, NOON, NINE)],
        [(0, NINE, NINE)],
        [(0, NINE, FIVE), (0, NOON, FIVE)],
        [(0, NINE, NOON), (0, NINE, NOON)],
    ],
)
def test_hours_that_nobody_can_work_are_refused_and_the_old_ones_stand(practice, week):
    who = {"staff_id": staff_of(practice.coach), "site_id": practice.north}
    with acting_as(practice.owner) as owner:
        services.set_working_hours(actor=owner, **who, hours=[(3, NINE, FIVE)])
        with pytest.raises(Invalid):
            services.set_working_hours(actor=owner, **who, hours=week)
        assert [row.weekday for row in WorkingHours.objects.filter(staff=who["staff_id"])] == [3]


@pytest.mark.parametrize("role", [role for role in shipped_roles() if role not in {"owner", "system"}])
def test_only_who_manages_the_practice_changes_it(practice, role):
    actor = practice.by_role[role]
    with acting_as(actor):
        held = RoleAssignment.objects.get(staff=staff_of(actor))
        for change in (
            lambda: services.add_site(actor=actor, name="West", time_zone="UTC"),
            lambda: services.add_staff(actor=actor, name="X", email="x@x.test", password=None),
            lambda: services.assign_role(
                actor=actor, staff_id=staff_of(actor), role="owner", reach=Reach.ORGANISATION
            ),
            lambda: services.take_role_away(actor=actor, assignment_id=held.pk),
            lambda: services.set_working_hours(
                actor=actor, staff_id=staff_of(actor), site_id=practice.north, hours=[]
            ),
        ):
            with pytest.raises(Forbidden):
                change()
    assert again(actor).grants == actor.grants


def test_each_change_of_the_practice_is_written_into_the_access_log(practice):
    with acting_as(practice.owner) as owner:
        start = AccessEntry.objects.count()
        staff = services.add_staff(actor=owner, name="Ann", email="ann@x.test", password=None)
        services.assign_role(actor=owner, staff_id=staff.pk, role="owner", reach=Reach.ORGANISATION)
        services.add_site(actor=owner, name="West", time_zone="UTC")
        logged = list(AccessEntry.objects.order_by("at", "id").values_list("action", "outcome"))[start:]

    assert logged == [
        ("practice.staff_added", "written"),
        ("practice.role_assigned", "written"),
        ("practice.site_added", "written"),
    ]


def test_who_holds_no_role_reads_nothing_of_the_practice(practice):
    nobody = make_staff(practice.owner, role=None)
    with acting_as(nobody):
        for read in (selectors.sites, selectors.staff):
            with pytest.raises(Forbidden):
                read(nobody)


def test_the_names_of_those_who_wrote_are_found_in_one_question(practice):
    people = {practice.coach.user_id: "Cleo Coach", practice.owner.user_id: "Olive Owner"}
    assert selectors.names_of_users({*people, uuid7()}) == people
    assert selectors.names_of_users(set()) == {}


def test_a_demo_offers_one_person_of_each_role_and_a_real_practice_nobody(practice):
    assert selectors.demo_people() == []
    with acting_as(practice.owner):
        Organisation.objects.update(is_demo=True)

    people = {person.role_code: person.name for person in selectors.demo_people()}
    assert set(people) == set(shipped_roles()) - {"system"}
    assert people["health_coach"] == "Cleo Coach"
