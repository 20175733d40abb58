"""Open a real practice, and say who works there, from the command line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from uuid import UUID

    from willowbark.foundation.authorisation import Actor

app = typer.Typer(
    help="Say who works in the practice, and as what. (The pages under Practice do the same.)",
    add_completion=False,
    no_args_is_help=True,
)

NEW_PASSWORD = "WILLOWBARK_NEW_PASSWORD"  # noqa: S105 - the name of a variable, not a password

ActingAs = Annotated[str, typer.Option("--as", help="E-mail address of the owner as whom this is done.")]
RoleCode = Annotated[
    str,
    typer.Option(
        prompt="Role",
        help="owner, senior_practitioner, practitioner, health_coach, front_desk or dispensary.",
    ),
]
ReachName = Annotated[str, typer.Option(help="organisation, site, or care (the patients in their care).")]
SiteName = Annotated[str, typer.Option(help="Name of the site; not for the reach organisation.")]


def init(
    name: Annotated[str, typer.Option(prompt="Name of the practice")],
    site: Annotated[str, typer.Option(prompt="Name of its first site")],
    owner_name: Annotated[str, typer.Option(prompt="Your name")],
    owner_email: Annotated[str, typer.Option(prompt="Your e-mail address")],
    jurisdiction: Annotated[str, typer.Option(prompt="Jurisdiction (US or EU)")] = "US",
    time_zone: Annotated[str, typer.Option(prompt="Time zone")] = "America/New_York",
    treats_patients: Annotated[
        bool | None,
        typer.Option(
            "--treats-patients/--treats-no-patients",
            help="Whether you treat patients yourself: you are a senior practitioner of the first site too.",
            show_default="asked at a terminal, else no",
        ),
    ] = None,
    password: Annotated[
        str,
        typer.Option(
            prompt="Password (12 characters or more)",
            hide_input=True,
            confirmation_prompt=True,
            envvar="WILLOWBARK_OWNER_PASSWORD",
        ),
    ] = "",
) -> None:
    """Open a real, empty practice: you are its owner, and nobody else has an account."""
    from willowbark.kernel.errors import DomainError
    from willowbark.practice.services import open_practice

    if treats_patients is None:
        # A script that names everything else is not stopped by a question that it does not know.
        treats_patients = sys.stdin.isatty() and typer.confirm("Do you treat patients yourself?")
    try:
        open_practice(
            name=name,
            jurisdiction=jurisdiction.upper(),
            time_zone=time_zone,
            site_name=site,
            owner_name=owner_name,
            owner_email=owner_email,
            owner_password=password,
            owner_treats_patients=treats_patients,
            needs_second_factor=True,
        )
    except DomainError as error:
        typer.echo(f"Not opened: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{name} is open. Start it with: ./willow up")
    typer.echo("Then sign in with your address and password. You are asked for a second factor first:")
    typer.echo("  - a passkey (fingerprint, face or PIN), or an authenticator app on your phone;")
    typer.echo("  - then ten recovery codes are shown, once: print them, for when the phone is lost.")
    typer.echo("Everybody who works here is asked for one. Practice > Signing in changes that.")
    typer.echo("Add who works there under Practice, or with: ./willow practice add-staff")


@app.command("people")
def people(acting_as: ActingAs) -> None:
    """List everybody who works here, with their roles; one line each, the columns apart by tabs."""
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.practice.core.reach import reach_text
    from willowbark.practice.selectors import colleagues

    with acting(_owner(acting_as)) as actor:
        for one in colleagues(actor):
            roles = "; ".join(
                f"{held.role_code} ({reach_text(held.reach, held.site_name)})" for held in one.roles
            )
            state = "active" if one.is_active else "deactivated"
            typer.echo("\t".join((one.name, one.title or "-", one.email, state, roles or "no role")))


@app.command("add-staff")
def add_staff(
    acting_as: ActingAs,
    name: Annotated[str, typer.Option(prompt="Name")],
    email: Annotated[str, typer.Option(prompt="E-mail address")],
    role: RoleCode,
    title: Annotated[str, typer.Option(help="Such as: Naturopathic doctor.")] = "",
    reach: ReachName = "",
    site: SiteName = "",
) -> None:
    """
    Add somebody who works here, with their first role.

    The first password is asked for, or read from WILLOWBARK_NEW_PASSWORD; a command line is seen by others.
    """
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.foundation.authorisation import Reach
    from willowbark.foundation.ids import uuid7
    from willowbark.practice.services import NewColleague, hire

    owner = _owner(acting_as)
    wanted = _reach(reach, site)
    password = os.environ.get(NEW_PASSWORD) or typer.prompt(
        "First password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    with acting(owner) as actor:
        new = NewColleague(
            name=name,
            email=email,
            title=title,
            password=password,
            role=role,
            reach=Reach(wanted),
            site_id=_site_id(actor, site),
        )
        hire(actor=actor, new=new, request_key=uuid7())
    typer.echo(f"{name} works here now.")


@app.command("add-role")
def add_role(
    acting_as: ActingAs,
    email: Annotated[str, typer.Option(prompt="E-mail address of who gets it")],
    role: RoleCode,
    reach: ReachName = "",
    site: SiteName = "",
) -> None:
    """Give somebody who works here another role. Giving it again changes nothing but the reach."""
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.foundation.authorisation import Reach
    from willowbark.practice.selectors import staff_id_of
    from willowbark.practice.services import assign_role

    wanted = _reach(reach, site)
    with acting(_owner(acting_as)) as actor:
        assign_role(
            actor=actor,
            staff_id=staff_id_of(actor, email),
            role=role,
            reach=Reach(wanted),
            site_id=_site_id(actor, site),
        )
    typer.echo(f"{email} has the role {role} now.")


@app.command("reset-second-factor")
def reset_second_factor(
    email: Annotated[str, typer.Option(prompt="E-mail address of who lost it")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """
    Let somebody in by their password alone who lost their second factor and all recovery codes.

    Whoever may run this on the machine may do it; it stands in the access log as done by the system. Wherever
    the person is signed in, that ends. Where the practice asks for a second factor, they add one at once.
    """
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.practice.selectors import system_actor, who_works_here
    from willowbark.practice.services import reset_factors

    whose = who_works_here(email)
    if not yes:
        typer.confirm(f"Take away every second factor of {whose.name}?", abort=True)
    with acting(system_actor("cli")) as actor:
        number = reset_factors(actor=actor, staff_id=whose.pk)
    typer.echo(f"{whose.name} had {number}, and has none now. They sign in with their password alone.")


def _owner(email: str) -> Actor:
    from willowbark.practice.selectors import actor_for, user_id_of

    return actor_for(user_id_of(email), channel="cli")


def _reach(reach: str, site: str) -> str:
    """The reach that was named; without one, all of the site that was named, or the whole practice."""
    chosen = reach or ("site" if site else "organisation")
    if chosen not in {"organisation", "site", "care"}:
        raise typer.BadParameter("it is organisation, site or care", param_hint="--reach")
    if (chosen == "organisation") == bool(site):
        raise typer.BadParameter("a site goes with the reach site or care", param_hint="--site")
    return chosen


def _site_id(actor: Actor, name: str) -> UUID | None:
    from willowbark.practice.selectors import sites

    if not name:
        return None
    found = [site for site in sites(actor) if site.name.lower() == name.strip().lower()]
    if not found:
        known = ", ".join(site.name for site in sites(actor))
        raise typer.BadParameter(f"there is no such site; there are: {known}", param_hint="--site")
    return found[0].pk
