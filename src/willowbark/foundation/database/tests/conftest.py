"""Data folders of servers that a test may break."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from willowbark.foundation.database import DatabaseSettings, state
from willowbark.foundation.database.folder import DataFolder
from willowbark.foundation.database.tests.helpers import wait_until_stopped


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account can reach, unlike pytest's own; gone afterwards, with what it runs."""
    top = Path(tempfile.mkdtemp(prefix="wb-"))
    top.chmod(0o711)
    yield top
    for layout in top.rglob("LAYOUT"):
        end_server(layout.parent)
    shutil.rmtree(top)


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    """The same for a module's tests together."""
    top = Path(tempfile.mkdtemp(prefix="wb-"))
    top.chmod(0o711)
    yield top
    for layout in top.rglob("LAYOUT"):
        end_server(layout.parent)
    shutil.rmtree(top)


@pytest.fixture
def settings(place: Path) -> DatabaseSettings:
    """A durable server that nobody has started yet."""
    return DatabaseSettings(data=place / "data")


def end_server(data: Path) -> None:
    """Wait until the keeper of a folder has gone, as it does by itself; end it when a test broke that."""
    try:
        wait_until_stopped(data)
    except AssertionError:
        if said := state.read(DataFolder(data)):
            os.kill(said.keeper_pid, signal.SIGTERM)
        raise
