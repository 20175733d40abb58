"""Take one patient, or the whole practice, out into a zip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer


def export(
    path: Annotated[Path, typer.Argument(help="The zip to write; must not be there yet")],
    as_: Annotated[str, typer.Option("--as", help="Who takes it out, by e-mail: what they may, they can")],
    patient: Annotated[str, typer.Option(help="The id of one patient")] = "",
    everything: Annotated[bool, typer.Option("--everything", help="The whole practice")] = False,
) -> None:
    """
    Take one patient, or the whole practice, out: FHIR R4, documents and tables in one zip.

    Ends with 1 when the person may not, or there is no such patient; nothing is written then.
    """
    from rich.progress import Progress

    from willowbark.interop.export.services.making import scope_of
    from willowbark.interop.export.services.writing import write_export
    from willowbark.kernel.errors import DomainError
    from willowbark.practice.selectors import actor_for, system_actor, user_id_of

    if bool(patient) == everything:
        raise typer.BadParameter("say either --patient ID or --everything")
    if path.exists():
        raise typer.BadParameter(f"{path} is there already")
    try:
        patient_id = UUID(patient) if patient else None
    except ValueError as error:
        raise typer.BadParameter(f"{patient!r} is no id of a patient") from error
    try:
        person, system = actor_for(user_id_of(as_), channel="cli"), system_actor("cli")
        scope = scope_of(person, system, patient_id)
        with Progress(transient=True) as bar:
            task = bar.add_task("Exporting", total=None)
            write_export(
                person=person,
                system=system,
                scope=scope,
                path=path,
                report=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except DomainError as error:
        typer.echo(f"Not exported: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Written: {path} ({path.stat().st_size:,} bytes). It is not encrypted: keep it safe.")
