"""Check a list of drugs, supplements and conditions without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from willowbark.knowledge.core.checker import Checked

UNCHECKED = 3


def check(
    drugs: Annotated[list[str] | None, typer.Option("--drug", help="A drug, as it is written.")] = None,
    supplements: Annotated[
        list[str] | None, typer.Option("--supplement", help="A supplement, with its amounts if known.")
    ] = None,
    conditions: Annotated[
        list[str] | None, typer.Option("--condition", help="A condition; pregnancy, lactation, surgery too.")
    ] = None,
    allergies: Annotated[list[str] | None, typer.Option("--allergy", help="An allergy.")] = None,
    lab_tests: Annotated[
        list[str] | None, typer.Option("--test", help="A laboratory test that is about to be made.")
    ] = None,
    age: Annotated[int | None, typer.Option(min=0, max=130, help="Age in years.")] = None,
    jurisdiction: Annotated[str, typer.Option(help="Whose upper limits: US or EU.")] = "US",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """
    Check drugs, supplements and conditions against each other; the worst comes first.

    Exit code 0 when everything was recognised, 3 when something was not and so was not checked, 2 for wrong
    usage. Findings do not change it.
    """
    from willowbark.kernel.errors import Invalid
    from willowbark.knowledge.core.asked import Asked
    from willowbark.knowledge.core.checker import check as checked_of
    from willowbark.knowledge.selectors import release

    asked = Asked(
        drugs=tuple(drugs or ()),
        supplements=tuple(supplements or ()),
        conditions=tuple(conditions or ()),
        allergies=tuple(allergies or ()),
        lab_tests=tuple(lab_tests or ()),
        age_years=age,
        jurisdiction=jurisdiction.upper(),
    )
    try:
        result = checked_of(release(), asked, on=datetime.now(UTC).date())
    except Invalid as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        import json

        from willowbark.knowledge.core.checker_document import document_of

        typer.echo(json.dumps(document_of(release(), result), ensure_ascii=False))
    else:
        _print(result)
    if result.person.unrecognised:
        raise typer.Exit(UNCHECKED)


def _print(result: Checked) -> None:
    """The findings as a person reads them."""
    for one in result.findings:
        typer.echo(f"{(one.severity or 'limit').upper()}  {' + '.join(one.between)}")
        typer.echo(f"    {one.text}")
        seen = "" if one.is_verified else ", not verified"
        typer.echo(f"    Evidence {one.grade}{seen}: {'; '.join(one.sources)}")
    if not result.findings:
        typer.echo("Nothing that this release knows of. That is no proof that it is safe.")
    for unread in result.person.unrecognised:
        typer.echo(f"NOT CHECKED  {unread.text}: {unread.reason}")
