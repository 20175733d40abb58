"""`willow demo --once`, as a stranger types it: from nothing to a checked practice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from willowbark.foundation.database.tests.helpers import wait_until_stopped
from willowbark.foundation.processes.up import child_environment, willow


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account can reach, unlike pytest's own; gone afterwards."""
    top = Path(tempfile.mkdtemp(prefix="wb-demo-"))
    top.chmod(0o711)
    yield top
    if (top / "data").exists():
        wait_until_stopped(top / "data")
    shutil.rmtree(top)


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WILLOWBARK_", "DATABASE_", "DJANGO_"))
    }
    environment |= {**child_environment(), "WILLOWBARK_DATA": str(place / "data"), "WILLOWBARK_DURABLE": "no"}
    return subprocess.run(
        willow("demo", *arguments), env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.slow
def test_once_builds_checks_and_prints_nothing_but_json_on_standard_output(place: Path):
    first = run(place, "--once", "--patients", "2", "--today", "2026-03-16")
    assert first.returncode == 0, first.stderr
    summary = json.loads(first.stdout)
    assert summary["ok"] is True
    assert summary["built"] is True
    assert summary["patients"] == 2
    assert summary["today"] == "2026-03-16"
    assert "inventing a practice of 2 patients" in first.stderr

    second = run(place, "--once", "--patients", "50", "--seed", "9")
    assert second.returncode == 0, second.stderr
    kept = json.loads(second.stdout)
    assert (kept["built"], kept["patients"], kept["seed"]) == (False, 2, 1)
    assert kept["digest"] == summary["digest"]
    # Nothing that could be a password is told to anybody.
    assert "password" not in (first.stdout + first.stderr).lower()


def test_help_says_what_it_does_without_a_database(place: Path):
    done = run(place, "--help")
    assert done.returncode == 0
    for option in ("--once", "--patients", "--seed", "--today", "--anew", "--port"):
        assert option in done.stdout
    assert not (place / "data").exists()
