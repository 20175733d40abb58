"""Bring products and prices into the catalog from files, retire products and restore them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from willowbark.foundation.authorisation import Actor

app = typer.Typer(
    help="Bring products and prices into the catalog from files, retire products and restore them.",
    add_completion=False,
    no_args_is_help=True,
)

ActingAs = Annotated[
    str, typer.Option("--as", help="E-mail address of who manages the catalog, as whom this is done.")
]
Key = Annotated[str, typer.Argument(help="The product's key, such as zinc_picolinate_15.")]


@app.command()
def load(
    acting_as: ActingAs,
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="A file of products (catalog/data/schema/products.schema.json)."
        ),
    ],
) -> None:
    """
    Load a file of products. The same file again changes nothing.

    Another composition is a new version; signed protocols and lots on the shelf keep the one before.
    """
    from willowbark.catalog.core.reading import read_products
    from willowbark.catalog.services import load_products
    from willowbark.foundation.acting import acting_as as acting

    products = read_products(file.read_bytes())
    with acting(_somebody(acting_as)) as actor:
        loaded = load_products(actor=actor, products=products)
    typer.echo(
        f"{len(loaded.added)} added, {len(loaded.new_versions)} new versions, {len(loaded.changed)} changed,"
        f" {len(loaded.unchanged)} as before, {len(loaded.left_retired)} left retired."
    )


@app.command()
def retire(
    acting_as: ActingAs, key: Key, reason: Annotated[str, typer.Option(prompt="Why", help="Why.")]
) -> None:
    """Compose with a product no more; signed protocols keep it."""
    from willowbark.catalog.services import retire_product
    from willowbark.foundation.acting import acting_as as acting

    with acting(_somebody(acting_as)) as actor:
        retire_product(actor=actor, key=key, reason=reason)
    typer.echo(f"{key} is retired.")


@app.command()
def restore(acting_as: ActingAs, key: Key) -> None:
    """Compose with a retired product again."""
    from willowbark.catalog.services import restore_product
    from willowbark.foundation.acting import acting_as as acting

    with acting(_somebody(acting_as)) as actor:
        restore_product(actor=actor, key=key)
    typer.echo(f"{key} is in force.")


@app.command()
def prices(
    acting_as: ActingAs,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A price list (CSV, .xlsx) or DSLD labels.")
    ],
    supplier: Annotated[str, typer.Option(help="Whose it is; its columns are remembered under this name.")],
    currency: Annotated[str, typer.Option(help="Of prices that name none, such as USD.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="Which header holds what: --column cost='Your price'. Repeat it.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Carry it out, not only preview.")] = False,
) -> None:
    """
    Preview what a supplier's file would change, row by row; with --apply, carry it out.

    Exit code 1: it cannot be read, or nobody says what its columns hold.
    """
    from willowbark.catalog import services
    from willowbark.catalog.selectors.price_lists import price_list
    from willowbark.foundation.acting import acting_as as acting
    from willowbark.foundation.ids import uuid7

    somebody = _somebody(acting_as)
    with acting(somebody) as actor:
        list_id = services.hand_in(
            actor=actor,
            supplier=supplier,
            name=file.name,
            content=file.read_bytes(),
            request_key=uuid7(),
            currency=currency,
        )
        found = price_list(actor, list_id)
        if column and found.status == "open":
            said = dict(each.partition("=")[::2] for each in column)
            services.map_columns(
                actor=actor,
                price_list_id=list_id,
                columns={**found.columns, **said},
                currency=currency or found.currency,
            )
            found = price_list(actor, list_id)
    if found.reason:
        typer.echo(f"{found.reason} The file is kept: {list_id}.", err=True)
        raise typer.Exit(1)
    for line in found.lines:
        if line.kind != "same":
            typer.echo(f"{line.row:>6}  {line.kind:<10}  {line.name}  {line.reason}".rstrip())
    typer.echo(", ".join(f"{number} {kind}" for kind, number in found.counts.items() if number) + ".")
    if apply:
        _carry_out(somebody, list_id, len(found.lines))


def _carry_out(somebody: Actor, list_id: UUID, total: int) -> None:
    from willowbark.catalog import services
    from willowbark.catalog.selectors.price_lists import price_list
    from willowbark.foundation.acting import acting_as as acting

    with acting(somebody) as actor:
        services.ask_to_apply(actor=actor, price_list_id=list_id)
    more = True
    with typer.progressbar(length=total, label="Carrying out", file=sys.stderr) as bar:
        while more:
            with acting(somebody) as actor:
                before = price_list(actor, list_id).lines_done
                more = services.apply_portion(actor=actor, price_list_id=list_id)
                bar.update(price_list(actor, list_id).lines_done - before)
    typer.echo(f"Carried out. willow catalog take-back {list_id} takes it back.")


@app.command("take-back")
def take_back(
    acting_as: ActingAs, list_id: Annotated[UUID, typer.Argument(help="The id that `prices` printed.")]
) -> None:
    """Take back what a price list did: prices as before, what it added is retired."""
    from willowbark.catalog.services import undo
    from willowbark.foundation.acting import acting_as as acting

    with acting(_somebody(acting_as)) as actor:
        undo(actor=actor, price_list_id=list_id)
    typer.echo("Taken back.")


def _somebody(email: str) -> Actor:
    from willowbark.practice.selectors import actor_for, user_id_of

    return actor_for(user_id_of(email), channel="cli")
