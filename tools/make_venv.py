"""
Make the virtual environment that `./willow` runs in, from one lock file.

Runs under any Python 3.11+ with nothing installed, so: the standard library only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# A lock holds its platforms' wheels; building from source would need tools and unhashed packages.
WHEELS_ONLY = ["--only-binary", ":all:"]
ELSEWHERE = (
    "The environment is out of date or not yet made. "
    "Run once as someone who may write here, or set WILLOWBARK_VENV to a folder of your own."
)


class SetUpFailed(Exception):
    """The environment could not be made; the message says why, in words for a terminal."""


def say(message: str) -> None:
    """One line to the person at the terminal; standard output belongs to the command that follows."""
    print(f"willow: {message}", file=sys.stderr, flush=True)


def stamp_of(venv: Path, lock: Path) -> Path:
    """The copy of the lock that is written when everything in it is installed."""
    return venv / f"willow-{lock.name}"


def unfinished_mark(venv: Path) -> Path:
    """Present while packages are being installed: an environment that has it may be half-written."""
    return venv / "willow-unfinished"


def is_ready(venv: Path, lock: Path) -> bool:
    """Whether `venv` holds exactly what `lock` asks for."""
    stamp = stamp_of(venv, lock)
    return (
        (venv / "bin" / "python").exists()
        and not unfinished_mark(venv).exists()
        and stamp.exists()
        and stamp.read_bytes() == lock.read_bytes()
    )


def hold_lock(venv: Path) -> int:
    """Wait until no other set-up of this environment runs; the lock ends with this process."""
    try:
        venv.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(venv.parent / f"{venv.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SetUpFailed(f"cannot write beside {venv}: {error.strerror}. {ELSEWHERE}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another start is setting up the same environment; waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def run(command: list[str], what: str) -> None:
    """
    Run one installer command with its output on standard error.

    Raises:
        SetUpFailed: it did not succeed.
    """
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise SetUpFailed(f"{what} failed (exit code {done.returncode}); the lines above say why.")


def create(venv: Path, uv: str | None) -> None:
    """Make an empty environment with the Python that runs this, in place of a broken one if there is one."""
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"making {venv} with Python {version}")
    if venv.exists():
        shutil.rmtree(venv)
    if uv:
        run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], "making the environment")
    else:
        run([sys.executable, "-I", "-m", "venv", str(venv)], "making the environment")


def works(venv: Path) -> bool:
    """Whether the environment's Python starts, is new enough and was not left half-installed."""
    python = venv / "bin" / "python"
    if not python.exists() or unfinished_mark(venv).exists():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(python), "-I", "-c", check], check=False, capture_output=True).returncode == 0


def install(venv: Path, lock: Path, uv: str | None) -> None:
    """Install every package of the lock, each checked against its hashes."""
    python = str(venv / "bin" / "python")
    packages = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    say(f"installing the {packages} packages of {lock.name} (only when it changes)")
    arguments = ["--require-hashes", *WHEELS_ONLY, "--requirement", str(lock)]
    if uv:
        run([uv, "pip", "install", "--python", python, *arguments], "installing packages")
    else:
        pip = [python, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        quiet = [] if sys.stderr.isatty() else ["--quiet"]
        run([*pip, *quiet, *arguments], "installing packages")


def link_source(venv: Path, source: Path) -> None:
    """Let the environment find the checkout; a relative path, so that both may move together."""
    folder = Path(
        subprocess.run(
            [str(venv / "bin/python"), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    inside = venv.resolve().parent == source.resolve().parent
    path = os.path.relpath(source, folder) if inside else str(source)
    (folder / "willowbark_checkout.pth").write_text(path + "\n")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or none."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)


def make(venv: Path, lock: Path) -> None:
    """
    Bring `venv` to what `lock` says; nothing happens when it is so already.

    Raises:
        SetUpFailed: with a sentence for the person at the terminal.
    """
    started = time.monotonic()
    holder = hold_lock(venv)
    try:
        if is_ready(venv, lock):
            return
        uv = shutil.which("uv")
        if not works(venv):
            create(venv, uv)
        content = lock.read_bytes()
        unfinished_mark(venv).touch()
        try:
            install(venv, lock, uv)
        except SetUpFailed:
            # An installer that ends by itself cleans up; only a killed one leaves half a package.
            unfinished_mark(venv).unlink()
            raise
        link_source(venv, lock.parent / "src")
        write_whole(stamp_of(venv, lock), content)
        base = lock.with_name("requirements.lock")
        if lock.name == "requirements-dev.lock" and base.exists():
            write_whole(stamp_of(venv, base), base.read_bytes())
        unfinished_mark(venv).unlink()
        say(f"environment ready in {time.monotonic() - started:.0f} s")
    finally:
        os.close(holder)


def main(arguments: list[str]) -> int:
    """Exit code of `make_venv.py VENV LOCK`."""
    venv, lock = Path(arguments[0]), Path(arguments[1])
    try:
        make(venv, lock)
    except SetUpFailed as failure:
        say(str(failure))
        return 1
    except PermissionError as error:
        say(f"cannot write {error.filename or venv}: {error.strerror}. {ELSEWHERE}")
        return 1
    except OSError as error:
        say(f"setting up {venv} failed: {error.strerror or error} ({error.filename or 'no file named'})")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next start takes it up again")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
