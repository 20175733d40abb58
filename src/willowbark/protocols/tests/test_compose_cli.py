"""Composing from the command line: bytes for a problem, and a plain sentence for anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from willowbark.protocols.cli import app
from willowbark.protocols.core.plan import Status, parse
from willowbark.protocols.core.problem import from_document
from willowbark.protocols.core.solving import solve
from willowbark.protocols.tests.core.invented import practice_document, practice_problem

PROBLEM = practice_problem(2, products=12, ingredients=6)


def composed(*arguments: str, given: bytes | None = None):
    return CliRunner().invoke(app, ["solve", *arguments], input=given)


def test_a_file_is_answered_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_bytes(PROBLEM.to_bytes())
    result = composed(str(path))
    assert result.exit_code == 0
    assert result.stdout_bytes == solve(PROBLEM).to_bytes()
    assert composed("-", given=PROBLEM.to_bytes()).stdout_bytes == result.stdout_bytes


def test_that_nothing_is_possible_is_an_answer() -> None:
    document = practice_document(2, products=12, ingredients=6, moments=4)
    key = document["products"][0]["key"]
    document["choices"].update(included=[key], excluded=[key])
    result = composed("-", given=from_document(document).to_bytes())
    assert result.exit_code == 0
    plan = parse(result.stdout_bytes)
    assert plan.status is Status.INFEASIBLE
    assert plan.clash == (f"excluded:{key}", f"included:{key}")


def test_a_plan_without_its_proof_is_said_to_be_one() -> None:
    result = composed("-", "--limit", "0.000001", given=PROBLEM.to_bytes())
    assert result.exit_code == 3
    assert parse(result.stdout_bytes).status is Status.UNPROVEN
    assert "there may be a better plan" in result.stderr


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[]", b'{"format":"willowbark.problem/1"}'])
def test_what_is_no_problem_is_refused_in_words(data: bytes) -> None:
    result = composed("-", given=data)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Cannot read -: $")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = composed(str(tmp_path / "none.json"))
    assert result.exit_code == 2
    assert "none.json" in result.stderr


def test_it_needs_no_database_and_no_heavy_libraries(tmp_path: Path) -> None:
    script = (
        "import sys; from willowbark.main import app\n"
        "try: app(['compose', 'solve', '-'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print({'django', 'pandas', 'numpy', 'psycopg'} & set(sys.modules), file=sys.stderr)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        input=PROBLEM.to_bytes(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "WILLOWBARK_DATA": str(tmp_path / "data"),
        },
    )
    assert said.stdout == solve(PROBLEM).to_bytes()
    assert said.stderr.decode().strip() == "set()"
    assert not (tmp_path / "data").exists()


def test_importing_protocols_does_not_load_the_solver() -> None:
    script = (
        "import sys; import willowbark.protocols.core.solving, willowbark.protocols.core.explaining\n"
        "print([each for each in sys.modules if each.startswith(('ortools', 'jsonschema'))])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert said.stdout.strip() == "[]"
