"""Bring products into the catalog from a file, retire them and restore them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from willowbark.foundation.authorisation import Actor

app = typer.Typer(
    help="Bring products into the catalog from a file, retire them and restore them.",
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


def _somebody(email: str) -> Actor:
    from willowbark.practice.selectors import actor_for, user_id_of

    return actor_for(user_id_of(email), channel="cli")
