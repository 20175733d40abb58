"""
Locks on files, by flock: the kernel drops them with the process that holds them, however it ends.

A count kept in a file can be wrong after a kill -9; a lock cannot.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    """A descriptor on the lock file at `path`, made when absent; no child inherits it unless told to."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for this descriptor alone if nobody holds it; False when somebody does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_shared(descriptor: int) -> bool:
    """Take the lock together with others; False while somebody holds it alone."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_exclusive(descriptor: int) -> None:
    """Return when the lock is this descriptor's alone, however long that takes."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def wait_shared(descriptor: int) -> None:
    """Return when nobody holds the lock alone any more, holding it together with others."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Whether some process holds the lock at `path`, alone or with others, at this moment."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return not try_exclusive(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Hold the lock at `path` alone for the block; yields False, holding nothing, when somebody else does."""
    descriptor = open_lock(path)
    try:
        yield try_exclusive(descriptor)
    finally:
        os.close(descriptor)
