"""PostgreSQL's own programs for dumping and restoring: the wheel's, or those of a practice's own server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from willowbark.foundation.database import ConnectionParams, ServerMissing
from willowbark.foundation.database.binaries import installed

from .errors import DumpFailed, ToolMissing

BIN_VARIABLE = "WILLOWBARK_PG_BIN"
PIECE_BYTES = 256 * 1024
# A process started here may know no more of our environment, which may hold secrets.
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Program:
    """One program and its version, such as '18.6'."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        """18 of '18.6'."""
        return int(self.version.split(".")[0])


def pg_dump_for(server_version: int, environment: Mapping[str, str] | None = None) -> Program:
    """
    A pg_dump that can dump a server of this version (as libpq says it: 180006): of the same major version if
    there is one, else a newer one. WILLOWBARK_PG_BIN goes before everything.

    Raises:
        ToolMissing: there is none.
    """
    wanted = server_version // 10_000
    values = os.environ if environment is None else environment
    if named := values.get(BIN_VARIABLE):
        chosen = _version_of(Path(named) / "pg_dump")
        if chosen is None:
            raise ToolMissing(f"{BIN_VARIABLE} names {named}, where no pg_dump runs")
        if chosen.major < wanted:
            raise ToolMissing(
                f"{BIN_VARIABLE} names pg_dump {chosen.version}, and the server is PostgreSQL {wanted}:"
                f" name the folder of pg_dump {wanted} or newer"
            )
        return chosen
    found = [one for path in _places(wanted, values) if (one := _version_of(path)) is not None]
    able = [one for one in found if one.major >= wanted]
    if not able:
        had = ", ".join(sorted({one.version for one in found})) or "none"
        raise ToolMissing(
            f"the server is PostgreSQL {wanted} and needs pg_dump {wanted} or newer (found: {had}): install"
            f" PostgreSQL's client programs of that version, and name their folder in {BIN_VARIABLE}"
        )
    return min(able, key=lambda one: one.major)


def pg_restore() -> Program:
    """
    The wheel's, which belongs to the embedded server.

    Raises:
        ToolMissing: the wheel is not there.
    """
    try:
        found = _version_of(Path(installed().program("pg_restore")))
    except ServerMissing as problem:
        raise ToolMissing(str(problem)) from problem
    if found is None:
        raise ToolMissing("the embedded database's pg_restore does not run on this machine")
    return found


def _places(major: int, values: Mapping[str, str]) -> Iterator[Path]:
    # Without the wheel one of the others has to do; that none does is said by who asks.
    with suppress(ServerMissing):
        yield Path(installed().program("pg_dump"))
    if on_path := shutil.which("pg_dump", path=values.get("PATH")):
        yield Path(on_path)
    # Where Debian and its kin keep each version.
    yield Path(f"/usr/lib/postgresql/{major}/bin/pg_dump")


def _version_of(path: Path) -> Program | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    number = re.search(r"\) (\d+(?:\.\d+)*)", said.stdout)
    return Program(path, number[1]) if said.returncode == 0 and number else None


def dump(
    program: Program, owner: ConnectionParams, *, snapshot: str, compress: str = "gzip:6"
) -> Generator[bytes]:
    """
    PostgreSQL's archive of the database as `snapshot` sees it, in pieces.

    Comments are left out: the only ones are those of the extensions, which a restoring owner may not make.

    Raises:
        DumpFailed: the program ended with an error; the message holds its last words.
    """
    command = ["--format=custom", f"--compress={compress}", "--no-comments", "--no-password"]
    command += [f"--snapshot={snapshot}", f"--dbname={_address(owner)}"]
    with _running(program, command, owner, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise DumpFailed("pg_dump has no output")
        while piece := process.stdout.read(PIECE_BYTES):
            yield piece


def load(program: Program, owner: ConnectionParams, archive: Iterable[bytes]) -> None:
    """
    Restore an archive into an empty database that `owner` owns, all of it or nothing.

    Raises:
        DumpFailed: the program ended with an error; the message holds its last words.
        Exception: what `archive` raises; the program is then ended, and nothing was restored.
    """
    command = ["--format=custom", "--no-owner", "--no-comments", "--no-password"]
    command += ["--single-transaction", "--exit-on-error", f"--dbname={_address(owner)}"]
    with _running(program, command, owner, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        if process.stdin is None:
            raise DumpFailed("pg_restore takes no input")
        try:
            for piece in archive:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            # It ended early; why is in its last words, which are told below.
            return


def _address(params: ConnectionParams) -> str:
    """The address without its password, which would show in the list of processes."""
    said = {key: value for key, value in params.libpq().items() if key != "password"}
    return make_conninfo("", **said)


@contextmanager
def _running(
    program: Program, arguments: list[str], params: ConnectionParams, *, stdin: int, stdout: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the block; it is ended when the block fails, and its own failure is raised."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PGPASSWORD": params.password, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C"}
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(
                [program.path, *arguments], stdin=stdin, stdout=stdout, stderr=words, env=environment
            )
        except OSError as error:
            raise ToolMissing(f"{program.path} does not run: {error.strerror}") from error
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    # Whoever had the other end may be gone.
                    with suppress(BrokenPipeError):
                        pipe.close()
            code = process.wait()
        if code:
            words.seek(0)
            said = " | ".join(words.read().decode(errors="replace").split("\n")[-8:]).strip(" |")
            raise DumpFailed(f"{program.path.name} ended with an error ({code}): {said}")
