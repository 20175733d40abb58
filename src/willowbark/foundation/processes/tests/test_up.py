"""`willow up` as a whole: it serves, survives the death of each of its processes, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from willowbark.foundation.database import DatabaseSettings, state
from willowbark.foundation.database.folder import DataFolder
from willowbark.foundation.database.tests.helpers import wait_until, wait_until_stopped
from willowbark.foundation.processes.ports import is_well
from willowbark.foundation.processes.serving import holder_of
from willowbark.foundation.processes.up import child_environment, willow

# A machine that does much else at the time takes this long to make a database and migrate it.
PATIENCE_S = 180.0


@dataclass
class Installation:
    """One data folder, served at a port of its own."""

    data: Path
    port: int

    def environment(self) -> dict[str, str]:
        named = {"WILLOWBARK_DATA": str(self.data), "WILLOWBARK_PORT": str(self.port)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WILLOWBARK_")}
        return {**kept, **child_environment(), **named}

    def start(self) -> subprocess.Popen[str]:
        with (self.data.parent / "lines.log").open("w") as lines:
            return subprocess.Popen(
                willow("up"), env=self.environment(), stdout=lines, stderr=subprocess.STDOUT, text=True
            )

    def is_well(self) -> bool:
        return is_well("localhost", self.port, "/health/ready")

    def wait_until_well(self, what: str) -> None:
        try:
            wait_until(self.is_well, what=what, patience_s=PATIENCE_S)
        except AssertionError as error:
            said = (self.data.parent / "lines.log").read_text()
            raise AssertionError(f"{error}; it said:\n{said[-4000:]}") from error


@pytest.fixture
def installation() -> Iterator[Installation]:
    top = Path(tempfile.mkdtemp(prefix="wb-"))
    top.chmod(0o711)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    yield Installation(top / "data", port)
    wait_until_stopped(top / "data")
    shutil.rmtree(top)


def child(supervisor: int, command: str) -> psutil.Process | None:
    """The child of a process that runs `willow <command>`."""
    try:
        for process in psutil.Process(supervisor).children():
            if command in process.cmdline():
                return process
    except psutil.Error:
        return None
    return None


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> Callable[[], bool]:
    def check() -> bool:
        return not any(process.is_running() and process.status() != "zombie" for process in processes)

    return check


@pytest.mark.slow
def test_it_serves_survives_the_death_of_each_process_and_leaves_nothing(installation):
    with installation.start() as up:
        try:
            installation.wait_until_well("the pages")

            refused = subprocess.run(
                willow("up"), env=installation.environment(), capture_output=True, text=True, check=False
            )
            assert refused.returncode == 1
            assert f"process {up.pid}" in refused.stderr
            assert str(installation.port) in refused.stderr

            for command in ("web", "worker"):
                victim = child(up.pid, command)
                assert victim is not None
                victim.kill()

                def back(command: str = command, before: int = victim.pid) -> bool:
                    now = child(up.pid, command)
                    return now is not None and now.pid != before

                wait_until(back, what=f"another {command}", patience_s=PATIENCE_S)
                installation.wait_until_well(f"the pages after the death of {command}")

            web = child(up.pid, "web")
            assert web is not None
            serving = [process for process in web.children() if "spawn_main" in " ".join(process.cmdline())]
            assert serving
            for process in serving:
                process.kill()
            installation.wait_until_well("the pages after the death of the web server's own process")

            folder = DataFolder(installation.data)
            said = state.read(folder)
            assert said is not None
            os.kill(said.server_pid, signal.SIGKILL)
            time.sleep(0.5)
            installation.wait_until_well("the pages after the death of the database")
            os.kill(said.keeper_pid, signal.SIGKILL)
            time.sleep(0.5)
            installation.wait_until_well("the pages after the death of the database's keeper")

            everybody = family(up.pid)
            up.send_signal(signal.SIGTERM)
            assert up.wait(timeout=PATIENCE_S) == 0
            wait_until(all_gone(everybody), what="every process to end")
        finally:
            up.kill()
    wait_until_stopped(installation.data)
    assert not installation.is_well()


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_process_behind(installation):
    with installation.start() as up:
        try:
            installation.wait_until_well("the pages")
            said = state.read(DataFolder(installation.data))
            assert said is not None
            everybody = [*family(up.pid), psutil.Process(said.keeper_pid), psutil.Process(said.server_pid)]
        finally:
            up.kill()
    wait_until(all_gone(everybody), what="every process to end", patience_s=PATIENCE_S)


def test_a_taken_port_is_said_before_anything_is_made(installation):
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        done = subprocess.run(
            willow("up"), env=installation.environment(), capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"port {installation.port}" in done.stderr
    assert "--port" in done.stderr
    assert not DataFolder(installation.data).cluster.exists()
    assert holder_of(installation.data) is not None


def test_a_setting_that_cannot_be_used_is_named(installation):
    environment = {**installation.environment(), "WILLOWBARK_PORT": "seventy"}
    done = subprocess.run(willow("up"), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "WILLOWBARK_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    assert DatabaseSettings.from_environment(environment).data == installation.data
