"""Compose from the command line: any problem that is a file, and again what a composition once answered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from typing import BinaryIO

    from willowbark.protocols.core.plan import Plan
    from willowbark.protocols.core.problem import Problem

# Exit codes beside 0.
DIFFERS = 1
UNREADABLE = 2
UNDECIDED = 3

TABLE_WIDTH = 160

app = typer.Typer(
    help="Compose a protocol: the best plan for a problem, proven.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def compose() -> None:
    """Compose a protocol: the best plan for a problem, proven."""


@app.command("solve")
def solve_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A problem as JSON; '-' reads standard input.")
    ],
    limit: Annotated[
        float, typer.Option(help="How much work to spend on the proof, in the solver's own units.", min=0)
    ] = 60.0,
) -> None:
    """
    Print the best plan for a problem, as JSON. Needs no practice and no database.

    The same problem gives the same bytes, everywhere. That no plan is possible is an answer: the plan names
    the demands that clash. Exit code 0 when the answer is proven, 2 when the file is no problem, 3 when the
    limit came before the proof (the plan, if one was found, is printed all the same).
    """
    from willowbark.protocols.core.documents import LARGEST_BYTES
    from willowbark.protocols.core.problem import BadProblem, parse

    try:
        with _opened(file) as stream:
            problem = parse(stream.read(LARGEST_BYTES + 1))
    except (OSError, BadProblem) as error:
        typer.echo(f"Cannot read {file}: {error}", err=True)
        raise typer.Exit(UNREADABLE) from error
    plan = _solved(problem, limit)
    typer.get_binary_stream("stdout").write(plan.to_bytes())
    if plan.status == "unproven":
        typer.echo("The limit came before the proof: there may be a better plan.", err=True)
        raise typer.Exit(UNDECIDED)


def _opened(file: Path) -> AbstractContextManager[BinaryIO]:
    return nullcontext(typer.get_binary_stream("stdin")) if str(file) == "-" else file.open("rb")


def _solved(problem: Problem, limit: float) -> Plan:
    from willowbark.protocols.core.solving import NotDecided, solve

    try:
        return solve(problem, deterministic_limit=limit)
    except NotDecided as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(UNDECIDED) from error


@app.command("replay")
def replay(
    context: typer.Context,
    composition_id: Annotated[UUID, typer.Argument(metavar="ID", help="Of the composition.")],
    email: Annotated[
        str, typer.Option("--as", help="E-mail address of who asks. Without it, the system asks.")
    ] = "",
) -> None:
    """
    Solve again the problem that a composition kept, and print the plan.

    Exit code 1 when it is not, to the byte, the plan that was kept, or when there is no such composition for
    that person. What was asked is in the access log.
    """
    if context.obj is not None:
        make_ready: Callable[[], None] = context.obj
        make_ready()
    from willowbark.foundation.acting import acting_as
    from willowbark.kernel.errors import NotFound
    from willowbark.practice.selectors import actor_for, system_actor, user_id_of
    from willowbark.protocols.core.problem import parse
    from willowbark.protocols.selectors.compositions import stored_problem

    try:
        actor = actor_for(user_id_of(email), channel="cli") if email else system_actor("cli")
        with acting_as(actor) as acting:
            stored = stored_problem(acting, composition_id)
    except NotFound as error:
        typer.echo("There is no such composition, or it is not that person's to see.", err=True)
        raise typer.Exit(DIFFERS) from error
    plan = _solved(parse(stored.problem), 60.0)
    typer.get_binary_stream("stdout").write(plan.to_bytes())
    if plan.to_bytes() != stored.plan:
        typer.echo(_in_what_way(plan, stored.plan), err=True)
        raise typer.Exit(DIFFERS)


def _in_what_way(plan: Plan, stored: bytes) -> str:
    from dataclasses import replace

    from willowbark.protocols.core.plan import parse

    kept = parse(stored)
    solver = f"{kept.solver.name} {kept.solver.version}"
    if replace(plan, solver=kept.solver) == kept:
        return f"The same plan, but {solver} found the one that was kept."
    return f"This is not the plan that was kept, which {solver} found."


protocols = typer.Typer(
    help="What Master Protocols come to.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@protocols.callback()
def _protocols() -> None:
    """What Master Protocols come to."""


@protocols.command("recheck")
def recheck_in_force(context: typer.Context) -> None:
    """
    Look again at every protocol in force, as the worker does every night, and say what is new.

    What speaks against one becomes a task of who signed it.
    """
    if context.obj is not None:
        make_ready: Callable[[], None] = context.obj
        make_ready()
    from rich.console import Console
    from rich.progress import track

    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import system_actor
    from willowbark.protocols.services.rechecking import recheck_many
    from willowbark.protocols.services.releases import ToLookAt, in_force, remember_release

    actor = system_actor("cli")
    with acting_as(actor) as acting:
        found = ToLookAt(in_force(acting))
    new = 0
    for portion in track(list(found.portions()), "Looking", console=Console(stderr=True)):
        with acting_as(actor.on("cli")) as acting:
            new += len(recheck_many(actor=acting, patient_ids=portion))
    with acting_as(actor) as acting:
        remember_release(actor=acting)
    typer.echo(f"{len(found.patient_ids):,} protocols in force, {new:,} new concerns.")


@protocols.command("try-everybody")
def try_everybody(
    context: typer.Context,
    email: Annotated[str, typer.Option("--as", help="E-mail address of a practitioner: their patients.")],
    each: Annotated[bool, typer.Option("--each", help="Print a line for each patient too.")] = False,
) -> None:
    """
    Compose every Master Protocol for each patient in reach, keep nothing, and print who could be given what.

    Each record that is read is in the access log.
    """
    if context.obj is not None:
        make_ready: Callable[[], None] = context.obj
        make_ready()
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    from willowbark.foundation.acting import acting_as
    from willowbark.practice.selectors import actor_for, user_id_of
    from willowbark.protocols.services.trying import Tried, patients_to_try, table_of, try_patient

    actor = actor_for(user_id_of(email), channel="cli")
    with acting_as(actor) as acting:
        patients = patients_to_try(acting)
    tried: list[Tried] = []
    for patient_id in track(patients, "Composing", console=Console(stderr=True)):
        with acting_as(actor.on("cli")) as acting:
            tried += try_patient(actor=acting, patient_id=patient_id)
    # A table in a file is as wide as it needs to be.
    console = Console() if sys.stdout.isatty() else Console(width=TABLE_WIDTH)
    if each:
        for one in tried:
            said = "; ".join((*one.stops, *one.short)) or one.why
            console.print(f"{one.patient_id} {one.master_key} {one.outcome} {one.products} {said}".rstrip())
    table = Table("Master Protocol", "Outcome", "Patients", "Why, most often")
    for master, outcome, count, why in table_of(tried):
        table.add_row(master, outcome, f"{count:,}", why)
    console.print(table)
    console.print(f"{len(patients):,} patients, {len(tried):,} compositions, none kept.")
