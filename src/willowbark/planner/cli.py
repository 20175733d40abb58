"""Plan from the command line: a scenario in, figures with their ranges out. No practice and no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from willowbark.planner.core.scenario import Scenario

IMPOSSIBLE = 2

File = Annotated[
    Path | None,
    typer.Argument(
        metavar="SCENARIO", help="YAML or JSON; '-' reads standard input; left out, all defaults."
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIGURE=VALUE", help="Set a figure; a range is [low, high]."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]

app = typer.Typer(
    help="How many people, when to hire, what growth does, and what it earns.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def plan() -> None:
    """How many people, when to hire, what growth does, and what it earns."""


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a scenario."""
    from willowbark.planner.core.scenario import fields
    from willowbark.planner.core.scenario.schema import schema_of

    show_json(schema_of(fields()))


@app.command("example")
def show_example(
    name: Annotated[str, typer.Argument(help="Which; left out, their names.")] = "",
) -> None:
    """Print a scenario that comes along, to change and to plan with."""
    from willowbark.planner.core.scenario import example, examples

    if name and name not in examples():
        typer.echo(f"There is no such example; there are: {', '.join(examples())}.", err=True)
        raise typer.Exit(IMPOSSIBLE)
    typer.echo(example(name) if name else "\n".join(examples()), nl=not name)


def scenario_of(file: Path | None, changes: list[str] | None) -> Scenario:
    """
    The scenario that a command is given.

    Raises:
        BadScenario: no scenario, or no possible one.
    """
    from willowbark.planner.core.scenario import BadScenario, fields, read_scenario

    try:
        if file is None:
            text = "name: All defaults"
        elif str(file) == "-":
            text = typer.get_text_stream("stdin").read()
        else:
            text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadScenario(f"{file} cannot be read: {error}") from error
    pairs = [one.partition("=") for one in changes or []]
    if unclear := [path for path, equals, _ in pairs if not equals]:
        raise BadScenario(f"--set {unclear[0]}: write FIGURE=VALUE.")
    return read_scenario(text, fields(), changes={path.strip(): value for path, _, value in pairs})


@contextmanager
def refusing() -> Iterator[None]:
    """End with exit code 2 and a plain message where no plan can be made of what was given."""
    from willowbark.planner.core.ranges import TooManyRanges
    from willowbark.planner.core.scenario import BadScenario

    try:
        yield
    except (BadScenario, TooManyRanges) as error:
        typer.echo(f"willow plan: {error}", err=True)
        raise typer.Exit(IMPOSSIBLE) from error


def show_json(found: dict[str, Any]) -> None:
    """Print as JSON that any reader takes: no NaN, no infinity."""
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))
