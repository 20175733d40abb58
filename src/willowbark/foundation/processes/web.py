"""The web server of one process: granian, WSGI, threads that may block."""

from __future__ import annotations

import os
from pathlib import Path

from .following import SUPERVISOR
from .ports import listening_address

# Streams of live events never end by themselves; a stop does not wait for them longer than this.
STOP_PATIENCE_S = 5
# Whoever takes longer to say what they want is sent away; a browser needs milliseconds.
HEAD_PATIENCE_S = 10


def serve(target: str, *, host: str, port: int, workers: int, threads: int) -> None:
    """
    Serve the WSGI application `target` ('package.module:name') until asked to stop.

    Args:
        workers: processes.
        threads: in each process; a thread is held by a request, or by a stream for as long as it lasts.
    """
    import multiprocessing

    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    # granian's own processes follow this one: see `follow_supervisor`, which the application calls.
    os.environ[SUPERVISOR] = str(os.getpid())
    # The same everywhere: a forked process would hold our locks, and threads do not survive a fork.
    multiprocessing.set_start_method("spawn", force=True)
    Server(
        target,
        address=listening_address(host),
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_PATIENCE_S * 1000),
        # Its warnings are about 72 threads being many; most of them only wait, on streams.
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_PATIENCE_S,
        working_dir=Path("/"),
    ).serve()
