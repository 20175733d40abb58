"""Recall a product or lots of it, lift a recall, and list what is recalled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from willowbark.foundation.authorisation import Actor

app = typer.Typer(
    help="Recall a product or lots of it, lift a recall, and list what is recalled.",
    add_completion=False,
    no_args_is_help=True,
)

ActingAs = Annotated[str, typer.Option("--as", help="E-mail address of who recalls, as whom this is done.")]


@app.command()
def recall(
    acting_as: ActingAs,
    key: Annotated[str, typer.Argument(help="The product's key, such as zinc_picolinate_15.")],
    reason: Annotated[str, typer.Option(prompt="Why", help="What is wrong with it.")],
    source: Annotated[
        str, typer.Option(prompt="Who recalls it", help="Who recalls it, and where it is said.")
    ],
    lot: Annotated[
        list[str] | None, typer.Option(help="A lot by its number; without any, every lot.")
    ] = None,
    how_bad: Annotated[
        str, typer.Option("--class", help="fda_1, fda_2, fda_3, eu_serious or eu_other, where it is known.")
    ] = "",
    told_by: Annotated[str, typer.Option(help="Who told the practice.")] = "",
) -> None:
    """
    Recall a product, or lots of it.

    Nothing of it is composed with or handed out from then on; whoever takes it or was given it is a task.
    """
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.inventory.services import NewRecall, recall_product

    new = NewRecall(
        product_key=key,
        reason=reason,
        source_text=source,
        lot_numbers=lot or (),
        class_code=how_bad,
        told_by=told_by,
    )
    with acting(_somebody(acting_as)) as actor:
        recall_id = recall_product(actor=actor, new=new)
    typer.echo(f"{key} is recalled: {recall_id}")


@app.command()
def lift(
    acting_as: ActingAs,
    recall_id: Annotated[UUID, typer.Argument(metavar="ID", help="Of the recall.")],
    reason: Annotated[str, typer.Option(prompt="Why", help="Why.")],
) -> None:
    """Lift a recall that no longer holds."""
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.inventory.services import lift_recall

    with acting(_somebody(acting_as)) as actor:
        lift_recall(actor=actor, recall_id=recall_id, reason=reason)
    typer.echo("It is lifted.")


@app.command("list")
def list_recalls(acting_as: ActingAs) -> None:
    """List what is recalled; one line each, the columns apart by tabs."""
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.inventory.selectors import recalls

    with acting(_somebody(acting_as)) as actor:
        for each in recalls(actor):
            lots = ", ".join(each.lot_numbers) or "every lot"
            typer.echo("\t".join((str(each.id), each.product_key, lots, each.reason, each.source_text)))


def _somebody(email: str) -> Actor:
    from willowbark.practice.selectors import actor_for, user_id_of

    return actor_for(user_id_of(email), channel="cli")
