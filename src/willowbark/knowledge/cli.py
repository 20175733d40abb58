"""What can be asked about the knowledge from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

# Exit code when something is wrong with the files, beside 0 and 2 (wrong usage, from typer).
FAULTY = 1

app = typer.Typer(
    help="What is known: ingredients, limits, interactions, drugs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def knowledge() -> None:
    """Knowledge: what is in it, and whether it is whole."""


@app.command("report")
def report(
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Count the facts by kind, grade, age and whether their source was seen."""
    from willowbark.knowledge.core.reporting import counts
    from willowbark.knowledge.selectors import release

    known = release()
    rows = counts(known, datetime.now(UTC).date())
    if as_json:
        import json

        content = {
            "release": known.id,
            "facts": [{**asdict(row), "by_grade": dict(row.by_grade)} for row in rows],
            "drugs_reviewed": len(known.drug_book.drugs),
            "drugs_named": len(set(known.drug_book.names.generic.values())),
            "drug_names": len(known.drug_book.names.generic) + len(known.drug_book.names.brands),
            "rxnorm_concepts": len(known.drug_book.names.codes),
        }
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"Release {known.id[:16]}", highlight=False)
    table = Table()
    for column in ("Facts", "Number", "A", "B", "C", "D", "Source seen", "Oldest review"):
        table.add_column(column, justify="left" if column == "Facts" else "right")
    for row in rows:
        grades = [str(number) for _, number in row.by_grade]
        age = f"{row.oldest_review_days} days"
        table.add_row(row.kind, str(row.facts), *grades, str(row.verified), age)
    console.print(table)
    names = known.drug_book.names
    console.print(
        f"Drugs: {len(known.drug_book.drugs)} reviewed of {len(set(names.generic.values()))} named, by"
        f" {len(names.generic)} names, {len(names.brands)} brands and {len(names.codes)} RxNorm concepts.",
        highlight=False,
    )


@app.command("drugs")
def drugs(
    path: Annotated[
        Path,
        typer.Argument(
            exists=True, help="A folder or a file: FHIR JSON, gzipped or not, or a name on each line."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say which distinct drugs of active prescriptions are recognised by their text alone; list the rest."""
    from willowbark.knowledge.core.drug_lists import resolve
    from willowbark.knowledge.selectors import release

    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    found = resolve(release(), (text for file in files for text in _drugs_of(file)))
    if as_json:
        import json

        content = {"texts": found.texts, "share": round(found.share, 4), "missed": list(found.missed)}
        typer.echo(json.dumps(content | {"read_as": dict(found.read_as)}, ensure_ascii=False))
        return
    for text in found.missed:
        typer.echo(f"not recognised: not checked: {text}")
    known = found.texts - len(found.missed)
    typer.echo(f"{known} of {found.texts} distinct drugs are recognised ({found.share:.1%}).")


def _drugs_of(file: Path) -> Iterator[str]:
    """The drugs that a file names; a file that cannot be read ends the command with its name."""
    import gzip
    import json

    from willowbark.knowledge.core.drug_lists import active_texts

    try:
        content = file.read_bytes()
        text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
        if ".json" in file.suffixes:
            yield from active_texts(json.loads(text))
        else:
            yield from text.splitlines()
    except (OSError, EOFError, ValueError) as error:
        typer.echo(f"{file} cannot be read: {error}", err=True)
        raise typer.Exit(FAULTY) from error


@app.command("check")
def check() -> None:
    """Compare the files with their schemas and with each other. Exit code 1 when something is wrong."""
    from willowbark.knowledge.core.checking import problems, repeated_keys
    from willowbark.knowledge.core.reading import release_of, shipped

    contents = shipped()
    found = [*_against_schemas(contents), *repeated_keys(contents)]
    if not found:
        known = release_of(contents)
        found.extend(problems(known))
    for line in found:
        typer.echo(line)
    if found:
        typer.echo(f"{len(found)} faults", err=True)
        raise typer.Exit(FAULTY)
    typer.echo(f"Whole: release {known.id}, {len(known.facts)} facts, {len(known.sources)} sources.")


def _against_schemas(contents: dict[str, bytes]) -> list[str]:
    """Where a file is not as its schema asks."""
    import json

    from jsonschema import Draft202012Validator

    from willowbark.knowledge.core.reading import JSON_FILES, schema

    return [
        f"{name}: {error.json_path}: {error.message[:200]}"
        for name in JSON_FILES
        for error in Draft202012Validator(schema(name)).iter_errors(json.loads(contents[name]))
    ]
