"""Count figures again, and ask why something is as it is, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from willowbark.foundation.authorisation import Actor
    from willowbark.foundation.explaining import Explanation

app = typer.Typer(
    help="The figures of the practice.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def metrics() -> None:
    """The figures of the practice."""


@app.command("rebuild")
def rebuild_figures() -> None:
    """
    Count every figure again from the facts. What comes out is what was there, unless something was wrong.

    It is done as the system, by whoever has the practice's machine.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from willowbark.foundation.acting import acting_as
    from willowbark.metrics.services import rebuild
    from willowbark.practice.selectors import system_actor

    columns = (
        TextColumn("Counting"),
        BarColumn(),
        TextColumn("{task.completed:,} facts"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("count", total=None)
        with acting_as(system_actor("cli")) as actor:
            rebuilt = rebuild(actor=actor, done=lambda facts: progress.update(task, advance=facts))
    otherwise = (
        f"{rebuilt.otherwise:,} of them were otherwise before" if rebuilt.otherwise else "all as before"
    )
    typer.echo(f"{rebuilt.pieces:,} counted facts, {rebuilt.days:,} days: {otherwise}")


def why(
    of: Annotated[
        str,
        typer.Argument(metavar="ID", help="What to explain, as a page shows it: kind:key, or the key alone."),
    ],
    email: Annotated[
        str, typer.Option("--as", help="E-mail address of who asks. Without it, the system asks.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """
    Say why: from any line, alert or figure to the facts, the rule and the sources behind it.

    With `--as` it is told what that person may see, and nothing else. Without, the system asks: whoever
    can run this command has the practice's machine, and with it the database. Either way the access log
    says what was asked. Exit code 1 when there is nothing to explain, or nothing for that person.
    """
    import json

    from django.utils import timezone

    from willowbark.foundation import access, explaining
    from willowbark.foundation.acting import acting_as
    from willowbark.kernel.errors import NotFound

    actor = _actor(email)
    try:
        with timezone.override(_zone()), acting_as(actor):
            explanation = explaining.explain(actor, of)
    except NotFound as error:
        access.record_refusal(actor, "why", reason="not_found")
        typer.echo("There is no such thing, or it is not that person's to see.", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(explaining.as_plain(explanation), ensure_ascii=False, indent=2))
    else:
        _show(explanation)


def _actor(email: str) -> Actor:
    from willowbark.practice.selectors import actor_for, system_actor, user_id_of

    return actor_for(user_id_of(email), channel="cli") if email else system_actor("cli")


def _zone() -> ZoneInfo | None:
    """The practice's own, as on its pages."""
    from zoneinfo import ZoneInfo

    from willowbark.practice.selectors import organisation

    practice = organisation()
    return ZoneInfo(practice.time_zone) if practice else None


def _show(explanation: Explanation, indent: str = "") -> None:
    figure = f": {explanation.figure_text}" if explanation.figure_text else ""
    typer.echo(f"{indent}{explanation.title}{figure}")
    for fact in explanation.facts:
        leads = f"  [{fact.why}]" if fact.why else ""
        typer.echo(f"{indent}  - {fact.text}{leads}")
    if explanation.rule_text:
        typer.echo(f"{indent}  Rule: {explanation.rule_text}")
    for source in explanation.sources:
        place = f", {source.locator}" if source.locator else ""
        seen = "" if source.is_verified else " (not verified)"
        typer.echo(f"{indent}  Source: {source.title}{place}{seen}")
    for part in explanation.children:
        _show(part, indent + "  ")
