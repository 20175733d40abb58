"""Check that nobody edited, removed or reordered what the logs say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from willowbark.foundation.tamper.verifying import ChainReport

TAMPERED = 1
UNREADABLE = 2

app = typer.Typer(
    help="Check that nobody edited, removed or reordered what the logs say.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def audit() -> None:
    """The access log and row history, sealed in a chain of blocks."""


@app.command()
def verify(
    anchors: Annotated[
        Path | None, typer.Option(help="The file of anchors; the one in the data folder if not said.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """
    Recompute every sealed block, and name the first entry that was edited, removed, added or reordered.

    Seals what waits first. Exit code 0: nothing was found; 1: something was; 2: the anchors cannot be read.
    """
    import psycopg

    from willowbark.foundation import database
    from willowbark.foundation.tamper.sealing import anchored, seal
    from willowbark.foundation.tamper.verifying import verify as look

    while seal():
        pass
    file = anchors or anchor_file()
    if anchors is not None and not anchors.exists():
        typer.echo(f"willow: there is no {anchors}", err=True)
        raise typer.Exit(UNREADABLE)
    try:
        known = anchored(file)
    except ValueError as error:
        typer.echo(f"willow: {error}", err=True)
        raise typer.Exit(UNREADABLE) from error
    with psycopg.connect(**database.current("owner").libpq(), autocommit=True) as owner:
        reports = look(owner, known)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(one) for one in reports], default=str, indent=2))
    else:
        for report in reports:
            _tell(report)
    raise typer.Exit(TAMPERED if any(one.faults for one in reports) else 0)


@app.command()
def anchor(
    file: Annotated[
        Path | None, typer.Option(help="Append to this file; the one in the data folder if not said.")
    ] = None,
) -> None:
    """Seal what waits, anchor the heads of the chains, and print them: to be kept elsewhere, on paper too."""
    from willowbark.foundation.tamper.sealing import anchor as keep
    from willowbark.foundation.tamper.sealing import heads, seal

    while seal():
        pass
    keep(file or anchor_file())
    for head in heads():
        typer.echo(f"{head.chain} {head.number} {head.digest}")


def anchor_file() -> Path:
    """Where the worker anchors: beside the database, in the data folder."""
    from willowbark.foundation.database import DatabaseSettings
    from willowbark.foundation.tamper.sealing import ANCHOR_FILE

    return DatabaseSettings.from_environment().data / ANCHOR_FILE


def _tell(report: ChainReport) -> None:
    name = {"access": "access log", "history": "row history"}[report.chain]
    state = "TAMPERED WITH" if report.faults else "intact"
    typer.echo(
        f"{name}: {state}. {report.entries:,} entries in {report.blocks:,} blocks,"
        f" {report.anchors:,} anchors; {report.unsealed:,} entries not sealed yet"
    )
    for fault in report.faults:
        typer.echo(f"  block {fault.block}: {fault.text}")
