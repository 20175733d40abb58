"""
The worker: delivers the outbox, runs jobs and seals the logs until it is told to stop.

Killed at any point it loses nothing: a message counts as delivered in the transaction of its effect,
and a job whose worker has gone is taken up again by the next.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.db import Error, close_old_connections, connection
from procrastinate import App

from willowbark.foundation import outbox
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.tamper.sealing import seal_until

IDLE_SECONDS = 0.1
BROKEN_SECONDS = 2.0
STALLED_SECONDS = 30
_LOGGER = logging.getLogger(__name__)


def deliver_until(stop: threading.Event, actor_of_system: Callable[[], Actor]) -> None:
    """
    Deliver the outbox until `stop` is set.

    A database that is away is waited for. `actor_of_system` is asked anew after each break, for a
    restored database may know the system under other roles.
    """
    actor: Actor | None = None
    while not stop.is_set():
        try:
            actor = actor or _prepared(actor_of_system)
            delivered = sum(outbox.deliver(actor, key) for key in outbox.behind())
            if not delivered:
                stop.wait(IDLE_SECONDS)
        except Error:
            _LOGGER.warning("worker_database_away", exc_info=True)
            actor = None
            connection.close()
            stop.wait(BROKEN_SECONDS)
        except Exception:
            # Whatever it is, the outbox is looked at again: a thread that died would be noticed by nobody.
            _LOGGER.exception("worker_outbox_broken")
            actor = None
            connection.close()
            stop.wait(BROKEN_SECONDS)
    close_old_connections()
    connection.close()


def _prepared(actor_of_system: Callable[[], Actor]) -> Actor:
    actor = actor_of_system()
    outbox.ensure_subscriptions()
    return actor


def run(actor_of_system: Callable[[], Actor], *, anchors: Path) -> None:
    """
    Run outbox, jobs and the sealer until SIGTERM or SIGINT; what is under way is finished first.

    `anchors` is the file to which the sealer appends the heads of the logs' chains.
    """
    stop = threading.Event()
    threads = (
        threading.Thread(target=deliver_until, args=(stop, actor_of_system), name="outbox", daemon=True),
        threading.Thread(target=seal_until, args=(stop, anchors), name="sealer", daemon=True),
    )
    for thread in threads:
        thread.start()
    try:
        asyncio.run(_run_jobs(stop))
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)
    _LOGGER.info("worker_stopped")


async def _run_jobs(stop: threading.Event) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def ask_to_stop() -> None:
        stop.set()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask_to_stop)
    while not stopping.is_set():
        try:
            await _work(stopping)
        except Exception:
            # Whatever breaks the queue's connection is waited out; jobs under way are taken up again.
            _LOGGER.exception("worker_jobs_broken")
            await _wait(stopping, BROKEN_SECONDS)


async def _work(stopping: asyncio.Event) -> None:
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    jobs = app.with_connector(PsycopgConnector(kwargs=connector_params()))
    async with jobs.open_async():
        working = asyncio.create_task(
            jobs.run_worker_async(
                concurrency=1,
                wait=True,
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=25,
            )
        )
        rescuing = asyncio.create_task(_take_up_stalled(jobs))
        waiting = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait({working, waiting, rescuing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (rescuing, waiting, working):
                task.cancel()
            results = await asyncio.gather(working, rescuing, waiting, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _take_up_stalled(jobs: App) -> None:
    """Put back into the queue the jobs whose worker has gone."""
    while True:
        stalled = await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
        for job in stalled:
            _LOGGER.warning("job_taken_up_again", extra={"job": job.id})
            await jobs.job_manager.retry_job(job)
        await asyncio.sleep(STALLED_SECONDS / 3)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


def settle(actor: Actor, *, seconds: float = 10.0) -> bool:
    """
    Deliver until nothing waits (for commands that end): whether it came to rest in time.

    What waits for an older transaction to end, or for its next try, is waited for.
    """
    outbox.ensure_subscriptions()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        behind = outbox.behind()
        for key in behind:
            outbox.deliver(actor, key)
        if not behind:
            if outbox.waiting_count() == 0:
                return True
            time.sleep(IDLE_SECONDS)
    return False
