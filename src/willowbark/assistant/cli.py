"""The brief of a patient, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from datetime import tzinfo

    from willowbark.assistant.core.fitting import Part
    from willowbark.assistant.core.lines import Line
    from willowbark.assistant.selectors.brief import BriefOf

app = typer.Typer(
    help="What somebody should know before they begin.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables, which are people's data
)


@app.callback()
def assistant() -> None:
    """What somebody should know before they begin."""


@app.command("brief")
def brief(
    patient_id: Annotated[
        UUID,
        typer.Argument(metavar="PATIENT_ID", help="The patient, as the address of their chart names them."),
    ],
    email: Annotated[
        str, typer.Option("--as", help="E-mail address of who is to see the patient: whose brief it is.")
    ],
) -> None:
    """
    Print what somebody should know who is about to see a patient, changes since the last visit first.

    It tells what that person may read and nothing else, and the access log says that it was read. Exit code
    1 when there is no such patient, or none of theirs.
    """
    from django.utils import timezone

    from willowbark.assistant.selectors.brief import brief_for
    from willowbark.foundation import access
    from willowbark.foundation.acting import acting_as
    from willowbark.kernel.errors import Forbidden, NotFound
    from willowbark.practice.selectors import actor_for, user_id_of

    actor = actor_for(user_id_of(email), channel="cli")
    zone = timezone.get_current_timezone()
    try:
        with acting_as(actor):
            found = brief_for(actor, patient_id, zone)
    except (Forbidden, NotFound) as error:
        access.record_refusal(actor, "assistant.brief_read", patient_id=patient_id, reason=error.code)
        typer.echo("There is no such patient, or they are not that person's to see.", err=True)
        raise typer.Exit(1) from error
    _print(found, zone)


def _print(found: BriefOf, zone: tzinfo) -> None:
    from willowbark.foundation.presentation.dates import known_date_text

    typer.echo(found.name)
    if found.last and found.last.effective_at:
        on = known_date_text(found.last.effective_at, found.last.effective_precision, zone)
        by = f", {found.last.practitioner_name}" if found.last.practitioner_name else ""
        typer.echo(f"Last visit: {on}{by}")
    for part in found.brief.parts:
        _print_part(part, zone)
    typer.echo(f"\n{found.brief.words} words")


def _print_part(part: Part, zone: tzinfo) -> None:
    typer.echo(f"\n{part.title}")
    for line in part.lines:
        typer.echo(
            f"  - {_text(line, zone)}  [{line.source.kind}{f' {line.source.id}' if line.source.id else ''}]"
        )
    for more in part.remainders:
        typer.echo(f"  {more.text}")


def _text(line: Line, zone: tzinfo) -> str:
    from willowbark.foundation.presentation.dates import known_date_text
    from willowbark.foundation.presentation.words import FLAGS

    flag = FLAGS[line.flag][0].lower() if line.flag not in ("", "normal") else ""
    on = known_date_text(line.at, line.precision, zone) if line.at else ""
    return ", ".join(part for part in (line.lead, flag, line.detail, on) if part)
