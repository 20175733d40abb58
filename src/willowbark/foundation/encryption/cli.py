"""The keys of what is sealed: list them, seal what is not yet, and bring everything under a new one."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="The keys of what is sealed: list them, seal what is not yet, and bring everything under a new one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def keys() -> None:
    """Keys lie outside the database; this never shows one."""


@app.command("list")
def list_keys() -> None:
    """Say which keys there are, where they are kept, and how much each has sealed."""
    import psycopg

    from willowbark.foundation import database
    from willowbark.foundation.encryption import clearing, columns, keeping

    ring = keeping.keyring()
    with psycopg.connect(**database.current("owner").libpq(), autocommit=True) as owner:
        in_use = columns.keys_in_use(owner)
        in_the_clear = clearing.left(owner)
    typer.echo(f"kept in {keeping.place() or keeping.TEXT}")
    for key in ring.keys:
        said = "current" if key is ring.current else "reads only"
        typer.echo(
            f"{key.id.hex()}  made {key.made_at:%Y-%m-%d}  {said:<10}  {in_use.pop(key.id, 0):,} values"
        )
    if in_the_clear:
        typer.echo(f"{in_the_clear:,} values stand in the clear: `willow keys seal` seals them")
    for key_id, number in sorted(in_use.items()):
        typer.echo(f"{key_id.hex()}  MISSING: {number:,} values cannot be read", err=True)
    if in_use:
        raise typer.Exit(1)


@app.command()
def seal() -> None:
    """
    Seal what an earlier version of the platform kept in the clear, while the practice works.

    Stopped halfway, begin it again: it goes on with what is left.
    """
    import psycopg
    from rich.progress import Progress

    from willowbark.foundation import database
    from willowbark.foundation.encryption import clearing, keeping

    ring = keeping.keyring()
    with (
        psycopg.connect(**database.current("owner").libpq(), autocommit=True) as owner,
        Progress(transient=True) as progress,
    ):
        task = progress.add_task("sealing", total=clearing.left(owner))
        sealed = clearing.seal_all(owner, ring, done=lambda number: progress.advance(task, number))
    if not sealed:
        typer.echo("nothing stands in the clear that is sealed today")
        return
    typer.echo(f"{sealed:,} values were sealed with the key {ring.current.id.hex()}")
    typer.echo(
        "willow: row history and backups made before keep what they had; make a backup now, and remove those",
        err=True,
    )


@app.command()
def rotate() -> None:
    """
    Make a new key the current one, and seal everything anew with it, while the practice works.

    Stopped halfway, begin it again: it goes on with what is left, under the key that it had made.
    """
    import psycopg
    from rich.progress import Progress

    from willowbark.foundation import database
    from willowbark.foundation.encryption import keeping, rotating

    ring = keeping.keyring()
    with (
        psycopg.connect(**database.current("owner").libpq(), autocommit=True) as owner,
        Progress(transient=True) as progress,
    ):
        left = rotating.waiting(owner, ring)
        if left:
            typer.echo(f"going on with the key {ring.current.id.hex()}: {left:,} values are left", err=True)
        else:
            ring = keeping.add_key()
            left = rotating.waiting(owner, ring)
        task = progress.add_task("sealing anew", total=left)
        rotated = rotating.rotate(owner, ring, done=lambda number: progress.advance(task, number))
    typer.echo(f"{rotated.values:,} values are under the key {ring.current.id.hex()}")
    typer.echo(
        "willow: backups made before hold values under the old keys, which stay on the ring;"
        " make a backup now, so that the new key is in one",
        err=True,
    )
