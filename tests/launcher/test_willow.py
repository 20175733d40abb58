"""`./willow` makes its environment once, and only when the lock asks for another."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from willowbark.foundation.testing import REPOSITORY

# Says what it was called with, and where its code was found.
PROGRAM = "import sys, willowbark\nprint(*sys.argv[1:])\nprint(willowbark.__file__)\n"


def make_checkout(place: Path) -> Path:
    """A checkout whose locks ask for nothing, so that no package is fetched."""
    (place / "src" / "willowbark").mkdir(parents=True)
    (place / "src" / "willowbark" / "__init__.py").touch()
    (place / "src" / "willowbark" / "__main__.py").write_text(PROGRAM)
    shutil.copy(REPOSITORY / "willow", place)
    shutil.copytree(REPOSITORY / "tools", place / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "requirements-dev.lock"):
        (place / name).write_text(f"# {name}\n")
    return place


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A checkout that nobody has started yet."""
    return make_checkout(tmp_path / "a checkout")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that was started, for copies of it."""
    place = make_checkout(tmp_path_factory.mktemp("made") / "a checkout")
    first = willow(place, "version", "two words")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "version two words"
    assert first.stdout.splitlines()[1].startswith(str(place))
    assert "making" in first.stderr
    assert "environment ready" in first.stderr
    return place


@pytest.fixture
def checkout(made_once: Path, tmp_path: Path) -> Path:
    """A checkout that was started before, and then moved together with its environment."""
    place = tmp_path / "a checkout"
    shutil.copytree(made_once, place, symlinks=True)
    return place


def willow(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "willow"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**clean_environment(), **environment},
    )


def clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WILLOWBARK_")}
    kept.pop("PYTHONPATH", None)
    return kept


def test_a_second_start_is_quick_from_wherever_it_is_called(checkout, tmp_path):
    taken = []
    for _ in range(5):
        started = time.monotonic()
        again = willow(checkout, "version")
        taken.append(time.monotonic() - started)
        assert again.stderr == ""
    bare = []
    for _ in range(5):
        started = time.monotonic()
        python = [str(checkout / ".venv/bin/python"), "-P", "-m", "willowbark", "version"]
        subprocess.run(python, check=True, capture_output=True, env=clean_environment())
        bare.append(time.monotonic() - started)
    assert min(taken) - min(bare) < 0.1

    link = tmp_path / "bin" / "willow"
    link.parent.mkdir()
    link.symlink_to(checkout / "willow")
    (tmp_path / "bin" / "relative").symlink_to("willow")
    for name in ("willow", "relative"):
        linked = subprocess.run(
            [name, "x"],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env={**clean_environment(), "PATH": f"{link.parent}:{os.environ['PATH']}"},
        )
        assert linked.stdout.splitlines()[0] == "x"

    # The code is that of the checkout, not that of the place it was moved from.
    assert willow(checkout, "version").stdout.splitlines()[1].startswith(str(checkout))

    # A file in the folder somebody stands in shadows nothing.
    (tmp_path / "willowbark.py").write_text("raise SystemExit(9)")
    done = subprocess.run([str(checkout / "willow")], cwd=tmp_path, env=clean_environment(), check=False)
    assert done.returncode == 0


def test_a_changed_lock_is_installed_and_test_has_a_lock_of_its_own(checkout):
    assert "requirements-dev.lock" in willow(checkout, "test").stderr
    # The tools' lock holds all of the other, so neither asks for anything now.
    assert willow(checkout).stderr == willow(checkout, "test").stderr == ""
    (checkout / "requirements.lock").write_text("# another\n")
    assert "packages of requirements.lock" in willow(checkout).stderr
    assert willow(checkout).stderr == ""


def test_an_environment_that_was_left_half_made_is_made_anew(checkout):
    (checkout / ".venv" / "willow-unfinished").touch()
    (checkout / ".venv" / "half-written").touch()
    assert "making" in willow(checkout).stderr
    assert not (checkout / ".venv" / "half-written").exists()
    assert willow(checkout).stderr == ""


def test_two_first_starts_at_once_make_one_environment(new):
    both = [
        subprocess.Popen(
            [str(new / "willow"), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        for name in ("one", "two")
    ]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(out.splitlines()[0] for out, _ in said) == ["one", "two"]
    assert sum("making" in err for _, err in said) == 1


def test_a_lock_that_cannot_be_installed_is_said_and_tried_again(checkout):
    (checkout / "requirements.lock").write_text("no requirement at all\n")
    refused = willow(checkout)
    assert refused.returncode != 0
    assert "no requirement at all" in refused.stderr
    assert "installing packages failed" in refused.stderr
    assert "Traceback" not in refused.stderr
    (checkout / "requirements.lock").write_text("# nothing\n")
    assert willow(checkout).returncode == 0


def test_without_a_python_it_says_what_is_missing(new, tmp_path):
    tools = tmp_path / "tools only"
    tools.mkdir()
    for name in ("sh", "dirname", "cmp", "readlink"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    done = subprocess.run(
        [str(new / "willow")], capture_output=True, text=True, check=False, env={"PATH": str(tools)}
    )
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every account can reach, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="wb-"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


def test_a_checkout_that_cannot_be_written_works_once_it_is_set_up(reachable):
    checkout = make_checkout(reachable / "a checkout")
    system_python = Path("/usr/bin/python3")
    usable = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"
    if (
        not system_python.exists()
        or subprocess.run([system_python, "-c", usable], check=False, capture_output=True).returncode
    ):
        pytest.skip("no system Python of 3.11 or newer with venv")
    assert willow(checkout, WILLOWBARK_PYTHON=str(system_python)).returncode == 0
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    else:
        for path in (checkout, checkout / ".venv"):
            path.chmod(0o555)
    run: dict[str, Any] = {"capture_output": True, "text": True, "check": False, "cwd": "/", **as_nobody}
    try:
        done = subprocess.run([str(checkout / "willow"), "version"], env=clean_environment(), **run)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[0] == "version"
        (checkout / "requirements.lock").write_text("# another\n")
        refused = subprocess.run([str(checkout / "willow"), "version"], env=clean_environment(), **run)
        assert refused.returncode == 1
        assert "WILLOWBARK_VENV" in refused.stderr
    finally:
        for path in (checkout, checkout / ".venv"):
            path.chmod(0o755)
