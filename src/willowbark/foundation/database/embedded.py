"""Using the embedded server: join the one that runs, or have a keeper start it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

import willowbark

from . import errors as problems
from . import locks, roles, state
from .connecting import explain, is_starting
from .errors import DatabaseProblem, StartFailed
from .folder import DataFolder, prepare
from .params import ConnectionParams
from .postmaster import runs_cluster
from .settings import DatabaseSettings

LOOK_EVERY_S = 0.01
SAY_AFTER_S = 0.7
SAY_AGAIN_AFTER_S = 10.0
LOG_BOUND_BYTES = 1024 * 1024
LEAST_SPACE_BYTES = 32 * 1024 * 1024
# What a process started for the server may know of ours; the rest may hold secrets.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "TZ")

_BY_CODE = {
    kind.code: kind
    for kind in vars(problems).values()
    if isinstance(kind, type) and issubclass(kind, DatabaseProblem)
}


class EmbeddedServer:
    """
    One user of a data folder's server.

    From `join` to `leave` the server is kept running; it stops when the last user has left or died.
    """

    def __init__(self, settings: DatabaseSettings, report: Callable[[str], None]) -> None:
        self._settings = settings
        self._report = report
        self._waiting_for, self._say_at = "", 0.0
        self._held: int | None = None
        self.folder = DataFolder(settings.data)

    def join(self) -> None:
        """
        Return when the server takes connections; waits through any recovery.

        Raises:
            FolderRefused: the data folder cannot be used.
            DatabaseProblem: the server could not be started; the message says why.
        """
        self.folder, _ = prepare(self._settings, self._report)
        held = locks.open_lock(self.folder.clients_lock)
        try:
            if not locks.try_shared(held):
                self._report("the database is just being stopped; starting it again when it has")
                locks.wait_shared(held)
            self._held = held
            self.ensure()
        except BaseException:
            self._held = None
            os.close(held)
            raise

    @property
    def is_joined(self) -> bool:
        """Whether this user holds the server at present."""
        return self._held is not None

    def leave(self) -> None:
        """Let go of the server. Repeating it does nothing."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def ensure(self) -> None:
        """
        See that a keeper runs and the server answers; start a keeper when none does.

        For a long-lived user to call now and then: a keeper that was killed comes back by it.

        Raises:
            DatabaseProblem: as `join`.
        """
        while True:
            mine = self._start_keeper_if_none()
            said = self._wait_for_word(mine=mine)
            if said.phase == "failed":
                # Gone is gone: the next try must not meet the last one's end.
                while self.keeper_is_alive():
                    time.sleep(LOOK_EVERY_S)
                kind = _BY_CODE.get(said.problem, StartFailed)
                raise kind(said.message)
            if self._answers(said):
                return

    def params(self, role: str) -> ConnectionParams:
        """How `role` ('app', 'owner', 'superuser') connects."""
        said = state.read(self.folder)
        socket = said.socket if said else ""
        return roles.embedded_params(self.folder, role, socket=socket, dbname=self._settings.name)

    def server_pid(self) -> int:
        """The process id of the server as the keeper last said it; 0 when unknown."""
        said = state.read(self.folder)
        return said.server_pid if said else 0

    def keeper_pid(self) -> int:
        """The process id of the keeper as it last said it; 0 when unknown."""
        said = state.read(self.folder)
        return said.keeper_pid if said else 0

    def keeper_is_alive(self) -> bool:
        """Whether some keeper runs this folder's server."""
        return locks.is_held(self.folder.keeper_lock)

    def _start_keeper_if_none(self) -> bool:
        """Whether this call started one. The keeper inherits the lock, so there is no moment without it."""
        descriptor = locks.open_lock(self.folder.keeper_lock)
        try:
            if not locks.try_exclusive(descriptor):
                return False
            state.forget(self.folder)
            log = self.folder.logs / "keeper.log"
            if log.exists() and log.stat().st_size > LOG_BOUND_BYTES:
                log.replace(log.with_suffix(".log.1"))
            with log.open("ab") as output:
                started = subprocess.run(
                    [
                        sys.executable,
                        "-P",
                        "-m",
                        "willowbark.foundation.database.keeper",
                        str(self.folder.root),
                        str(descriptor),
                        self._settings.account,
                        "durable" if self._settings.durable else "fast",
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(descriptor,),
                    cwd="/",
                    env=_keeper_environment(),
                    start_new_session=True,
                    check=False,
                )
            if started.returncode:
                last = log.read_text(errors="replace").splitlines()[-1:]
                raise StartFailed(f"the database's keeper did not start ({' '.join(last)}); see {log}")
            return True
        finally:
            os.close(descriptor)

    def _wait_for_word(self, *, mine: bool) -> state.ServerState:
        """The keeper's word that the server is ready or has failed, however long recovery takes."""
        while True:
            # Asked before reading: a keeper that ends between the two has said its last by then.
            alive = self.keeper_is_alive()
            said = state.read(self.folder)
            if said is not None and said.phase in {"ready", "failed"} and (alive or said.phase == "failed"):
                return said
            if not alive:
                if not mine:
                    mine = self._start_keeper_if_none()
                    continue
                raise StartFailed(self._why_no_word())
            if said is not None and said.message:
                self._say(said.message)
            time.sleep(LOOK_EVERY_S)

    def _why_no_word(self) -> str:
        """Why a keeper may have ended without a word; on a full disk it can write none."""
        free = shutil.disk_usage(self.folder.root).free
        if free < LEAST_SPACE_BYTES:
            return f"no space left on the disk of {self.folder.root} ({free // 1024} KiB free)"
        return f"the database's keeper ended unexpectedly; see {self.folder.logs / 'keeper.log'}"

    def _answers(self, said: state.ServerState) -> bool:
        """
        Whether the server lets the application's role in, and that role is safe; False: ask the keeper again.

        Raises:
            UnsafeRole: somebody gave the role rights it must not have.
        """
        params = roles.embedded_params(self.folder, "app", socket=said.socket)
        try:
            with psycopg.connect(**params.libpq()) as connection:
                roles.check_app_role(connection)
        except psycopg.OperationalError as error:
            if self.keeper_is_alive() and (is_starting(error) or self.server_pid() != said.server_pid):
                time.sleep(LOOK_EVERY_S)
                return False
            if self._server_is_gone(said):
                time.sleep(LOOK_EVERY_S)
                return False
            raise explain(error, params) from error
        return True

    def _server_is_gone(self, said: state.ServerState) -> bool:
        """Whether the server the keeper spoke of has died since; it is about to start another."""
        return not runs_cluster(said.server_pid, self.folder.cluster)

    def _say(self, message: str) -> None:
        """Report what is waited for once it takes longer than a person notices, and again now and then."""
        now = time.monotonic()
        if message != self._waiting_for:
            self._waiting_for, self._say_at = message, now + SAY_AFTER_S
        elif now >= self._say_at:
            self._say_at = now + SAY_AGAIN_AFTER_S
            self._report(message)


def _keeper_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    places = [str(Path(willowbark.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    kept["PYTHONPATH"] = os.pathsep.join(place for place in places if place)
    return kept
