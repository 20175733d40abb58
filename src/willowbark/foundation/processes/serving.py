"""One `willow up` or `willow demo` on a data folder at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from willowbark.foundation.database.locks import open_lock, try_exclusive


class AlreadyServed(Exception):
    """Another process serves this data folder."""

    code = "already_served"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who serves a data folder, for a message: the command, its process, where its pages are, since when."""

    command: str
    pid: int
    address: str
    since: str


def holder_of(data: Path) -> Holder | None:
    """Who last took the data folder; None when nobody wrote it down."""
    try:
        return Holder(**json.loads((data / "locks" / "serving.json").read_text()))
    except (FileNotFoundError, PermissionError, ValueError, TypeError):
        # Another version's, or half of one: who it is cannot be said, which the caller says.
        return None


@contextmanager
def serving(data: Path, *, command: str) -> Iterator[Callable[[str], None]]:
    """
    Hold the data folder for the block, as the only one to serve it.

    Yields what to call with the address of the pages once it is known, such as 'http://localhost:8000'.

    The hold ends with the process, so none is ever left behind.

    Args:
        data: the data folder; its `locks` folder is made when it is missing.
        command: what a person typed, such as 'willow up'.

    Raises:
        AlreadyServed: somebody else does; the message says who.
    """
    locks = data / "locks"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    locks.mkdir(mode=0o700, exist_ok=True)
    descriptor = open_lock(locks / "serving")
    try:
        if not try_exclusive(descriptor):
            raise AlreadyServed(_who(data))
        since = datetime.now(UTC).isoformat(timespec="seconds")

        def write_down(address: str) -> None:
            me = Holder(command, os.getpid(), address, since)
            partial = locks / f"serving.{os.getpid()}"
            partial.write_text(json.dumps(asdict(me)))
            partial.replace(locks / "serving.json")

        write_down("")
        yield write_down
    finally:
        os.close(descriptor)


def _who(data: Path) -> str:
    holder = holder_of(data)
    if holder is None:
        return f"another process serves {data} already"
    return (
        f"{holder.command!r} (process {holder.pid}, since {holder.since}) serves {data} already, "
        f"{f'at {holder.address}' if holder.address else 'and is starting'}; "
        "stop it first, or name another data folder in WILLOWBARK_DATA"
    )
