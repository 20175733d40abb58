"""
Everything that `./willow test` checks, one stage after the other, with the time of each.

    run_checks.py            all stages
    run_checks.py ARGS...    pytest alone, given ARGS
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))
WORKERS = "2"


def stages() -> list[tuple[str, list[str]]]:
    """The name and the command of each stage; the fastest to fail come first."""
    ruff = str(SCRIPTS / "ruff")
    return [
        ("ruff", [ruff, "check", "--quiet", "."]),
        ("ruff format", [ruff, "format", "--check", "--quiet", "."]),
        ("contracts", [str(SCRIPTS / "lint-imports"), "--no-cache"]),
        ("mypy", [sys.executable, "-m", "mypy"]),
        ("pytest", [*pytest_command(), "-n", WORKERS]),
    ]


def pytest_command() -> list[str]:
    """How pytest is run."""
    return [sys.executable, "-m", "pytest"]


def run(name: str, command: list[str]) -> tuple[bool, float]:
    """Run one stage; whether it passed, and the seconds it took."""
    print(f"--- {name}", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    return code == 0, time.monotonic() - started


def main(arguments: list[str]) -> int:
    """The exit code: 0 when every stage passed. A stage that fails does not keep the others from running."""
    if arguments:
        return subprocess.run([*pytest_command(), *arguments], cwd=CHECKOUT, check=False).returncode
    results = [(name, *run(name, command)) for name, command in stages()]
    print("--- time of each stage")
    for name, passed, seconds in results:
        print(f"{name:<12} {seconds:7.1f} s   {'passed' if passed else 'FAILED'}")
    print(f"{'in all':<12} {sum(seconds for _, _, seconds in results):7.1f} s", flush=True)
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
