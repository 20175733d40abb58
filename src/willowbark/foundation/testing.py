"""What the tests of every business may use."""

from __future__ import annotations

import base64
import os
import re
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from willowbark.foundation import live
from willowbark.foundation.fan_out import FanOut
from willowbark.kernel.errors import DomainError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parents[3]


def shared_data() -> Path:
    """
    The folder of real files made by others, or skip the calling test.

    `WILLOWBARK_SHARED_DATA` names it; otherwise it is looked for at `../shared/data` beside the checkout.
    """
    named = os.environ.get("WILLOWBARK_SHARED_DATA", "")
    folder = Path(named).expanduser() if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"no shared data at {folder}; name the folder with WILLOWBARK_SHARED_DATA",
            allow_module_level=True,
        )
    return folder.resolve()


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction of a test's own, undone at its end; `acting_as` opens inside it as it does outside."""
    outer = transaction.atomic()
    # As Django's TestCase marks it: a durable transaction may open in this one.
    outer._from_testcase = True  # type: ignore[attr-defined]
    with outer:
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """
    What each of so many threads got, in the order of their numbers, all begun at the same moment.

    Of a refusal it is the class; whatever else an act raises is raised here once all have ended.
    """
    ready = threading.Barrier(count, timeout=30)

    def run(number: int) -> Any:
        ready.wait()
        try:
            return act(number)
        except DomainError as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def all_at_once(*acts: Callable[[], Any]) -> list[Any]:
    """As `at_once`, of acts that differ."""
    return at_once(len(acts), lambda number: acts[number]())


def tables_that_say(owner: psycopg.Connection[Any], *words: str) -> dict[str, set[str]]:
    """
    Table -> which of the words whoever has a dump of the database reads in it, as the owner of them all.

    Looked for as text, and in bytes as they are, in hexadecimal, in base 64, deflated or gzipped.
    """
    tables = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    found: dict[str, set[str]] = {}
    for (table,) in tables:
        for (row,) in owner.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))):
            if said := {word for word in words if _says(row, word)}:
                found.setdefault(table, set()).update(said)
    return found


_HEXADECIMAL = re.compile(r"\\x((?:[0-9a-f]{2})+)")


def _says(row: str, word: str) -> bool:
    raw = word.encode()
    # Three ways to fall into groups of three bytes; without the letters that hold a neighbour's bits.
    in_base_64 = (base64.b64encode(b"\0" * ahead + raw)[4 if ahead else 0 : -4] for ahead in range(3))
    looked_for = [raw, raw.hex().encode(), *in_base_64]
    return any(each in text for text in _texts(row) for each in looked_for)


def _texts(row: str) -> Iterator[bytes]:
    yield row.encode()
    for hexadecimal in _HEXADECIMAL.findall(row):
        kept = bytes.fromhex(hexadecimal)
        yield kept
        for form in (-zlib.MAX_WBITS, zlib.MAX_WBITS | 32):
            with suppress(zlib.error):
                yield zlib.decompressobj(form).decompress(kept)


@contextmanager
def chromium() -> Iterator[Browser]:
    """
    A browser for the block, or skip the calling test where there is none.

    `WILLOWBARK_CHROMIUM` names the program; otherwise the one on the path is taken, or Playwright's own.
    Meanwhile a loop runs in this thread, which keeps Django from its database here.
    """
    from playwright.sync_api import Error, sync_playwright

    program = (
        os.environ.get("WILLOWBARK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
            )
        except Error as error:
            pytest.skip(f"no browser: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


class FanOutThatEnds(FanOut):
    """The real one lives as long as its process; this one ends when its database does."""

    def __init__(self) -> None:
        super().__init__()
        self.is_ending = False

    def _listen(self) -> None:
        with suppress(SystemExit):
            super()._listen()

    def _listen_once(self) -> None:
        if self.is_ending:
            raise SystemExit
        super()._listen_once()


@contextmanager
def own_listener() -> Iterator[None]:
    """
    For the block, live events are heard on the database that the tests work on now.

    The listener of a process that runs one test after the other would stay with the first one's.
    """
    before, live._fan_out = live._fan_out, FanOutThatEnds()
    try:
        yield
    finally:
        live._fan_out.is_ending = True
        live._fan_out = before
