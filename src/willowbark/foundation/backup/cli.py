"""Back the practice up, and restore it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from willowbark.foundation.backup import keeping

if TYPE_CHECKING:
    from willowbark.foundation.backup.keys import BackupKey
    from willowbark.foundation.database import DatabaseSettings

MIB = 1024 * 1024
USAGE = 2


def _say(message: str) -> None:
    typer.echo(f"willow: {message}", err=True)


def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Where to; it must exist. `backups` in the data folder if not said.", readable=False
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=1, help="How many of this practice's backups to keep in that folder.")
    ] = keeping.KEPT,
    key_file: Annotated[
        Path | None,
        typer.Option(help="A file that holds a recovery code; the installation's own key if not said."),
    ] = None,
    without_field_keys: Annotated[
        bool,
        typer.Option(
            "--without-field-keys", help="Make it even when the field keys are lost; remove no older one."
        ),
    ] = False,
    show_key: Annotated[
        bool,
        typer.Option("--show-key", help="Show the recovery code, to be kept elsewhere, and make no backup."),
    ] = False,
) -> None:
    """Write an encrypted backup of everything, while the practice works."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    import django

    from willowbark.foundation.backup import keys, taking
    from willowbark.foundation.database import DatabaseSettings

    settings = DatabaseSettings.from_environment()
    if show_key:
        _show_key(settings)
        return
    django.setup()
    with _ended_in_order():
        taken = taking.take(
            settings,
            folder=folder.absolute() if folder else None,
            key=keys.from_file(key_file) if key_file else None,
            keep=keep,
            without_field_keys=without_field_keys,
            report=_say,
        )
    typer.echo(f"{taken.path}")
    typer.echo(
        f"{taken.size_bytes / MIB:,.1f} MiB, {taken.header.rows:,} rows of {taken.tables} tables,"
        f" as of {taken.header.moment}, in {taken.seconds:.1f} s"
    )
    typer.echo(f"digest {taken.header.digest}")
    typer.echo(f"key {taken.header.key_id}")
    for path in taken.removed:
        typer.echo(f"removed {path}")
    if folder is None:
        _say(f"{taken.path.parent} is on the same disk as the practice: copy it elsewhere, or name a folder")
    if key_file is None and not keeping.notes(settings.data).key_shown_at:
        _say(
            "without its recovery code nobody can read a backup once this machine is lost:"
            " show it with `willow backup --show-key` and keep it elsewhere"
        )


def _show_key(settings: DatabaseSettings) -> None:
    from willowbark.foundation import clock
    from willowbark.foundation.backup import keys
    from willowbark.foundation.backup.errors import NothingToBackUp
    from willowbark.foundation.database.folder import DataFolder

    folder = DataFolder(settings.data)
    if not folder.secrets.is_dir():
        raise NothingToBackUp(f"there is no practice in {settings.data}")
    key, _ = keys.read_or_make(folder.secrets)
    typer.echo(key.code)
    typer.echo(
        f"The recovery code of the key {key.id}. Whoever has it and a backup reads every record.", err=True
    )
    keeping.remember(settings.data, lambda notes: replace(notes, key_shown_at=clock.now().isoformat()))


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", readable=False)],
    check: Annotated[
        bool,
        typer.Option("--check", help="Only see that it restores to what was backed up; touch no practice."),
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            help="The folder to make the practice's; the data folder, when it is empty, if not said."
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="A file that holds the recovery code, - to type it; the installation's own key if not said."
        ),
    ] = None,
    without_field_keys: Annotated[
        bool,
        typer.Option(
            "--without-field-keys",
            help="Restore it even when no field keys open its sensitive numbers, which stay sealed.",
        ),
    ] = False,
) -> None:
    """Read a backup: to see that it is good, or to go on from it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    import django

    from willowbark.foundation.backup import restoring
    from willowbark.foundation.database import DatabaseSettings

    settings = DatabaseSettings.from_environment()
    if check and into is not None:
        _say("--check restores into nothing: say one of --check and --into")
        raise typer.Exit(USAGE)
    if not check and into is None and settings.url:
        _say("DATABASE_URL names your own server, which is not restored into: say --into FOLDER")
        raise typer.Exit(USAGE)
    django.setup()
    key = _key(settings, key_file)
    with _ended_in_order():
        if check:
            done = restoring.check(file, key, settings, report=_say)
            typer.echo(f"good: restores to digest {done.header.digest}")
        else:
            target = (into or settings.data).absolute()
            done = restoring.restore(
                file, key, target, settings, without_field_keys=without_field_keys, report=_say
            )
            typer.echo(f"restored into {target}, digest {done.header.digest}")
    typer.echo(
        f"{done.header.rows:,} rows of {done.tables} tables, as of {done.header.moment},"
        f" in {done.seconds:.1f} s"
    )
    if not check:
        without = " and without DATABASE_URL" if settings.url else ""
        _say(f"`willow up` with WILLOWBARK_DATA={target}{without} serves it; serve the old one no more")


def _key(settings: DatabaseSettings, key_file: Path | None) -> BackupKey:
    """
    The key to read with.

    Raises:
        BadKey: what was given is none, or none was.
    """
    from willowbark.foundation.backup import keys
    from willowbark.foundation.backup.errors import BadKey
    from willowbark.foundation.database.folder import DataFolder

    if key_file == Path("-"):
        if sys.stdin.isatty():
            return keys.from_code(typer.prompt("Recovery code", hide_input=True, err=True))
        return keys.from_code(sys.stdin.readline())
    if key_file is not None:
        return keys.from_file(key_file)
    known = keys.read(DataFolder(settings.data).secrets)
    if known is None:
        raise BadKey(
            f"there is no key in {settings.data}: give the recovery code in a file with --key-file,"
            " or type it with --key-file -"
        )
    return known


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Clean up when asked to end, as for Ctrl-C."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
