"""Making the cluster: PostgreSQL's data directory, once, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import passwords
from .account import Account
from .binaries import Binaries
from .errors import FolderRefused, StartFailed
from .folder import DataFolder

SUPERUSER = "postgres"


def check_version(cluster: Path, binaries: Binaries) -> None:
    """
    See that these programs can read the cluster.

    Raises:
        FolderRefused: another major version made it.
    """
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != binaries.major:
        raise FolderRefused(
            f"{cluster} was made by PostgreSQL {made_by} and the programs here are {binaries.version}; "
            f"start it with the version of Willowbark that made it, and move the data by a dump"
        )


def make(
    folder: DataFolder, account: Account, binaries: Binaries, *, durable: bool, report: Callable[[str], None]
) -> None:
    """
    Make the cluster if there is none: checksums on, UTF-8 sorted by code point, SCRAM for everybody.

    It is made under another name and renamed when complete, so that a process killed half-way leaves
    nothing that looks like a cluster.

    Raises:
        FolderRefused: a cluster of another version is there.
        StartFailed: initdb refused; the message holds what it said.
    """
    if folder.cluster.exists():
        check_version(folder.cluster, binaries)
        return
    report("making a new database")
    partial = folder.root / "postgres.new"
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    password_file = partial.with_name("postgres.password")
    password_file.unlink(missing_ok=True)
    if account.switched:
        os.chown(partial, account.uid, account.gid)
    try:
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(passwords.read_or_make(folder.secrets, "superuser") + "\n")
            if account.switched:
                os.fchown(file.fileno(), account.uid, account.gid)
        command = [
            binaries.program("initdb"),
            f"--pgdata={partial}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ]
        made = subprocess.run(
            command,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            **account.popen_arguments(),
        )
    finally:
        password_file.unlink(missing_ok=True)
    if made.returncode:
        raise StartFailed(f"the database could not be made: {' '.join(made.stdout.split())[-800:]}")
    partial.rename(folder.cluster)
    _sync_folder(folder.root)


def count_on_from(cluster: Path, account: Account, binaries: Binaries, *, highest_transaction: int) -> None:
    """
    Have a new cluster, which was never started, number its transactions above `highest_transaction`.

    Rows hold numbers of transactions (cursors of the outbox, the seals of the logs), and compare them with
    the server's own. A number has 64 bits: an epoch and 32 bits that go round, so the next epoch is above.

    Raises:
        StartFailed: pg_resetwal refused; the message holds what it said.
    """
    epoch = (highest_transaction >> 32) + 1
    done = subprocess.run(
        [binaries.program("pg_resetwal"), f"--epoch={epoch}", f"--pgdata={cluster}"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        cwd="/",
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        **account.popen_arguments(),
    )
    if done.returncode:
        raise StartFailed(f"the database's count could not be set: {' '.join(done.stdout.split())[-800:]}")


def _sync_folder(path: Path) -> None:
    """See the rename itself on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
