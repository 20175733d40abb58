"""The running server: its process, its pid file, what a killed one left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .account import Account
from .binaries import Binaries
from .errors import StartFailed
from .folder import SOCKET_FILE, DataFolder

READY = "ready"
# Loaded before any fork: the child between fork and exec must not load libraries.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class PidFile:
    """What postmaster.pid says: who wrote it, and how far that server got ('starting', 'ready', ...)."""

    pid: int
    status: str


def read_pid_file(cluster: Path) -> PidFile | None:
    """The pid file of a cluster; None when there is none or its first line was not written yet."""
    try:
        lines = (cluster / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    # Line 8 is the status (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
    return PidFile(pid=int(lines[0]), status=lines[7].strip() if len(lines) > 7 else "")


def runs_cluster(pid: int, cluster: Path) -> bool:
    """
    Whether the process `pid` is a PostgreSQL server of this very cluster.

    A number in a pid file says nothing after a restart of the machine: another program may have it.
    A postmaster's working folder is its cluster.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()).samefile(cluster)
    except (psutil.Error, OSError):
        return False


def _wait_until_gone(pid: int, cluster: Path) -> None:
    while runs_cluster(pid, cluster):
        time.sleep(0.02)


def clear_leftovers(folder: DataFolder, account: Account, report: Callable[[str], None]) -> None:
    """
    Deal with what a killed keeper or machine left. Only under the keeper's lock, so no keeper lives.

    A server that still runs is stopped cleanly (its committed rows are safe) and waited for. A pid file
    whose number now belongs to another program would make PostgreSQL refuse for ever: the number becomes
    ours, which a server that we start takes for stale, while its own check of shared memory stays.
    """
    left = read_pid_file(folder.cluster)
    if left is not None and runs_cluster(left.pid, folder.cluster):
        report("stopping a database server that was left behind")
        os.kill(left.pid, signal.SIGINT)
        _wait_until_gone(left.pid, folder.cluster)
        left = read_pid_file(folder.cluster)
    if left is not None and _is_alive(left.pid):
        _take_over_pid_file(folder.cluster / "postmaster.pid", account)
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (folder.socket / name).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _take_over_pid_file(path: Path, account: Account) -> None:
    """Put this process's number in the first line, keeping the rest; refuses another's file."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "r+") as file:
        found = os.fstat(file.fileno())
        if found.st_uid != account.uid or found.st_nlink != 1:
            raise StartFailed(f"{path} is not the database's own file; remove it")
        rest = file.read().splitlines()[1:]
        file.seek(0)
        file.write("\n".join([str(os.getpid()), *rest]) + "\n")
        file.truncate()


def die_with_parent() -> None:
    """On Linux, have the kernel stop the server when the keeper is killed; elsewhere the next keeper does."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT))


class Postmaster:
    """One start of the server, as a child. Made on the main thread, whose life `die_with_parent` follows."""

    def __init__(self, folder: DataFolder, account: Account, binaries: Binaries) -> None:
        self._folder = folder
        self._output = folder.logs / "server-start.log"
        self._sizes_before = self._log_sizes()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    binaries.program("postgres"),
                    "-D",
                    str(folder.cluster),
                    "-c",
                    f"config_file={folder.configuration / 'postgresql.conf'}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                # A terminal's Ctrl-C must reach the keeper's clients, not the server.
                start_new_session=True,
                # After the change of account, which would clear it.
                preexec_fn=die_with_parent,
                **account.popen_arguments(),
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Whether the server is gone; collects it."""
        return self._process.poll() is not None

    def is_ready(self) -> bool:
        """Whether it takes connections, recovery included, by its own word in the pid file."""
        said = read_pid_file(self._folder.cluster)
        return said is not None and said.pid == self.pid and said.status == READY

    def last_words(self) -> str:
        """The end of what this start wrote, on its output and in its log, for a message."""
        texts = [self._output.read_text(errors="replace")]
        for path, size in sorted(self._log_sizes().items()):
            with path.open("rb") as log:
                before = self._sizes_before.get(path, 0)
                log.seek(before if before <= size else 0)
                texts.append(log.read(64 * 1024).decode(errors="replace"))
        lines = [line for text in texts for line in text.splitlines()]
        return " | ".join([line for line in lines if line.strip() and "log output" not in line][-6:])

    def _log_sizes(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in (self._folder.cluster / "log").glob("*.log")}

    def stop(self) -> None:
        """Shut down fast: open transactions are rolled back, a checkpoint written; waits for the end."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait()
