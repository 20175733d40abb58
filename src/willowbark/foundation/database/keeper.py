"""
The keeper: the one process that runs a data folder's server.

Whoever needs the database holds the `clients` lock together with the others, and starts a keeper if
none runs. The keeper makes the cluster, starts the server, restarts it when it is killed, and stops it
when nobody holds the clients' lock any more. Locks end with their processes, so the count is right
after any kill -9. Killed itself, it takes the server along (see `die_with_parent`), and the next one
deals with what is left.

    python -m willowbark.foundation.database.keeper DATA_FOLDER LOCK_DESCRIPTOR ACCOUNT DURABLE
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from . import binaries, cluster, configuration, locks, postmaster, roles, state
from .account import Account
from .errors import DatabaseProblem, StartFailed
from .folder import DataFolder, prepare
from .settings import DatabaseSettings

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
LOOK_EVERY_S = 0.02
# A killed server's last children may need a moment to let go of the shared memory.
STILL_IN_USE = "pre-existing shared memory block"
STILL_IN_USE_PATIENCE_S = 60.0


def note(message: str) -> None:
    """One line in the keeper's log, which is its standard error."""
    print(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {message}", file=sys.stderr, flush=True)  # noqa: T201


class Keeper:
    """Runs the server of one data folder; made by the process that holds the folder's keeper lock."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self._folder: DataFolder
        self._account: Account
        self._server: postmaster.Postmaster | None = None
        self._said = state.ServerState(
            phase="starting", message="starting the database", keeper_pid=os.getpid(), server_pid=0, socket=""
        )
        self._stop = threading.Event()
        # Signals and the watching thread both end a wait by writing one byte.
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._woken, False)

    def run(self) -> int:
        """Keep the server until nobody needs it; the exit code of the process."""
        try:
            self._folder, self._account = prepare(self._settings, self._report)
            self._say(socket=str(self._folder.socket))
            signal.signal(signal.SIGTERM, self._asked_to_stop)
            signal.signal(signal.SIGINT, self._asked_to_stop)
            signal.signal(signal.SIGCHLD, lambda *_: None)
            signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
            self._watch_clients()
            programs = binaries.usable_by(self._account, self._folder.server, self._report)
            cluster.make(
                self._folder, self._account, programs, durable=self._settings.durable, report=self._report
            )
            configuration.write(self._folder, self._account, durable=self._settings.durable)
            postmaster.clear_leftovers(self._folder, self._account, self._report)
            try:
                if self._first_start(programs):
                    self._report("preparing roles")
                    roles.prepare_embedded(self._folder)
                    self._say(phase="ready", message="")
                    self._keep(programs)
            finally:
                self._end()
        except DatabaseProblem as problem:
            note(f"failed: {problem}")
            self._say(phase="failed", message=str(problem), problem=problem.code)
            return 1
        except OSError as error:
            note(traceback.format_exc())
            where = f" ({error.filename})" if error.filename else ""
            self._say(
                phase="failed",
                message=f"the database could not be started: {error.strerror or error}{where}",
                problem=StartFailed.code,
            )
            return 1
        return 0

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _watch_clients(self) -> None:
        """Have a thread wait for the moment when no client is left; it then holds new ones off for good."""
        descriptor = locks.open_lock(self._folder.clients_lock)

        def wait() -> None:
            locks.wait_exclusive(descriptor)
            self._stop.set()
            os.write(self._waker, b"c")

        threading.Thread(target=wait, name="clients", daemon=True).start()

    def _first_start(self, programs: binaries.Binaries) -> bool:
        """
        Start the server and wait until it takes connections, recovery included; False when asked to stop.

        Raises:
            StartFailed: it ended by itself; the message holds its last words.
        """
        patience_ends = time.monotonic() + STILL_IN_USE_PATIENCE_S
        while True:
            server = self._start(programs)
            if self._wait_until_ready(server):
                return True
            if self._stop.is_set():
                return False
            words = server.last_words()
            if STILL_IN_USE not in words or time.monotonic() > patience_ends:
                raise StartFailed(f"the database server did not start: {words}")
            self._pause(0.2)

    def _start(self, programs: binaries.Binaries) -> postmaster.Postmaster:
        self._server = server = postmaster.Postmaster(self._folder, self._account, programs)
        note(f"server {server.pid} started")
        self._said = replace(self._said, server_pid=server.pid)
        self._say(message="starting the database; after a crash, what was committed is read back first")
        return server

    def _wait_until_ready(self, server: postmaster.Postmaster) -> bool:
        """True when it takes connections; False when it ended or we were asked to stop."""
        while not self._stop.is_set():
            if server.is_ready():
                return True
            if server.has_ended():
                return False
            self._pause(LOOK_EVERY_S)
        return False

    def _keep(self, programs: binaries.Binaries) -> None:
        """Restart the server whenever it ends, with growing pauses, until asked to stop."""
        pause_s = FIRST_PAUSE_S
        while not self._stop.is_set():
            if self._server is not None and not self._server.has_ended():
                self._pause(None)
                continue
            if self._server is not None:
                note(f"server {self._server.pid} ended by itself: {self._server.last_words()}")
            self._say(phase="restarting", message="the database stopped unexpectedly; starting it again")
            self._sleep(pause_s)
            if self._stop.is_set():
                return
            started = time.monotonic()
            server = self._start(programs)
            if self._wait_until_ready(server):
                note(f"server {server.pid} recovered in {time.monotonic() - started:.1f} s")
                self._say(phase="ready", message="")
                pause_s = FIRST_PAUSE_S
            else:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _end(self) -> None:
        if self._server is not None and not self._server.has_ended():
            self._say(phase="stopping", message="stopping the database")
            self._server.stop()
            note("server stopped")

    def _sleep(self, seconds: float) -> None:
        """Sleep for `seconds`, or until asked to stop."""
        ends = time.monotonic() + seconds
        while not self._stop.is_set() and (left := ends - time.monotonic()) > 0:
            self._pause(left)

    def _pause(self, seconds: float | None) -> None:
        """Sleep until a signal, the clients' end or `seconds`, whichever comes first."""
        select.select([self._woken], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 4096)

    def _report(self, message: str) -> None:
        note(message)
        self._say(message=message)

    def _say(self, **changes: str | int) -> None:
        self._said = replace(self._said, **changes)  # type: ignore[arg-type]  # names and types are the dataclass's
        try:
            state.say(DataFolder(self._settings.data), self._said)
        except OSError as error:
            # On a full disk the server's life matters more than what is said about it; clients also try it.
            note(f"could not write the state: {error}")


def main(arguments: list[str]) -> int:
    """Detach from who started us, then keep the server. The lock comes in as an open descriptor."""
    data, descriptor, account, durable = arguments
    # Who started us waits for this first process only, so that it has no child left to collect.
    if os.fork():
        return 0
    os.set_inheritable(int(descriptor), False)
    settings = DatabaseSettings(data=Path(data), account=account, durable=durable == "durable")
    note(f"keeper {os.getpid()} for {data}")
    return Keeper(settings).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
