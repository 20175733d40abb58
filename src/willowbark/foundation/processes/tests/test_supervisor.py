"""Children are kept running, ended in order, and never outlive their supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from willowbark.foundation.processes import Child, Supervisor

SUPERVISE = """
    import sys
    from willowbark.foundation.processes import Child, Supervisor
    program = sys.argv[1]
    children = [Child(name, [sys.executable, "-c", program], {"NAME": name}) for name in ("one", "two")]
    def say(line):
        # In one piece: two children may speak at the same moment.
        sys.stdout.write(line + "\\n")
        sys.stdout.flush()
    Supervisor(children, say=say).run()
    print("over", flush=True)
"""
# Says its number, follows its supervisor, and does nothing.
QUIET_CHILD = """
    import os, time
    from willowbark.foundation.processes import follow_supervisor
    follow_supervisor()
    print("pid", os.getpid(), flush=True)
    time.sleep(600)
"""
STUBBORN_CHILD = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("pid", os.getpid(), flush=True)
    time.sleep(600)
"""


@contextmanager
def supervised(child: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor with two children that run the program `child`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SUPERVISE), textwrap.dedent(child)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def pids(process: subprocess.Popen[str], count: int = 2) -> dict[str, int]:
    """The numbers of the next children that say theirs."""
    found: dict[str, int] = {}
    assert process.stdout is not None
    while len(found) < count:
        name, _, text = process.stdout.readline().partition(" | ")
        if text.startswith("pid"):
            found[name.strip()] = int(text.split()[1])
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended (one that nobody has collected yet counts as ended)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_gone(*numbers: int) -> None:
    ends = time.monotonic() + 20
    while not all(gone(pid) for pid in numbers):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_children_end_with_a_supervisor_that_is_asked_to_stop():
    for number in (signal.SIGINT, signal.SIGTERM):
        with supervised(QUIET_CHILD) as process:
            children = pids(process)
            process.send_signal(number)
            assert process.stdout is not None
            assert process.stdout.read().endswith("over\n")
            assert process.wait(timeout=20) == 0
            assert all(gone(pid) for pid in children.values())


def test_a_killed_child_is_started_again():
    with supervised(QUIET_CHILD) as process:
        first = pids(process)
        os.kill(first["one"], signal.SIGKILL)
        again = pids(process, count=1)
        assert again["one"] != first["one"]
        assert not gone(first["two"])


def test_no_child_outlives_a_killed_supervisor():
    with supervised(QUIET_CHILD) as process:
        children = pids(process)
        process.kill()
        wait_until_gone(*children.values())


def test_what_a_killed_child_left_in_its_group_is_killed():
    with supervised(STUBBORN_CHILD) as process:
        first = pids(process)
        (left,) = psutil.Process(first["one"]).children()
        os.kill(first["one"], signal.SIGKILL)
        pids(process, count=1)
        assert gone(left.pid)
        # Asked twice, it does not wait for those who do not listen.
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        process.wait(timeout=20)
        assert time.monotonic() - started < 10


def test_lines_are_prefixed_and_failures_are_retried_ever_more_slowly():
    lines: list[tuple[float, str]] = []
    child = Child("brief", [sys.executable, "-c", "print('tried'); raise SystemExit(3)"])
    supervisor = Supervisor([child], say=lambda line: lines.append((time.monotonic(), line)))
    threading.Timer(3.0, supervisor.stop).start()
    supervisor.run()
    tries = [at for at, line in lines if line == "brief | tried"]
    assert len(tries) >= 3
    assert tries[2] - tries[1] > tries[1] - tries[0]
    assert any("exit code 3" in line for _, line in lines)


def test_a_program_that_is_not_there_is_said_not_raised(tmp_path: Path):
    lines: list[str] = []
    supervisor = Supervisor([Child("none", [str(tmp_path / "missing")])], say=lines.append)
    threading.Timer(0.5, supervisor.stop).start()
    supervisor.run()
    assert any("could not be started" in line for line in lines)


def test_readiness_is_told_once():
    ready: list[bool] = []
    asked: list[bool] = []

    def second_time() -> bool:
        asked.append(True)
        return len(asked) > 1

    child = Child("idle", [sys.executable, "-c", "import time; time.sleep(60)"])
    supervisor = Supervisor(
        [child],
        say=lambda line: None,
        is_ready=second_time,
        when_ready=lambda: ready.append(True),
    )
    threading.Timer(3.0, supervisor.stop).start()
    supervisor.run()
    assert ready == [True]
    assert len(asked) == 2
