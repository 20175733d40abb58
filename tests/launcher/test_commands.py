"""The `willow` command gathers what businesses offer, and imports none of it before it is called for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from willowbark import main
from willowbark.foundation.processes.up import child_environment, willow


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        willow(*arguments),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **child_environment()},
    )


def test_help_lists_what_is_ours_and_what_was_found():
    shown = CliRunner().invoke(main.app, ["--help"])
    assert shown.exit_code == 0
    for name in ("up", "web", "worker", "migrate", "doctor", "import", "test", "version", "init"):
        assert f" {name} " in shown.output
    assert "Open a real, empty practice" in shown.output


def test_nothing_heavy_is_imported_to_show_help_or_the_version():
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from willowbark import main\n"
        "assert CliRunner().invoke(main.app, sys.argv[1:]).exit_code == 0\n"
        "print([name for name in ('django', 'psycopg', 'pydantic', 'granian') if name in sys.modules])\n"
    )
    for argument in ("--help", "version"):
        done = subprocess.run(
            [sys.executable, "-c", script, argument],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **child_environment()},
        )
        assert done.stdout.strip() == "[]"


def test_help_of_a_gathered_command_starts_no_database(tmp_path):
    data = tmp_path / "data"
    done = subprocess.run(
        willow("init", "--help"),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **child_environment(), "WILLOWBARK_DATA": str(data)},
    )
    assert done.returncode == 0
    assert "Usage: willow init" in done.stdout
    assert not data.exists()


def test_a_command_that_there_is_none_of_is_refused():
    done = run("no-such-command")
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "postgresql://u:secret@127.0.0.1:1/d"])
def test_an_expected_failure_is_one_line_without_a_traceback(address, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", address)
    done = run("migrate", "--quiet")
    assert done.returncode == 1
    assert done.stderr.startswith("willow: ")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_first_sentences_are_read_without_importing():
    assert main._first_sentence("willowbark.practice.cli", "init") == (
        "Open a real, empty practice: you are its owner, and nobody else has an account."
    )
    assert main._first_sentence("willowbark.practice.cli", "app").startswith("Open a real practice")
