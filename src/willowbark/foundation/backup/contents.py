"""
What is inside a backup, once it is decrypted: named parts, one after the other.

    manifest            JSON: `Manifest`
    secrets/<name>      what signs sessions, and the field keys, wherever they were kept: without them the
                        most sensitive numbers cannot be read
    anchors.jsonl       the heads of the sealed logs, as far as they were anchored
    dump                PostgreSQL's own archive, to the end

Each part has a head: its length in 4 bytes, and JSON with the part's name and its size in bytes, null when
it goes to the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from willowbark.foundation.database.folder import DataFolder
from willowbark.foundation.encryption.keeping import KEY_FILE as FIELD_KEY_FILE
from willowbark.foundation.row_digest import Digest, TableDigest

from .errors import Damaged
from .keys import KEY_FILE

MANIFEST, ANCHORS, DUMP, SECRETS = "manifest", "anchors.jsonl", "dump", "secrets/"
FIELD_KEYS = SECRETS + FIELD_KEY_FILE
# Passwords of the database's roles are made anew with a new database; the backup's key never lies inside it.
_LEFT_BEHIND = {"superuser", "owner", "app", KEY_FILE}
_PASSWORDS_OF_OWN_SERVERS = "app-"
_HEAD_BYTES = 4
_LONGEST_HEAD_BYTES = 4096
_PIECE_BYTES = 1024 * 1024
_LONGEST_LINE_BYTES = 4096
LARGEST_MANIFEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What restoring needs to know.

    Attributes:
        tables: each table's number of rows and their digest.
        highest_transaction: no row holds a transaction number above it; a new database counts on from there.
        owner, app: the names of the two roles in the database that was dumped.
        migrations: what had been applied, as 'app.name'.
    """

    tables: dict[str, tuple[int, str]]
    highest_transaction: int
    owner: str
    app: str
    migrations: tuple[str, ...]

    def digest(self, whole: str) -> Digest:
        """As `row_digest.digest_of` gave it."""
        return Digest(whole, {name: TableDigest(rows, one) for name, (rows, one) in self.tables.items()})

    def to_bytes(self) -> bytes:
        """As it is kept."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """
        Read it back.

        Raises:
            Damaged: it was not written by `to_bytes`.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            found = {one.name: said[one.name] for one in fields(cls)}
            found["tables"] = {name: (int(rows), str(one)) for name, (rows, one) in found["tables"].items()}
            found["migrations"] = tuple(found["migrations"])
            return cls(**found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged("the backup's list of what it holds cannot be read") from error


def files_of(data: Path) -> list[tuple[str, Path]]:
    """The files of a data folder that a restored practice needs, each with the name of its part."""
    folder = DataFolder(data)
    found = []
    if folder.secrets.is_dir():
        for path in sorted(folder.secrets.iterdir()):
            is_password = path.name in _LEFT_BEHIND or path.name.startswith(_PASSWORDS_OF_OWN_SERVERS)
            if not is_password and not path.name.startswith(".") and path.is_file():
                found.append((SECRETS + path.name, path))
    if (data / ANCHORS).is_file():
        found.append((ANCHORS, data / ANCHORS))
    return found


def write_head(write: Callable[[bytes], None], name: str, size: int | None) -> None:
    """Begin a part of `size` bytes, None for one that goes to the end."""
    head = json.dumps({"name": name, "size": size}, separators=(",", ":")).encode()
    write(len(head).to_bytes(_HEAD_BYTES) + head)


def write_part(write: Callable[[bytes], None], name: str, content: bytes) -> None:
    """A whole part."""
    write_head(write, name, len(content))
    write(content)


class Parts:
    """
    Reads parts from the chunks of a backup.

    Raises:
        Damaged: the chunks are authentic and still no parts; a fault of whoever wrote them.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = bytearray()

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name and content; what of it was not read is passed over before the next part."""
        while self._fill(_HEAD_BYTES):
            size = int.from_bytes(self._take(_HEAD_BYTES))
            if size > _LONGEST_HEAD_BYTES or not self._fill(size):
                raise Damaged("a part of the backup has no proper beginning")
            head = json.loads(self._take(size))
            content = self._content(head["size"])
            yield head["name"], content
            for _ in content:
                pass
        if self._held:
            raise Damaged("a part of the backup has no proper beginning")

    def _content(self, size: int | None) -> Iterator[bytes]:
        left = size
        while left is None or left > 0:
            if not self._held and not self._fill(1):
                if left is None:
                    return
                raise Damaged("a part of the backup is shorter than it says")
            piece = self._take(len(self._held) if left is None else min(left, len(self._held)))
            left = None if left is None else left - len(piece)
            yield piece

    def _fill(self, wanted: int) -> bool:
        """Whether `wanted` bytes are held now."""
        while len(self._held) < wanted:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._held += chunk
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


def write_file(write: Callable[[bytes], None], name: str, path: Path) -> None:
    """
    A part that holds a file as long as it is now; of the anchors, which are appended to, whole lines only.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size
        if name == ANCHORS:
            start = max(0, left - _LONGEST_LINE_BYTES)
            file.seek(start)
            left = start + file.read(left - start).rfind(b"\n") + 1
            file.seek(0)
        write_head(write, name, left)
        while left:
            piece = file.read(min(left, _PIECE_BYTES))
            if not piece:
                raise OSError(f"{path} became shorter while it was read")
            write(piece)
            left -= len(piece)
