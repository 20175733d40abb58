"""Backups in a folder: names, writing one whole or not at all, how many stay, when the last was made."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from willowbark.foundation.database.folder import DataFolder

from .errors import BackupProblem, PlaceRefused
from .sealed import Header, SealedReader

BEGINNING, ENDING = "willowbark-", ".backup"
PARTIAL = ".partial"
KEPT = 14
NOTES = "backups.json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished backup in a folder."""

    path: Path
    header: Header


@dataclass(frozen=True, slots=True)
class Notes:
    """
    What is remembered in the data folder about backups.

    Attributes:
        last_at, last_path: of the newest backup that was finished, '' when there was none.
        key_shown_at: when the recovery code was last shown, '' when never.
    """

    last_at: str = ""
    last_path: str = ""
    key_shown_at: str = ""


def why(error: OSError, place: Path) -> PlaceRefused:
    """What kept `place` from being written or read, in words."""
    if error.errno in _FULL:
        return PlaceRefused(f"there is no room left in {place}: make room, or name another folder")
    if isinstance(error, PermissionError):
        return PlaceRefused(f"{place} may not be written or read by this account: {error.strerror}")
    return PlaceRefused(f"{place}: {error.strerror or error}")


def check_folder(folder: Path) -> None:
    """
    See that backups can go there.

    Raises:
        PlaceRefused: it does not exist, is no folder, or is closed to us.
    """
    if not folder.exists():
        raise PlaceRefused(f"there is no folder {folder}: make it first (is the disk attached?)")
    if not folder.is_dir():
        raise PlaceRefused(f"{folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlaceRefused(f"{folder} may not be written by this account")


def new_path(folder: Path, created_at: datetime) -> Path:
    """A name for a backup: sorted by name they are sorted by time."""
    moment = created_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return folder / f"{BEGINNING}{moment}-{secrets.token_hex(3)}{ENDING}"


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """
    A file that is named `path` once the block has ended well and it is on the disk; else nothing of it stays.

    Raises:
        PlaceRefused: there is no room, or it may not be written.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        _forget_interrupted(path.parent)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                # Held for as long as we live: whoever finds the file unlocked knows that it was interrupted.
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield file
                file.flush()
                os.fsync(file.fileno())
                partial.rename(path)
        except BaseException:
            with suppress(FileNotFoundError):
                partial.unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise why(error, path.parent) from error


def _forget_interrupted(folder: Path) -> None:
    """Remove what killed backups left."""
    for path in folder.glob(f".{BEGINNING}*{ENDING}{PARTIAL}"):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            # Another's, or gone by now.
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        except (BlockingIOError, FileNotFoundError):
            continue
        finally:
            os.close(descriptor)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def backups_in(folder: Path, key_id: str) -> list[Kept]:
    """
    This practice's finished backups in a folder, newest first; those of another key are another practice's.

    A file of such a name whose header cannot be read is not among them, so it is never removed either.

    Raises:
        PlaceRefused: the folder cannot be read.
    """
    found = []
    try:
        for path in folder.glob(f"{BEGINNING}*{ENDING}"):
            with suppress(BackupProblem, FileNotFoundError):
                with path.open("rb") as file:
                    header = SealedReader(file).header
                if header.key_id == key_id:
                    found.append(Kept(path, header))
    except OSError as error:
        raise why(error, folder) from error
    return sorted(found, key=lambda one: (one.header.instant, one.path.name), reverse=True)


def keep_newest(folder: Path, key_id: str, number: int) -> list[Path]:
    """
    Remove this practice's backups but the newest `number`, at least 1; returns what was removed.

    Raises:
        ValueError: `number` is below 1.
        PlaceRefused: one cannot be removed.
    """
    if number < 1:
        raise ValueError("at least one backup is kept")
    removed = []
    for kept in backups_in(folder, key_id)[number:]:
        try:
            kept.path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise why(error, kept.path) from error
        removed.append(kept.path)
    return removed


def notes(data: Path) -> Notes:
    """What is remembered; nothing when it cannot be read, for it only reminds people."""
    try:
        said = json.loads((data / NOTES).read_text(encoding="utf-8"))
        return Notes(**{name: str(said[name]) for name in asdict(Notes()) if name in said})
    except (OSError, ValueError, TypeError, AttributeError):
        return Notes()


def remember(data: Path, change: Callable[[Notes], Notes]) -> None:
    """
    Change what is remembered.

    Raises:
        PlaceRefused: it cannot be written.
    """
    try:
        DataFolder(data).keep(NOTES, json.dumps(asdict(change(notes(data)))))
    except OSError as error:
        raise why(error, data) from error
