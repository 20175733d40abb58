"""
Where the field keys are kept: never in the database.

    WILLOWBARK_FIELD_KEYS        the keys themselves, as a service manager or a vault hands them over
    WILLOWBARK_FIELD_KEYS_FILE   a file that holds them, for a practice's own server
    secrets/field_keys           of the data folder, 0600, when neither is said
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from willowbark.foundation import clock
from willowbark.foundation.database import DatabaseSettings, passwords
from willowbark.foundation.database.folder import DataFolder

from .errors import BadKeys, KeysMissing
from .keyring import Keyring

TEXT, FILE = "WILLOWBARK_FIELD_KEYS", "WILLOWBARK_FIELD_KEYS_FILE"
KEY_FILE = "field_keys"


@dataclass(frozen=True, slots=True)
class _Read:
    """A ring, and of which file it was read: its path, inode, size and time in nanoseconds."""

    state: tuple[object, ...]
    ring: Keyring


_last: list[_Read] = []


def place() -> Path | None:
    """The file that the keys are kept in; None when the environment holds the keys themselves."""
    if os.environ.get(TEXT):
        return None
    if named := os.environ.get(FILE):
        return Path(named)
    return own_file(DatabaseSettings.from_environment().data)


def own_file(data: Path) -> Path:
    """The file of a data folder."""
    return DataFolder(data).secrets / KEY_FILE


def kept_elsewhere() -> str | None:
    """
    The keys as text when the environment says where they are; None when they lie in the data folder.

    Raises:
        KeysMissing, BadKeys: as `keyring`.
    """
    return keyring().to_text() if os.environ.get(TEXT) or os.environ.get(FILE) else None


def keyring() -> Keyring:
    """
    The practice's keys, read again whenever their file was changed: another process may have added one.

    Raises:
        KeysMissing: there are none.
        BadKeys: they cannot be read.
    """
    path = place()
    state: tuple[object, ...]
    if path is None:
        state = (os.environ[TEXT],)
    else:
        try:
            found = path.stat()
        except FileNotFoundError:
            raise KeysMissing(
                f"the field keys are missing: {path} is not there. Put it back from a copy or a backup;"
                " without it the most sensitive numbers cannot be read"
            ) from None
        except OSError as error:
            raise BadKeys(f"the field keys in {path} cannot be read: {error.strerror}") from error
        state = (path, found.st_ino, found.st_size, found.st_mtime_ns)
    if _last and _last[0].state == state:
        return _last[0].ring
    ring = Keyring.parse(os.environ[TEXT]) if path is None else read(path)
    _last[:] = [_Read(state, ring)]
    return ring


def read(path: Path) -> Keyring:
    """
    The keys in a file.

    Raises:
        BadKeys: it cannot be read, or holds something else.
    """
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"the field keys in {path} cannot be read") from error
    try:
        return Keyring.parse(text)
    except BadKeys as problem:
        raise BadKeys(f"{path}: {problem}") from problem


def ensure(is_needed_already: Callable[[], bool]) -> None:
    """
    Make keys where there are none yet. Whoever does so at the same time comes to the same keys.

    `is_needed_already` says whether something is sealed: then new keys would only hide that the old ones
    are lost.

    Raises:
        KeysMissing: the keys are gone, and something is sealed with them; or a variable names no file.
        BadKeys: they cannot be read or written.
    """
    path = place()
    if path is None or path.exists():
        keyring()
        return
    if is_needed_already():
        keyring()
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        passwords.keep(made.parent, made.name, Keyring.made(clock.now()).to_text())
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    except OSError as error:
        raise BadKeys(f"the field keys cannot be kept in {path}: {error.strerror}") from error
    keyring()


def add_key() -> Keyring:
    """
    Put a new key on the ring, in its file, and return the ring.

    Raises:
        BadKeys: the environment holds the keys, so that whoever put them there adds one; or the file cannot
            be written.
    """
    path = place()
    if path is None:
        raise BadKeys(
            f"{TEXT} holds the keys: nothing that runs here can add one. Keep them in a file and name it in"
            f" {FILE}, or add a key where the variable comes from"
        )
    ring = keyring().with_new_key(clock.now())
    try:
        passwords.keep(path.parent, path.name, ring.to_text())
    except OSError as error:
        raise BadKeys(f"the field keys cannot be kept in {path}: {error.strerror}") from error
    return ring
