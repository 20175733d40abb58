"""Import FHIR R4: bundles, single resources and bulk NDJSON, plain or gzipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from willowbark.interop.fhir.selectors import Report
    from willowbark.interop.fhir.services.running import Progress

app = typer.Typer(help="Import FHIR R4: bundles, single resources and bulk NDJSON, plain or gzipped.")

_NOT_READ = 3


@app.command("fhir")
def import_fhir(
    paths: Annotated[list[Path], typer.Argument(help="Files, and folders with all that lies in them")],
    source: Annotated[
        str,
        typer.Option(
            help="The sending system. Ids that are no UUIDs are its own: name each system you import from"
        ),
    ] = "fhir",
    site: Annotated[
        str, typer.Option(help="The site of new patients, by name; the first one by default")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON")] = False,
) -> None:
    """
    Import FHIR R4 files; the same file twice changes nothing.

    Ends with 0 when everything was read, 3 when whole files could not be, 1 when the import stopped. Single
    resources that could not be taken in are kept and reported, and do not count as a failure.
    """
    from willowbark.foundation.acting import acting_as
    from willowbark.interop.fhir.selectors import get_report
    from willowbark.interop.fhir.services.running import run_import
    from willowbark.kernel.errors import DomainError
    from willowbark.practice.selectors import sites, system_actor

    try:
        actor = system_actor("cli")
        with acting_as(actor):
            by_name = {one.name: one.pk for one in sites(actor)}
        if site and site not in by_name:
            raise typer.BadParameter(f"there is no site {site!r}; there are {', '.join(by_name) or 'none'}")
        with _Bar(quiet=as_json) as bar:
            run_id = run_import(
                actor=actor,
                paths=paths,
                source=source,
                home_site_id=by_name.get(site),
                report=bar.show,
            )
        with acting_as(actor):
            report = get_report(actor, run_id)
    except DomainError as error:
        typer.echo(f"Not imported: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(_as_json(report), indent=2))
    else:
        _print(report)
    if report.refused:
        raise typer.Exit(_NOT_READ)


class _Bar:
    """A progress bar on standard error: files, resources, rate and time left."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("Importing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=quiet,
            transient=True,
        )
        self._task = self._progress.add_task("import", total=None, told="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, done: Progress) -> None:
        """Say how far the import is."""
        elapsed = self._progress.tasks[0].elapsed or 0
        rate = f", {done.resources / elapsed:,.0f} a second" if elapsed > 1 else ""
        self._progress.update(
            self._task,
            completed=done.files_done,
            total=done.files_total,
            told=f"{done.resources:,} resources{rate}",
        )


def _print(report: Report) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", footer_style="bold", show_footer=True)
    run = report.run
    totals = run.total
    columns = ("read", "added", "changed", "unchanged", "kept_beside", "quarantined")
    table.add_column("Resource", footer="Together", no_wrap=True)
    for name in columns:
        table.add_column(
            name.replace("_", " ").capitalize(), justify="right", footer=f"{getattr(totals, name):,}"
        )
    for line in report.lines:
        table.add_row(line.resource_type, *(f"{getattr(line, name):,}" for name in columns))
    console.print(table)
    console.print(f"{run.files_done:,} files, {totals.changes:,} changes.", highlight=False)
    if report.files_known:
        console.print(f"{report.files_known:,} of them had been read before.", highlight=False)
    for told, count in (
        ("patients were linked to people known before", run.linked_count),
        ("possible matches wait for a person", run.match_queue_count),
        ("resources went in that had been waiting", run.taken_up_count),
        ("entries name a visit that was not sent", run.without_visit_count),
        ("warnings", report.warnings_total),
    ):
        if count:
            console.print(f"{count:,} {told}.", highlight=False)
    for file in report.refused:
        console.print(
            f"[bold]{_escaped(file.name)}[/bold] {_escaped(file.message)}", highlight=False, soft_wrap=True
        )
    for one in report.quarantined[:20]:
        what = f" ({one.resource_type}/{one.resource_id})" if one.resource_type else ""
        console.print(
            _escaped(f"{Path(one.file_name).name}: {one.place}{what}: {one.message}"),
            highlight=False,
            soft_wrap=True,
        )
    if totals.quarantined > 20:
        console.print(
            f"... and {totals.quarantined - 20:,} more in the report of this import.", highlight=False
        )


def _escaped(text: str) -> str:
    from rich.markup import escape

    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return escape(printable)


def _as_json(report: Report) -> dict[str, Any]:
    run = report.run
    return {
        "run": str(run.id),
        "status": run.status,
        "source": run.source,
        "files": run.files_total,
        "files_known": report.files_known,
        "files_refused": [
            {"name": one.name, "reason": one.reason, "message": one.message} for one in report.refused
        ],
        "changes": run.total.changes,
        "total": _line(run.total),
        "resources": {line.resource_type: _line(line) for line in report.lines},
        "adds_up": all(line.adds_up for line in report.lines),
        "linked": run.linked_count,
        "possible_matches": run.match_queue_count,
        "taken_up": run.taken_up_count,
        "without_visit": run.without_visit_count,
        "warnings_total": report.warnings_total,
        "warnings": list(report.warnings),
        "quarantined": [
            {
                "id": str(one.id),
                "file": one.file_name,
                "where": one.place,
                "type": one.resource_type,
                "resource_id": one.resource_id,
                "reason": one.reason,
                "message": one.message,
            }
            for one in report.quarantined
        ],
    }


def _line(line: Any) -> dict[str, int]:
    return {
        name: value for name, value in line._asdict().items() if name not in ("resource_type", "deferred")
    }
