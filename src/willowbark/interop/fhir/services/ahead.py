"""Work done ahead of whoever takes it, in a thread of its own: reading goes on while the database stores."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_SWITCH_SECONDS = 0.001


class _Ahead(Generic[T]):
    def __init__(
        self,
        work: Callable[[], Iterator[T]],
        weigh: Callable[[T], int],
        most: int,
        finish: Callable[[], None],
    ) -> None:
        self._work = work
        self._weigh = weigh
        self._most = most
        self._finish = finish
        self._made: deque[tuple[T, int]] = deque()
        self._weight = 0
        self._is_over = False
        self._is_stopped = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self.thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            try:
                for made in self._work():
                    if not self._put(made):
                        break
            finally:
                self._finish()
        except BaseException as failure:  # noqa: BLE001 - raised again where it is waited for
            error = failure
        with self._changed:
            self._is_over, self._error = True, error
            self._changed.notify_all()

    def _put(self, made: T) -> bool:
        """Lay a result down once there is room; False when nobody wants it any more."""
        weight = self._weigh(made)
        with self._changed:
            # What is heavier than all there is room for goes alone.
            self._changed.wait_for(
                lambda: self._is_stopped or not self._made or self._weight + weight <= self._most
            )
            if self._is_stopped:
                return False
            self._made.append((made, weight))
            self._weight += weight
            self._changed.notify_all()
        return True

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._made or self._is_over)
                if not self._made:
                    break
                made, weight = self._made.popleft()
                self._weight -= weight
                self._changed.notify_all()
            yield made
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        self.thread.join()


@contextlib.contextmanager
def ahead(
    work: Callable[[], Iterator[T]],
    *,
    most: int,
    weigh: Callable[[T], int] = lambda _: 1,
    finish: Callable[[], None] = lambda: None,
) -> Iterator[Iterator[T]]:
    """
    Run `work()` in a thread of its own, results that together weigh at most `most` ahead of who takes them.

    Whatever it raises is raised to the taker. `finish` runs in that thread at its end, to close what is its
    own. Leaving the block stops the thread after the result that it is working on.
    """
    running: _Ahead[T] = _Ahead(work, weigh, most, finish)
    # Whoever waits for the database gets the interpreter back soon, not after the usual five milliseconds.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    running.thread.start()
    try:
        yield iter(running)
    finally:
        running.stop()
        sys.setswitchinterval(interval)
