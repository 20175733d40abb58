"""The data folder, the disk and the server's programs."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from willowbark.foundation.backup import keeping
from willowbark.foundation.database import DatabaseProblem, DatabaseSettings, locks
from willowbark.foundation.database.account import choose_account
from willowbark.foundation.database.binaries import installed, runs
from willowbark.foundation.database.cluster import check_version
from willowbark.foundation.database.folder import DataFolder, prepare
from willowbark.foundation.database.postmaster import read_pid_file, runs_cluster

from .finding import Finding, look, well, wrong

MIB = 1024 * 1024
LITTLE_BYTES = 2048 * MIB
MOST_DAYS_WITHOUT_BACKUP = 3
TOO_LITTLE_BYTES = 256 * MIB
# What others must not read, and the mode it must have.
PRIVATE = {
    "secrets": 0o700,
    "locks": 0o700,
    "logs": 0o700,
    "postgres": 0o700,
    "conf": 0o750,
    "state.json": 0o600,
}


def nothing_said(message: str) -> None:
    """The doctor says what it finds itself."""


def look_at_folder(settings: DatabaseSettings) -> Iterator[Finding]:
    """Whether the data folder is ours and private."""
    folder = DataFolder(settings.data)
    if not folder.root.exists():
        yield well("data folder", f"{folder.root} does not exist yet; the first start makes it")
        return
    try:
        found = folder.root.stat()
        if found.st_uid != os.geteuid():
            yield wrong(
                "data folder", f"{folder.root} belongs to user id {found.st_uid}; run this as that user"
            )
            return
        open_to_others = [
            f"{path.name} has mode {stat.S_IMODE(path.stat().st_mode):o}, not {mode:o}"
            for path, mode in _private(folder)
            if stat.S_IMODE(path.stat().st_mode) != mode
        ]
    except OSError as error:
        yield wrong("data folder", f"{error.filename} cannot be read: {error.strerror}")
        return

    def close() -> None:
        prepare(settings, nothing_said)
        for path, mode in _private(folder):
            path.chmod(mode)

    if open_to_others:
        yield wrong("data folder", f"{folder.root}: {'; '.join(open_to_others)}", close)
    else:
        yield well("data folder", f"{folder.root}, private")


def _private(folder: DataFolder) -> Iterator[tuple[Path, int]]:
    for name, mode in PRIVATE.items():
        if (folder.root / name).exists():
            yield folder.root / name, mode
    if folder.secrets.exists():
        for path in folder.secrets.iterdir():
            yield path, 0o600


def look_at_disk(data: Path) -> Iterator[Finding]:
    """Whether there is room to write."""
    existing = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free // MIB} MiB free where {data} is"
    if free < TOO_LITTLE_BYTES:
        yield wrong("disk", f"{message}: the database will soon refuse to write; make room")
    elif free < LITTLE_BYTES:
        yield look("disk", f"{message}: make room before it fills")
    else:
        yield well("disk", message)


def look_at_backups(settings: DatabaseSettings, now: datetime) -> Iterator[Finding]:
    """Whether the practice is backed up, as far as is remembered here; other means than ours are not seen."""
    if not settings.url and not DataFolder(settings.data).cluster.exists():
        return
    notes = keeping.notes(settings.data)
    if not notes.last_at:
        yield look("backups", "none by `willow backup` yet")
        return
    days = (now - datetime.fromisoformat(notes.last_at)).days
    said = f"the last one is {days} days old: {notes.last_path}"
    if days > MOST_DAYS_WITHOUT_BACKUP:
        yield look("backups", f"{said}; make one with `willow backup`, best every night by a timer")
    elif not notes.key_shown_at:
        yield look(
            "backups",
            f"{said}; the recovery code was never shown, and without it nobody reads a backup once this"
            " machine is lost: `willow backup --show-key`",
        )
    else:
        yield well("backups", said)


def look_at_server(settings: DatabaseSettings) -> Iterator[Finding]:
    """Whether the server's programs are there, run, and can read the cluster."""
    folder = DataFolder(settings.data)
    try:
        binaries = installed()
        account = choose_account(wished=settings.account, cluster=folder.cluster, report=nothing_said)
        if folder.cluster.exists():
            check_version(folder.cluster, binaries)
    except (DatabaseProblem, OSError) as problem:
        yield wrong("database server", str(problem))
        return
    if account.switched and not runs(binaries, account):
        yield well("database server", f"{binaries.version}, run as {account.name!r} from {folder.server}")
    else:
        yield well("database server", f"{binaries.version}, run as {account.name!r}")


def look_at_leftovers(settings: DatabaseSettings) -> Iterator[Finding]:
    """Whether a killed server left something; a start deals with it, so it is no more than told."""
    folder = DataFolder(settings.data)
    try:
        left = read_pid_file(folder.cluster)
    except OSError as error:
        yield wrong("leftovers", f"{error.filename} cannot be read: {error.strerror}")
        return
    if locks.is_held(folder.keeper_lock):
        yield well("leftovers", "none: the database is running")
    elif left is None:
        yield well("leftovers", "none")
    elif runs_cluster(left.pid, folder.cluster):
        yield look(
            "leftovers", f"a server (process {left.pid}) whose keeper was killed; the next start replaces it"
        )
    else:
        yield look("leftovers", "the last server was killed; the next start recovers what was committed")
