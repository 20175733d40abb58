"""Plan from the command line: a scenario in, figures with their ranges out. No practice and no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
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
    typer.Option(
        "--set",
        metavar="FIGURE=VALUE",
        help="Set a figure, whose name 'willow plan figures' tells; a range is '\\[low, high]'.",
    ),
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


@app.command("capacity")
def capacity(scenario: File = None, changes: Changes = None, as_json: AsJson = False) -> None:
    """Say how many patients the people there are can care for, and how many people the patients need."""
    from willowbark.planner.core.plan_capacity import plan_capacity
    from willowbark.planner.core.words import capacity_lines

    with refusing():
        found = plan_capacity(scenario_of(scenario, changes))
        show(found, capacity_lines(found), as_json=as_json)


@app.command("hire")
def hire(
    scenario: File = None,
    changes: Changes = None,
    as_json: AsJson = False,
    today: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="The day from which months are counted as dates.",
        ),
    ] = None,
) -> None:
    """Say whether to hire: due, late, or not yet, because."""
    from willowbark.planner.core.plan_hire import plan_hire
    from willowbark.planner.core.words import hire_lines

    with refusing():
        found = plan_hire(scenario_of(scenario, changes), today=today.date() if today else None)
        show(found, hire_lines(found), as_json=as_json)


@app.command("economics")
def economics(
    scenario: File = None,
    changes: Changes = None,
    as_json: AsJson = False,
    samples: Annotated[
        int,
        typer.Option(
            help="Draw so many times from the ranges in place of trying all their ends.", min=0, max=1_000_000
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="What the draws start from.", min=0)] = 0,
) -> None:
    """Say what a year brings and costs, what one more patient does, and what the prerequisites return."""
    from willowbark.planner.core.plan_economics import plan_economics
    from willowbark.planner.core.words import economics_lines

    with refusing():
        found = plan_economics(scenario_of(scenario, changes), samples=samples, seed=seed)
        show(found, economics_lines(found), as_json=as_json)


@app.command("figures")
def figures(
    section: Annotated[str, typer.Argument(help="As 'queue'; left out, all of them.")] = "",
) -> None:
    """List every figure that a scenario can give: its name, its default, and what it is."""
    from willowbark.planner.core.scenario import fields
    from willowbark.planner.core.words import figure_lines

    if section and section not in fields().sections():
        typer.echo(f"There is no such section; there are: {', '.join(fields().sections())}.", err=True)
        raise typer.Exit(IMPOSSIBLE)
    typer.echo("\n".join(figure_lines(fields(), section)))


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a scenario."""
    from willowbark.planner.core.scenario import fields
    from willowbark.planner.core.scenario.schema import schema_of

    show_json(schema_of(fields()))


@app.command("assumptions")
def assumptions() -> None:
    """Print every default with its document or, where none can give it, why it stands."""
    from willowbark.planner.core.assumptions import page_of_assumptions
    from willowbark.planner.core.scenario import fields

    typer.echo(page_of_assumptions(fields()), nl=False)


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


@app.command("simulate")
def simulate(
    file: File = None,
    changes: Changes = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 1,
    replications: Annotated[int, typer.Option(help="Runs to draw the bands from, 1 to 10,000.")] = 1000,
    queue: Annotated[
        bool, typer.Option("--queue", help="Simulate the scenario's queue instead of its growth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Let the practice grow, many times over: patients, waiting, staff and what breaks, with bands and chances.

    Its figures are in the sections arrivals, retention, staffing, guards, strain and simulation. Exit code 2
    where it cannot be simulated.
    """
    from willowbark.planner.core.simulation import simulate as simulated
    from willowbark.planner.core.simulation import simulate_queue
    from willowbark.planner.core.simulation.telling import queue_lines, simulation_lines
    from willowbark.planner.core.simulation.writing import queue_as_json, simulation_as_json

    with refusing():
        scenario = scenario_of(file, changes)
        if queue:
            waits = simulate_queue(scenario, seed=seed, replications=replications)
            said, lines = queue_as_json(waits), queue_lines(waits)
        else:
            found = simulated(scenario, seed=seed, replications=replications)
            said, lines = simulation_as_json(found), simulation_lines(found)
    if as_json:
        show_json({"scenario": scenario.name, **said})
    else:
        typer.echo("\n".join((scenario.name, "", *lines)))


def scenario_of(file: Path | None, changes: list[str] | None) -> Scenario:
    """
    The scenario that a command is given.

    Raises:
        BadScenario: no scenario, or no possible one.
    """
    from willowbark.planner.core.scenario import BadScenario, fields, read_scenario

    text = "name: All defaults" if file is None else _text_of(file)
    pairs = [one.partition("=") for one in changes or []]
    if unclear := [path for path, equals, _ in pairs if not equals]:
        raise BadScenario(f"--set {unclear[0]}: write FIGURE=VALUE.")
    return read_scenario(text, fields(), changes={path.strip(): value for path, _, value in pairs})


def _text_of(file: Path) -> str:
    """No more of it is read than a scenario may have."""
    from willowbark.planner.core.scenario.reading import LARGEST_BYTES, BadScenario

    try:
        if str(file) == "-":
            found = typer.get_binary_stream("stdin").read(LARGEST_BYTES + 1)
        else:
            with file.open("rb") as source:
                found = source.read(LARGEST_BYTES + 1)
        if len(found) > LARGEST_BYTES:
            raise BadScenario(f"{file} is too large: a scenario has at most {LARGEST_BYTES:,} bytes.")
        if not found.strip():
            raise BadScenario(f"{file} is empty; leave it out to plan with all defaults.")
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadScenario(f"{file} cannot be read: it is no text in UTF-8.") from error
    except OSError as error:
        raise BadScenario(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.") from error


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


def show(found: object, lines: Iterable[str], *, as_json: bool) -> None:
    """
    An answer in words, or all of it as JSON.

    Raises:
        BadScenario: a number in it has no end, which neither shows.
    """
    from willowbark.planner.core.plain import as_plain

    plain = as_plain(found)
    if as_json:
        show_json(plain)
    else:
        typer.echo("\n".join(lines))


def show_json(found: dict[str, Any]) -> None:
    """Print as JSON that any reader takes: no NaN, no infinity."""
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))
