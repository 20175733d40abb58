from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password
from typer.testing import CliRunner

from willowbark import main
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Reach
from willowbark.foundation.models import AccessEntry, User
from willowbark.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from willowbark.practice.cli import NEW_PASSWORD, app, init
from willowbark.practice.models import Organisation, RoleAssignment, Staff
from willowbark.practice.selectors import actor_for, has_second_factor, user_id_of
from willowbark.practice.testing import (
    OWNER_EMAIL,
    PASSWORD,
    add_app_for,
    practice_of_module,
    quick_passwords,
)

practice, _undone = practice_of_module()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv(NEW_PASSWORD, PASSWORD)
    with quick_passwords():
        yield


def run(command, *arguments, owner=OWNER_EMAIL, **more):
    return CliRunner().invoke(app, [command, "--as", owner, *arguments], **more)


NEW = ("--name", "Ann New", "--email", "ann@practice.test", "--role", "practitioner")


def test_somebody_is_added_by_name_of_the_site(practice):
    done = run("add-staff", *NEW, "--title", "ND", "--reach", "care", "--site", "north")

    assert done.output == "Ann New works here now.\n"
    actor = actor_for(user_id_of("ann@practice.test"), channel="cli")
    (grant,) = actor.grants
    assert (grant.role, grant.reach, grant.site_id) == ("practitioner", Reach.CARE, practice.north)
    assert check_password(PASSWORD, User.objects.get(pk=actor.user_id).password)
    with acting_as(practice.owner):
        written = AccessEntry.objects.get(action="practice.staff_added", subject=str(actor.staff_id))
    assert (written.actor_id, written.channel) == (practice.owner.user_id, "cli")


def test_a_password_is_asked_for_twice_and_never_taken_from_the_command_line(practice, monkeypatch):
    monkeypatch.delenv(NEW_PASSWORD)
    typed = "a typed long password"
    done = run("add-staff", *NEW, input=f"{typed}\n{typed}\n")

    assert done.exit_code == 0
    assert typed not in done.output
    assert check_password(typed, User.objects.get(email="ann@practice.test").password)
    assert run("add-staff", *NEW, "--password", typed).exit_code == 2


def test_people_are_listed_one_a_line(practice):
    lines = run("people").output.splitlines()

    assert "Cleo Coach\t-\t" in lines[0]
    assert lines[0].endswith("\tactive\thealth_coach (patients in their care, North)")
    assert len(lines) == 8


def test_a_role_is_added(practice):
    with acting_as(practice.owner):
        email = User.objects.get(pk=practice.coach.user_id).email
    for _ in range(2):
        done = run("add-role", "--email", email, "--role", "front_desk", "--site", "South")
        assert done.exit_code == 0

    held = RoleAssignment.objects.filter(staff=practice.coach.staff_id, role__code="front_desk")
    assert [(row.reach, row.site_id) for row in held] == [("site", practice.south)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--reach", "planet"), "organisation, site or care"),
        (("--reach", "care"), "a site goes with"),
        (("--reach", "organisation", "--site", "North"), "a site goes with"),
        (("--site", "Nowhere"), "there are: North, South"),
    ],
)
def test_a_reach_that_cannot_be_is_refused_with_what_there_is(practice, arguments, said):
    done = run("add-staff", *NEW, *arguments)

    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("\u2502", " ").split())
    assert not Staff.objects.filter(name="Ann New").exists()


@pytest.mark.parametrize(
    ("command", "owner", "arguments", "refusal"),
    [
        ("people", "nobody@practice.test", (), NotFound),
        ("add-staff", "fay@practice.test", NEW, Forbidden),
        ("add-role", "fay@practice.test", ("--email", OWNER_EMAIL, "--role", "owner"), Forbidden),
        ("add-role", OWNER_EMAIL, ("--email", "nobody@practice.test", "--role", "owner"), NotFound),
        ("add-role", OWNER_EMAIL, ("--email", OWNER_EMAIL, "--role", "wizard"), Invalid),
        ("add-staff", OWNER_EMAIL, (*NEW[:3], OWNER_EMAIL, *NEW[4:]), Conflict),
    ],
)
def test_what_is_not_allowed_or_not_there_is_one_line_for_a_person(
    practice, command, owner, arguments, refusal
):
    run("add-staff", "--name", "Fay", "--email", "fay@practice.test", "--role", "front_desk")
    before = RoleAssignment.objects.count()
    done = run(command, *arguments, owner=owner)

    assert isinstance(done.exception, refusal)
    assert isinstance(done.exception, main.expected_failures())
    assert RoleAssignment.objects.count() == before


@pytest.mark.parametrize(
    ("flags", "roles"),
    [
        ((), ("owner",)),
        (("--treats-patients",), ("owner", "senior_practitioner")),
        (("--treats-no-patients",), ("owner",)),
    ],
)
def test_a_practice_is_opened_by_a_script_that_names_everything(db, monkeypatch, flags, roles):
    import typer

    monkeypatch.setenv("WILLOWBARK_OWNER_PASSWORD", PASSWORD)
    alone = typer.Typer()
    alone.command()(init)
    answers = ("--name", "N", "--site", "S", "--owner-name", "O", "--owner-email", OWNER_EMAIL)
    done = CliRunner().invoke(alone, [*answers, "--jurisdiction", "us", "--time-zone", "UTC", *flags])

    assert done.exit_code == 0, done.output
    assert "N is open" in done.output
    assert Organisation.objects.get().jurisdiction == "US"
    assert Organisation.objects.get().needs_second_factor, "the first sign-in asks for one"
    assert actor_for(user_id_of(OWNER_EMAIL), channel="cli").roles == roles


def test_who_lost_every_factor_is_let_in_again_from_the_machine_and_it_is_logged_as_the_systems_act(practice):
    add_app_for(practice.owner)
    asked = CliRunner().invoke(app, ["reset-second-factor", "--email", OWNER_EMAIL], input="n\n")
    with acting_as(practice.owner):
        assert has_second_factor(practice.owner.user_id), "it was not confirmed"
    done = CliRunner().invoke(app, ["reset-second-factor", "--email", OWNER_EMAIL.upper(), "--yes"])

    assert asked.exit_code == 1
    assert done.output.startswith("Olive Owner had 1, and has none now.")
    with acting_as(practice.owner):
        assert not has_second_factor(practice.owner.user_id)
        entry = AccessEntry.objects.get(action="practice.factors_reset")
    assert (entry.actor_id, entry.channel, entry.subject) == (
        practice.system.user_id,
        "cli",
        str(practice.owner.staff_id),
    )


def test_nobodys_factors_are_reset_under_an_address_that_nobody_has(practice):
    done = CliRunner().invoke(app, ["reset-second-factor", "--email", "nobody@practice.test", "--yes"])

    assert isinstance(done.exception, NotFound)
