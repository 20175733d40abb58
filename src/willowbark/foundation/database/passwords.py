"""Passwords of the database's roles: one file each, 0600, never on a command line, in a log or in SQL."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read(folder: Path, name: str) -> str:
    """The password kept under `name`, '' when none is."""
    try:
        return (folder / name).read_text().strip()
    except FileNotFoundError:
        return ""


def keep(folder: Path, name: str, password: str) -> None:
    """Keep `password` under `name`; on disk before this returns, and never half of it."""
    partial = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / name)


def read_or_make(folder: Path, name: str) -> str:
    """The password kept under `name`; a new one of 256 random bits the first time."""
    known = read(folder, name)
    if known:
        return known
    made = secrets.token_urlsafe(32)
    keep(folder, name, made)
    return made
