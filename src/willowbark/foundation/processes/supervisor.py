"""
Keeps a few child processes running.

Each child leads a process group of its own: a Ctrl-C at the terminal reaches the supervisor alone,
which ends the children in order; and whatever a killed child left in its group is killed before it is
started again.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from .following import SUPERVISOR

# A closed terminal stops it as Ctrl-C does.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 15.0
# A child that ran this long was well: the next failure is a new one.
WELL_AFTER_S = 30.0
PATIENCE_S = 20.0
SAME_REQUEST_S = 0.5
LOOK_EVERY_S = 1.0
SHORT_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Child:
    """
    One process to keep running.

    Attributes:
        name: what its lines are prefixed with.
        command: the program and its arguments.
        environment: what it gets beside the supervisor's own environment.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class _Running:
    """A child's present process, and when to start the next one."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.relay: threading.Thread | None = None
        self.started_at = 0.0
        self.pause_s = FIRST_PAUSE_S
        self.start_at = 0.0


class Supervisor:
    """
    Runs children until it is asked to stop by SIGINT, SIGTERM or SIGHUP.

    Args:
        children: what to run; all are started at once, ended in the reverse order.
        say: takes each line: a child's output, or what the supervisor does.
        is_ready: asked until it says yes, then `when_ready` is called once.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        say: Callable[[str], None],
        is_ready: Callable[[], bool] = lambda: False,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._running = [_Running(child) for child in children]
        self._say = say
        self._is_ready = is_ready
        self._when_ready = when_ready
        self._width = max((len(child.name) for child in children), default=0)
        self._asked_at: float | None = None
        self._impatient = False
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)

    def run(self) -> None:
        """Start every child, keep it running, end all when asked to. Call it on the main thread."""
        before = {number: signal.getsignal(number) for number in (*STOPPING, signal.SIGCHLD)}
        for number in STOPPING:
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        woken_before = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            self._keep()
        finally:
            self._end()
            signal.set_wakeup_fd(woken_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._woken)
            os.close(self._waker)

    def pids(self) -> dict[str, int]:
        """The process of each child that runs, by name."""
        return {
            running.child.name: running.process.pid
            for running in self._running
            if running.process is not None and running.process.returncode is None
        }

    def stop(self) -> None:
        """Ask it to stop, as a SIGTERM would. From any thread."""
        self._note_request()
        with contextlib.suppress(BlockingIOError):
            os.write(self._waker, b"s")

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._note_request()

    def _note_request(self) -> None:
        """Two requests at once are one (`timeout` sends two); a later one is impatience."""
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif now - self._asked_at > SAME_REQUEST_S:
            self._impatient = True

    def _keep(self) -> None:
        ready = False
        while self._asked_at is None:
            now = time.monotonic()
            for running in self._running:
                if running.process is None and now >= running.start_at:
                    self._start(running)
                elif running.process is not None and running.process.poll() is not None:
                    self._bury(running)
            if not ready and self._is_ready():
                ready = True
                self._when_ready()
            self._wait(min(LOOK_EVERY_S if ready else SHORT_LOOK_S, self._next_start_in()))

    def _next_start_in(self) -> float:
        """Seconds until a child is due; without end when none is."""
        now = time.monotonic()
        due = [running.start_at - now for running in self._running if running.process is None]
        return max(min(due, default=float("inf")), 0.0)

    def _start(self, running: _Running) -> None:
        child = running.child
        running.started_at = time.monotonic()
        try:
            process = subprocess.Popen(
                list(child.command),
                env={**os.environ, **child.environment, SUPERVISOR: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._line(child.name, f"could not be started: {error}")
            self._plan_next(running)
            return
        running.process = process
        if process.stdout is not None:
            running.relay = threading.Thread(
                target=self._relay, args=(child.name, process.stdout), name=f"{child.name}-lines", daemon=True
            )
            running.relay.start()

    def _bury(self, running: _Running) -> None:
        """After a child ended by itself: kill what it left, say so, plan the next start."""
        process = running.process
        if process is None:
            return
        self._kill_group(process.pid)
        code = process.returncode
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        if time.monotonic() - running.started_at > WELL_AFTER_S:
            running.pause_s = FIRST_PAUSE_S
        self._line(running.child.name, f"{how}; starting it again in {running.pause_s:.1f} s")
        self._plan_next(running)

    def _plan_next(self, running: _Running) -> None:
        running.process = None
        running.start_at = time.monotonic() + running.pause_s
        running.pause_s = min(running.pause_s * 2, LONGEST_PAUSE_S)

    def _end(self) -> None:
        """End the children, the last first: politely, then, late or asked a second time, at once."""
        for running in reversed(self._running):
            process = running.process
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        ends = time.monotonic() + PATIENCE_S
        alive = [running for running in self._running if running.process is not None]
        while alive and time.monotonic() < ends and not self._impatient:
            alive = [running for running in alive if running.process and running.process.poll() is None]
            if alive:
                self._wait(SHORT_LOOK_S)
        for running in alive:
            self._line(
                running.child.name, "killing it, asked twice" if self._impatient else "did not end in time"
            )
        for running in self._running:
            if running.process is not None:
                self._kill_group(running.process.pid)
                running.process.wait()
            if running.relay is not None:
                # Ends when every holder of the pipe has ended, which the kill above saw to.
                running.relay.join(timeout=2)

    def _kill_group(self, leader: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)

    def _wait(self, seconds: float) -> None:
        select.select([self._woken], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 4096)

    def _relay(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self._line(name, line.decode(errors="replace").rstrip("\n"))

    def _line(self, name: str, text: str) -> None:
        self._say(f"{name:<{self._width}} | {text}")
