"""What can be done about patients from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from willowbark.patients.core.matching import Link, LinkResult
    from willowbark.patients.core.person_file import PersonFile

LARGEST_FILE_BYTES = 256 * 1024 * 1024
SHOWN_ROWS = 30
# Exit codes beside 0 (all rows linked) and 2 (wrong usage, from typer).
UNREADABLE = 1
ROWS_REJECTED = 3

app = typer.Typer(
    help="Find out which rows are one person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, which are people's data
)


@app.callback()
def patients() -> None:
    """Patients: who is who."""


@app.command("link")
def link_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Rows of people under a header; '-' reads standard input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """
    Find rows of a file that are one person: surely, or for a person to look at.

    Nothing is stored. Exit code 0 when every row was linked, 1 when the file cannot be read, 3 when some
    rows were rejected (they are listed; the others were linked).
    """
    from rich.console import Console

    from willowbark.patients.core.person_file import UnreadableFile, read_person_file

    errors = Console(stderr=True)
    try:
        people = read_person_file(_bytes_of(file))
    except (OSError, UnreadableFile) as error:
        errors.print(f"Cannot read {file}: {error}", markup=False, highlight=False)
        raise typer.Exit(UNREADABLE) from error
    result = _link(people, errors)
    if as_json:
        import json

        typer.echo(json.dumps(_report(people, result), ensure_ascii=False))
    else:
        _show(people, result)
    if people.rejected:
        raise typer.Exit(ROWS_REJECTED)


def _bytes_of(file: Path) -> bytes:
    """Return the file's bytes; too many are an OSError."""
    stream = typer.get_binary_stream("stdin") if str(file) == "-" else file.open("rb")
    with stream:
        data: bytes = stream.read(LARGEST_FILE_BYTES + 1)
    if len(data) > LARGEST_FILE_BYTES:
        raise OSError(f"larger than {LARGEST_FILE_BYTES // 1024 // 1024} MB")
    return data


def _link(people: PersonFile, console: Any) -> LinkResult:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from willowbark.patients.core.matching import link

    columns = (TextColumn("Comparing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("compare", total=None)
        return link(
            people.persons, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


def _report(people: PersonFile, result: LinkResult) -> dict[str, Any]:
    """Return everything as plain values: what was read, what is sure, what to review, what was rejected."""
    from willowbark.patients.core.matching import as_json

    def plain(links: tuple[Link, ...]) -> list[dict[str, Any]]:
        return [
            as_json(each.comparison, probability=each.probability, through=each.through) for each in links
        ]

    return {
        "records": result.rows,
        "counts": _counts(people, result),
        "sure": plain(result.sure),
        "review": plain(result.review),
        "groups": [list(group) for group in result.groups],
        "rejected": [{"line": each.line, "reason": each.reason} for each in people.rejected],
        "warnings": [{"line": each.line, "reason": each.reason} for each in people.warnings],
        "notes": list(people.notes),
        "columns": dict(people.columns),
        "unused_columns": list(people.unused),
        "skipped_blocks": list(result.skipped_blocks),
    }


def _counts(people: PersonFile, result: LinkResult) -> dict[str, int]:
    """
    `persons` is how many there are when only what is sure counts as one; `questions`, how often a person must
    decide.
    """
    return {
        "records": result.rows,
        "rejected": len(people.rejected),
        "warnings": len(people.warnings),
        "persons": result.rows - sum(len(group) - 1 for group in result.groups),
        "groups": len(result.groups),
        "sure": len(result.sure),
        "review": len(result.review),
        "questions": result.questions,
        "compared": result.compared,
    }


def _show(people: PersonFile, result: LinkResult) -> None:
    """Print counts, the pairs with why, and what was rejected."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    counts = _counts(people, result)
    console.print(
        f"{counts['records']} rows, {counts['persons']} persons: {counts['sure']} sure pairs in"
        f" {counts['groups']} groups; {counts['review']} pairs to review ({counts['questions']} decisions).",
        highlight=False,
    )
    for title, links in (("Surely one person", result.sure), ("For a person to look at", result.review)):
        if not links:
            continue
        table = Table(title=title, caption=_rest(len(links)), title_justify="left")
        for column in ("A", "B", "Probability", "Why"):
            table.add_column(column, overflow="fold")
        for each in links[:SHOWN_ROWS]:
            one, other = each.comparison.one.key, each.comparison.other.key
            table.add_row(_plain(one), _plain(other), f"{each.probability:.4f}", _plain(_why(each)))
        console.print(table)
    remarks = [
        *((each, "rejected") for each in people.rejected),
        *((each, "warning") for each in people.warnings),
    ]
    for remark, kind in remarks[:SHOWN_ROWS]:
        console.print(f"line {remark.line}: {kind}: {remark.reason}", markup=False, highlight=False)
    if len(remarks) > SHOWN_ROWS:
        console.print(f"... and {len(remarks) - SHOWN_ROWS} more; --json lists all", highlight=False)
    for note in people.notes:
        console.print(f"note: {note}", markup=False, highlight=False)


def _rest(number: int) -> str:
    return f"{number - SHOWN_ROWS} more; --json lists all" if number > SHOWN_ROWS else ""


def _plain(text: str) -> Any:
    """Text from a file, which must not be taken for markup."""
    from rich.text import Text

    return Text(text)


def _why(link: Link) -> str:
    """The objections to "sure" when there are any, else what speaks most for the pair."""
    from willowbark.patients.core.matching import evidence
    from willowbark.patients.core.matching.rules import WORDS

    if link.comparison.objections and link.comparison.band.value != "sure":
        return " ".join(WORDS[each] for each in link.comparison.objections)
    if link.through:
        return "Both are the same as another row."
    lines = sorted(evidence(link.comparison), key=lambda line: -line.weight)
    return "; ".join(line.words for line in lines[:3])
