"""
Seal what has been written to the access log and to row history, and keep the heads outside the database.

A block is chained to the one before it, and holds only transactions that have ended, in the order of their
numbers: so nothing can slip in behind a seal unseen. The chain's head is appended to a file beside the
database at most once a minute; whoever rewrites the whole chain, or cuts off its end, contradicts that file,
or the copy of it that somebody keeps elsewhere.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import Error, close_old_connections, connection

from willowbark.foundation import clock

CHAINS = ("access", "history")
MOST_ENTRIES = 20_000
EVERY_SECONDS = 1.0
BROKEN_SECONDS = 5.0
ANCHOR_EVERY = timedelta(minutes=1)
ANCHOR_FILE = "anchors.jsonl"
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block of a chain: what is anchored. `digest` is 32 bytes in hexadecimal."""

    chain: str
    number: int
    digest: str


def seal(*, most_entries: int = MOST_ENTRIES) -> int:
    """
    Seal one block of each chain, and return how many entries were sealed; 0 when nothing waits.

    A block holds at most `most_entries`, or one transaction however large it is. Safe to call from several
    processes at once: they take turns.
    """
    sealed = 0
    with connection.cursor() as cursor:
        for chain in CHAINS:
            cursor.execute("SELECT willow_seal(%s, %s)", [chain, most_entries])
            row = cursor.fetchone()
            sealed += row[0] if row else 0
    return sealed


def heads() -> list[Head]:
    """The newest block of each chain that has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (chain) chain, number, encode(digest, 'hex') FROM foundation_seal"
            " ORDER BY chain, number DESC"
        )
        return [Head(*row) for row in cursor.fetchall()]


def anchor(file: Path) -> list[Head]:
    """
    Append the heads that the file does not have yet, and return them; the file is flushed to disk.

    Raises:
        OSError: the file cannot be written.
    """
    known = {(one.chain, one.number) for one in anchored(file)}
    new = [head for head in heads() if (head.chain, head.number) not in known]
    if new:
        now = clock.now().isoformat()
        lines = [
            json.dumps({"at": now, "chain": head.chain, "number": head.number, "digest": head.digest})
            for head in new
        ]
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))
            out.flush()
            os.fsync(out.fileno())
    return new


def anchored(file: Path) -> list[Head]:
    """
    The heads that a file holds; none when there is no file.

    Raises:
        ValueError: a line cannot be read; it says which.
    """
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            said = json.loads(line)
            found.append(Head(str(said["chain"]), int(said["number"]), str(said["digest"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} of {file.name} is no anchor") from error
    return found


def seal_until(stop: threading.Event, file: Path, *, anchor_every: timedelta = ANCHOR_EVERY) -> None:
    """Seal every second, anchor every minute, until `stop` is set. A database that is away is waited for."""
    anchored_at: datetime | None = None
    while not stop.is_set():
        try:
            while seal():
                if stop.is_set():
                    break
            if anchored_at is None or clock.now() - anchored_at >= anchor_every:
                anchor(file)
                anchored_at = clock.now()
            stop.wait(EVERY_SECONDS)
        except Error:
            _LOGGER.warning("sealer_database_away", exc_info=True)
            connection.close()
            stop.wait(BROKEN_SECONDS)
        except Exception:
            # Entries stay unsealed, which `audit verify` reports; the next round tries again.
            _LOGGER.exception("sealer_broken")
            connection.close()
            stop.wait(BROKEN_SECONDS)
    close_old_connections()
    connection.close()
