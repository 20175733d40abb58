"""Open a real practice from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Open a practice and look after it.")


@app.command("init")
def init(
    name: Annotated[str, typer.Option(prompt="Name of the practice")],
    site: Annotated[str, typer.Option(prompt="Name of its first site")],
    owner_name: Annotated[str, typer.Option(prompt="Your name")],
    owner_email: Annotated[str, typer.Option(prompt="Your e-mail address")],
    jurisdiction: Annotated[str, typer.Option(prompt="Jurisdiction (US or EU)")] = "US",
    time_zone: Annotated[str, typer.Option(prompt="Time zone")] = "America/New_York",
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

    try:
        open_practice(
            name=name,
            jurisdiction=jurisdiction.upper(),
            time_zone=time_zone,
            site_name=site,
            owner_name=owner_name,
            owner_email=owner_email,
            owner_password=password,
        )
    except DomainError as error:
        typer.echo(f"Not opened: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{name} is open. Start it with: ./willow up")
