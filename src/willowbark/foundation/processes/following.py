"""
A child that ends when its parent does, however the parent ended.

The parent's number is compared now and then: it works on Linux and macOS alike, and, unlike a signal
asked of the kernel, survives a change of account.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping

SUPERVISOR = "WILLOWBARK_SUPERVISOR"
LOOK_EVERY_S = 0.5
PATIENCE_S = 10.0


def follow(parent_pid: int) -> None:
    """
    End this process soon after its parent is no longer `parent_pid`: politely first, then at once.

    A parent that has gone already counts too.
    """
    threading.Thread(target=_watch, args=(parent_pid,), name="follow-parent", daemon=True).start()


def follow_supervisor(environment: Mapping[str, str] | None = None) -> None:
    """Follow who started us, where the environment says that it is a supervisor of ours."""
    named = (os.environ if environment is None else environment).get(SUPERVISOR, "")
    if named.isdigit():
        follow(int(named))


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os.kill(os.getpid(), signal.SIGKILL)
