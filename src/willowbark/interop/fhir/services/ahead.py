"""Work done ahead of whoever takes it, in a thread of its own: reading goes on while the database stores."""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_SWITCH_SECONDS = 0.0005


class _End:
    """The work is done, or has failed with `error`."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class _Ahead(Generic[T]):
    def __init__(self, work: Callable[[], Iterator[T]], most: int, finish: Callable[[], None]) -> None:
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=most)
        self._stopped = threading.Event()
        self._work = work
        self._finish = finish
        self.thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            for made in self._work():
                if not self._put(made):
                    break
        except BaseException as failure:  # noqa: BLE001 - whatever it is, it is raised again where it is waited for
            error = failure
        finally:
            self._finish()
            self._put(_End(error))

    def _put(self, made: T | _End) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(made, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def __iter__(self) -> Iterator[T]:
        while True:
            made = self._queue.get()
            if isinstance(made, _End):
                if made.error is not None:
                    raise made.error
                return
            yield made

    def stop(self) -> None:
        self._stopped.set()
        self.thread.join()


@contextlib.contextmanager
def ahead(
    work: Callable[[], Iterator[T]], *, most: int, finish: Callable[[], None] = lambda: None
) -> Iterator[Iterator[T]]:
    """
    Run `work()` in a thread of its own, at most `most` results ahead of who takes them.

    Whatever it raises is raised to the taker. `finish` runs in that thread at its end, to close what is its
    own. Leaving the block stops the thread after the result that it is working on.
    """
    running: _Ahead[T] = _Ahead(work, most, finish)
    # Whoever waits for the database gets the interpreter back at once, not after the usual five milliseconds.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    running.thread.start()
    try:
        yield iter(running)
    finally:
        running.stop()
        sys.setswitchinterval(interval)
