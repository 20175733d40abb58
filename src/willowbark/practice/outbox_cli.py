"""See what could not be delivered within the platform, and have it delivered after all."""

from __future__ import annotations

from typing import Annotated

import typer

STILL_FAILING = 1
NO_SUCH_HANDLER = 2

app = typer.Typer(
    help="See what could not be delivered within the platform, and have it delivered after all.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, which may be people's data
)
Handler = Annotated[str, typer.Option("--handler", help="Of this handler alone, as `list` names it.")]


@app.callback()
def outbox() -> None:
    """Messages that a handler failed on again and again."""


@app.command("list")
def list_set_aside(handler: Handler = "") -> None:
    """List the messages that were set aside, oldest first."""
    from willowbark.foundation.undelivered import set_aside
    from willowbark.practice.selectors import system_actor

    found = set_aside(system_actor("cli"), handler=_known(handler))
    for one in found:
        typer.echo(f"{one.set_aside_at:%Y-%m-%d %H:%M}  {one.error}  {one.event}  {one.handler}  {one.id}")
    typer.echo(f"{len(found):,} set aside", err=True)


@app.command()
def replay(
    handler: Handler = "",
    everything: Annotated[bool, typer.Option("--all", help="Of every handler.")] = False,
) -> None:
    """
    Deliver what was set aside, of one handler or of all. What fails again stays set aside.

    Exit code 0: all was delivered; 1: some failed again (they are named); 2: say which handler, or --all.
    """
    from willowbark.foundation import undelivered
    from willowbark.practice.selectors import system_actor

    if bool(handler) == everything:
        typer.echo("willow: say --handler NAME or --all", err=True)
        raise typer.Exit(NO_SUCH_HANDLER)
    delivered = failed = 0
    for one in undelivered.replay(system_actor("cli"), handler=_known(handler)):
        if one.error:
            failed += 1
            typer.echo(f"{one.error}  {one.message.event}  {one.message.handler}  {one.message.id}")
        else:
            delivered += 1
    typer.echo(f"{delivered:,} delivered, {failed:,} failed again", err=True)
    if failed:
        raise typer.Exit(STILL_FAILING)


def _known(handler: str) -> str:
    """The handler, or '' for all; one that is gone may still be named, if messages wait for it."""
    from willowbark.foundation import outbox
    from willowbark.foundation.undelivered import set_aside
    from willowbark.practice.selectors import system_actor

    if handler and handler not in outbox.handlers() and not set_aside(system_actor("cli"), handler=handler):
        typer.echo(f"willow: there is no handler {handler}", err=True)
        raise typer.Exit(NO_SUCH_HANDLER)
    return handler
