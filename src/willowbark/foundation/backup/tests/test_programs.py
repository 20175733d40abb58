"""The right pg_dump is found, and one that fails is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from willowbark.foundation.backup import programs
from willowbark.foundation.backup.errors import DumpFailed, ToolMissing
from willowbark.foundation.backup.programs import BIN_VARIABLE, Program
from willowbark.foundation.database import ConnectionParams

NOWHERE = ConnectionParams("/nowhere", 5432, "none", "nobody", "hidden word")


def fake(folder: Path, version: str, script: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "pg_dump"
    says = f"[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) {version}' && exit"
    program.write_text(f"#!/bin/sh\n{says}\n{script}\n")
    program.chmod(0o755)
    return folder


def test_the_one_that_is_named_is_taken_and_must_not_be_older_than_the_server(tmp_path):
    folder = fake(tmp_path / "bin", "17.4 (Debian 17.4-1)")
    found = programs.pg_dump_for(160003, {BIN_VARIABLE: str(folder)})
    assert (found.path, found.version, found.major) == (folder / "pg_dump", "17.4", 17)
    with pytest.raises(ToolMissing, match=r"17\.4.*server is PostgreSQL 18"):
        programs.pg_dump_for(180001, {BIN_VARIABLE: str(folder)})
    with pytest.raises(ToolMissing, match="where no pg_dump runs"):
        programs.pg_dump_for(160003, {BIN_VARIABLE: str(tmp_path)})


def test_the_nearest_that_is_not_older_is_taken(tmp_path):
    on_path = fake(tmp_path / "path", "16.9")
    assert programs.pg_dump_for(160003, {"PATH": str(on_path)}).version == "16.9"
    assert programs.pg_dump_for(170001, {"PATH": str(on_path)}).major == programs.pg_restore().major
    with pytest.raises(ToolMissing, match=r"needs pg_dump 99 or newer \(found: .*16\.9"):
        programs.pg_dump_for(990000, {"PATH": str(on_path)})


def test_a_program_that_ends_with_an_error_is_told_in_its_own_words(tmp_path):
    folder = fake(tmp_path / "bin", "18.0", "echo half of it; echo the table vanished >&2; exit 3")
    got = bytearray()
    with pytest.raises(DumpFailed, match=r"\(3\).*the table vanished"):
        for piece in programs.dump(Program(folder / "pg_dump", "18.0"), NOWHERE, snapshot="1"):
            got += piece
    assert got == b"half of it\n"


def test_no_password_stands_on_the_command_line(tmp_path):
    folder = fake(tmp_path / "bin", "18.0", 'echo "$@"; env')
    said = b"".join(programs.dump(Program(folder / "pg_dump", "18.0"), NOWHERE, snapshot="1")).decode()
    arguments, *environment = said.splitlines()
    assert "hidden" not in arguments
    assert "PGPASSWORD=hidden word" in environment


def test_a_reader_that_gives_up_ends_the_program(tmp_path):
    folder = fake(tmp_path / "bin", "18.0", "yes")
    pieces = programs.dump(Program(folder / "pg_dump", "18.0"), NOWHERE, snapshot="1")
    assert next(pieces).startswith(b"y\n")
    pieces.close()


def test_a_loader_that_gives_up_is_told_and_not_waited_for(tmp_path):
    folder = fake(tmp_path / "bin", "18.0", "echo no such archive >&2; exit 1")
    with pytest.raises(DumpFailed, match="no such archive"):
        programs.load(Program(folder / "pg_dump", "18.0"), NOWHERE, (b"x" * 100_000 for _ in range(100)))
