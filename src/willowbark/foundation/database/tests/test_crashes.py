"""What is killed comes back by itself, and no acknowledged row is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from willowbark.foundation.database import (
    Database,
    DatabaseProblem,
    DatabaseSettings,
    StartFailed,
    locks,
    open_database,
)
from willowbark.foundation.database.folder import SOCKET_FILE, DataFolder
from willowbark.foundation.database.settings import running_as_root
from willowbark.foundation.database.tests.helpers import one, quiet, wait_until, wait_until_stopped


class Writer:
    """Writes numbers for as long as it is asked to, and remembers each that the server acknowledged."""

    def __init__(self, database: Database) -> None:
        self.acknowledged: list[int] = []
        self.broken = 0
        self._database = database
        self._end = threading.Event()
        with psycopg.connect(**database.owner.libpq()) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS written (number int PRIMARY KEY)")
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _write(self) -> None:
        number = 0
        while not self._end.is_set():
            try:
                with psycopg.connect(**self._database.owner.libpq(), autocommit=True) as connection:
                    while not self._end.is_set():
                        number += 1
                        connection.execute("INSERT INTO written VALUES (%s)", [number])
                        self.acknowledged.append(number)
            except psycopg.Error:
                self.broken += 1
                time.sleep(0.02)

    def wait_for_more(self, *, patience_s: float = 60.0) -> None:
        """Return when rows are being acknowledged again."""
        goal = len(self.acknowledged) + 50
        wait_until(lambda: len(self.acknowledged) >= goal, what="writes to go on", patience_s=patience_s)

    def check(self) -> None:
        """Every row acknowledged so far is there."""
        acknowledged = set(self.acknowledged)
        with psycopg.connect(**self._database.owner.libpq()) as connection:
            kept = {number for (number,) in connection.execute("SELECT number FROM written")}
        assert acknowledged - kept == set()


def test_a_killed_server_comes_back_with_every_acknowledged_row(settings):
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        for _ in range(3):
            writer.wait_for_more()
            os.kill(database.server.server_pid(), signal.SIGKILL)
            writer.wait_for_more()
        assert writer.broken >= 3
        writer.check()


def test_a_server_killed_with_all_its_processes_comes_back(settings):
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        writer.wait_for_more()
        postmaster = psutil.Process(database.server.server_pid())
        for process in (postmaster, *postmaster.children(recursive=True)):
            process.kill()
        writer.wait_for_more()
        writer.check()


def test_a_killed_backend_does_not_end_the_server(settings):
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        writer.wait_for_more()
        before = database.server.server_pid()
        with psycopg.connect(**database.owner.libpq()) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        writer.wait_for_more()
        assert database.server.server_pid() == before
        writer.check()


def test_a_killed_keeper_takes_its_server_along_and_its_user_brings_both_back(settings):
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        writer.wait_for_more()
        keeper, server = database.server.keeper_pid(), database.server.server_pid()
        os.kill(keeper, signal.SIGKILL)
        wait_until(lambda: not database.server.keeper_is_alive(), what="the keeper's end")
        database.ensure()
        assert database.server.keeper_pid() != keeper
        assert database.server.server_pid() != server
        writer.wait_for_more()
        writer.check()


def test_keeper_and_server_killed_together_come_back(settings):
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        writer.wait_for_more()
        for pid in (database.server.keeper_pid(), database.server.server_pid()):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not database.server.keeper_is_alive(), what="the keeper's end")
        database.ensure()
        writer.wait_for_more()
        writer.check()


def test_the_server_ends_when_its_only_user_is_killed(settings):
    script = (
        "import sys, time\n"
        "from willowbark.foundation.database import open_database\n"
        "with open_database() as database:\n"
        "    print(database.server.server_pid(), flush=True)\n"
        "    time.sleep(600)\n"
    )
    environment = {"WILLOWBARK_DATA": str(settings.data), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True, cwd="/"
    ) as user:
        assert user.stdout is not None
        server = int(user.stdout.readline())
        assert psutil.pid_exists(server)
        user.kill()
    folder = wait_until_stopped(settings.data)
    assert not (folder.cluster / "postmaster.pid").exists()
    assert not psutil.pid_exists(server) or psutil.Process(server).name() != "postgres"


@pytest.fixture
def stopped(settings: DatabaseSettings) -> DataFolder:
    """A cluster that was used once and is not running."""
    with open_database(settings, report=quiet):
        pass
    return wait_until_stopped(settings.data)


def leave_pid_file(folder: DataFolder, pid: int) -> None:
    """Leave what a server killed with its machine leaves: pid files, whose number may be anybody's by now."""
    path = folder.cluster / "postmaster.pid"
    lines = [pid, folder.cluster, 1700000000, 5432, folder.socket, "", "  1234567  12345", "ready   ", ""]
    path.write_text("\n".join(map(str, lines)))
    owner = folder.cluster.stat()
    os.chown(path, owner.st_uid, owner.st_gid)
    path.chmod(0o600)
    lock = folder.socket / f"{SOCKET_FILE}.lock"
    lock.write_text(f"{pid}\n")
    os.chown(lock, owner.st_uid, owner.st_gid)


def test_a_pid_file_of_a_process_long_gone_is_no_obstacle(stopped, settings):
    with subprocess.Popen(["true"]) as gone:
        pass
    leave_pid_file(stopped, gone.pid)
    with open_database(settings, report=quiet) as database:
        assert one(database, "SELECT 1") == 1


def test_a_pid_file_whose_number_another_program_has_is_no_obstacle(stopped, settings):
    # A program of the very account that runs the server, which PostgreSQL itself would take for one.
    owner = stopped.cluster.stat()
    other = ["sleep", "600"]
    as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if running_as_root() else {}
    with subprocess.Popen(other, **as_owner) as process:
        try:
            leave_pid_file(stopped, process.pid)
            with open_database(settings, report=quiet) as database:
                assert one(database, "SELECT 1") == 1
            assert process.poll() is None
        finally:
            process.kill()


def test_what_makes_the_server_refuse_is_said(stopped, settings):
    (stopped.cluster / "global" / "pg_control").unlink()
    with pytest.raises(StartFailed, match="pg_control"), open_database(settings, report=quiet):
        pass
    # The keeper has gone and holds nothing, so that the next try starts afresh.
    assert not locks.is_held(stopped.keeper_lock)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 200 MB of its own."""
    if not running_as_root() or sys.platform != "linux":
        pytest.skip("only root can mount a small file system")
    top = Path(tempfile.mkdtemp(prefix="wb-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m,mode=711", "tmpfs", str(top)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        top.rmdir()
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    yield top
    wait_until_stopped(top / "data")
    subprocess.run(["umount", str(top)], check=True)
    shutil.rmtree(top)


def fill(disk: Path) -> Path:
    """A file that takes all the space there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 100_000)
    return ballast


def use_up_the_log(database: Database) -> None:
    """Have the server need new files for its log, until it cannot make one."""
    for _ in range(40):
        with psycopg.connect(**database.server.params("superuser").libpq(), autocommit=True) as connection:
            connection.execute("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")


def test_a_full_disk_loses_nothing_acknowledged_and_work_goes_on_when_space_returns(small_disk):
    settings = DatabaseSettings(data=small_disk / "data")
    with open_database(settings, report=quiet) as database, Writer(database) as writer:
        writer.wait_for_more()
        ballast = fill(small_disk)
        much = "CREATE TABLE big AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 200000) n"
        with (
            pytest.raises(psycopg.Error),
            psycopg.connect(**database.owner.libpq(), autocommit=True) as connection,
        ):
            connection.execute(much)
        with pytest.raises(psycopg.Error):
            use_up_the_log(database)
        # It has stopped by now, and cannot start while there is no space.
        time.sleep(1)
        assert writer.broken
        assert database.server.keeper_is_alive()
        ballast.unlink()
        writer.wait_for_more()
        writer.check()
    wait_until_stopped(settings.data)
    with open_database(settings, report=quiet) as database:
        writer.check()


@pytest.mark.parametrize("used_before", [False, True])
def test_starting_on_a_full_disk_says_so_and_works_when_space_returns(small_disk, used_before):
    settings = DatabaseSettings(data=small_disk / "data")
    if used_before:
        with open_database(settings, report=quiet):
            pass
        wait_until_stopped(settings.data)
    ballast = fill(small_disk)
    with pytest.raises(DatabaseProblem, match=r"[Nn]o space left"), open_database(settings, report=quiet):
        pass
    ballast.unlink()
    with open_database(settings, report=quiet) as database:
        assert one(database, "SELECT 1") == 1
