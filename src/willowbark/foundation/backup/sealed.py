"""
The encrypted file.

    magic               8 bytes
    length of header    4 bytes, big-endian
    header              JSON: `Header`
    checksum            32 bytes: SHA-256 of all that stands before; tells a damaged header from a wrong key
    chunks              each AES-256-GCM of `chunk_bytes` of plain text and a tag of 16 bytes; the last is
                        shorter or as long, and empty only when there is no plain text at all

It is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", CRYPTO 2015): a chunk's nonce is its number and whether it is the last, so
none can be changed, moved, taken out, or left off at the end unnoticed. Each chunk also vouches for the
header. A file's key is derived from the practice's with a salt of its own, so a nonce never comes twice under
one key.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import CutShort, Damaged, NotABackup, TooNew, WrongKey
from .keys import BackupKey

MAGIC = b"WILLOWBK"
FORMAT = 1
CHUNK_BYTES = 1024 * 1024
TAG_BYTES = 16
LONGEST_HEADER_BYTES = 64 * 1024
LARGEST_CHUNK_BYTES = 64 * 1024 * 1024
_LENGTH_BYTES = 4
_CHECKSUM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Header:
    """
    What a backup says of itself without its key; changing it makes the file unreadable.

    Attributes:
        created_at: of the moment whose state it holds, ISO 8601 in UTC.
        willowbark, server, dump: versions of the platform, of PostgreSQL, and of the program that dumped.
        digest, rows: over all rows of all tables (`foundation.row_digest`), and how many those are.
        key_id, salt: which key opens it, and what makes the file's own key; hexadecimal.
        chunk_bytes: the plain text of one chunk.
    """

    created_at: str
    willowbark: str
    server: str
    dump: str
    digest: str
    rows: int
    key_id: str
    salt: str
    chunk_bytes: int = CHUNK_BYTES
    format: int = FORMAT

    @property
    def instant(self) -> datetime:
        """`created_at`, read."""
        return datetime.fromisoformat(self.created_at)

    @property
    def moment(self) -> str:
        """`created_at` to the second, for a person."""
        return f"{self.instant:%Y-%m-%d %H:%M:%S %Z}"


def new_salt() -> str:
    """A salt for one file."""
    return secrets.token_hex(32)


class SealedWriter:
    """
    Encrypts what is written to it into `file`. Without `finish` the file is cut short, and says so.

    Raises:
        OSError: the file cannot be written; from any method.
    """

    def __init__(self, file: BinaryIO, header: Header, key: BackupKey) -> None:
        text = json.dumps(asdict(header), separators=(",", ":")).encode()
        head = MAGIC + len(text).to_bytes(_LENGTH_BYTES) + text
        self._file = file
        self._chunk_bytes = header.chunk_bytes
        self._cipher = AESGCM(key.for_file(bytes.fromhex(header.salt)))
        self._checksum = sha256(head).digest()
        self._waiting = bytearray()
        self._number = 0
        self.written_bytes = len(head) + len(self._checksum)
        file.write(head + self._checksum)

    def write(self, data: bytes) -> None:
        """Take `data`; a chunk is written only once something follows it, since the last one is marked."""
        self._waiting += data
        while len(self._waiting) > self._chunk_bytes:
            self._seal(bytes(self._waiting[: self._chunk_bytes]), last=False)
            del self._waiting[: self._chunk_bytes]

    def finish(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), plain, self._checksum)
        self._file.write(sealed)
        self._number += 1
        self.written_bytes += len(sealed)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + (b"\1" if last else b"\0")


class SealedReader:
    """
    Reads what `SealedWriter` wrote.

    Attributes:
        header: what the file says of itself; not believed until a chunk was read.

    Raises:
        NotABackup: the file is something else.
        TooNew: a newer version made it.
        CutShort, Damaged: what is there of its header is not what was written.
        OSError: it cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.header, self._checksum = _read_header(file)

    def chunks(self, key: BackupKey) -> Iterator[bytes]:
        """
        The plain text, chunk by chunk; once. Only authentic text is yielded; that the last of it was there is
        known when the iterator ends.

        Raises:
            WrongKey: `key` is another.
            CutShort, Damaged: from any chunk on.
            OSError: it cannot be read.
        """
        if key.id != self.header.key_id:
            raise WrongKey(
                f"the backup was made with the key {self.header.key_id}, and this one is {key.id}:"
                " give the recovery code of that practice with --key-file"
            )
        cipher = AESGCM(key.for_file(bytes.fromhex(self.header.salt)))
        size = self.header.chunk_bytes + TAG_BYTES
        number, sealed = 0, self._file.read(size)
        while True:
            following = self._file.read(size) if len(sealed) == size else b""
            last = not following
            try:
                plain = cipher.decrypt(_nonce(number, last=last), sealed, self._checksum)
            except InvalidTag as error:
                raise _why(cipher, number, sealed, self._checksum, last=last) from error
            yield plain
            if last:
                return
            number, sealed = number + 1, following


def _read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """The header and its checksum; the file is left at its first chunk."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if magic and MAGIC.startswith(magic):
            raise CutShort("the backup is cut short: not even its header is whole")
        raise NotABackup("this is no backup of Willowbark (it does not begin like one)")
    length = file.read(_LENGTH_BYTES)
    size = int.from_bytes(length)
    if size > LONGEST_HEADER_BYTES:
        raise Damaged("the backup is damaged: its header is longer than any")
    text, checksum = file.read(size), file.read(_CHECKSUM_BYTES)
    if len(length) < _LENGTH_BYTES or len(text) < size or len(checksum) < _CHECKSUM_BYTES:
        raise CutShort("the backup is cut short: not even its header is whole")
    if sha256(magic + length + text).digest() != checksum:
        raise Damaged("the backup is damaged: its header was changed")
    return _header(text), checksum


def _header(text: bytes) -> Header:
    try:
        said: dict[str, Any] = json.loads(text)
        number = int(said["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("the backup is damaged: its header cannot be read") from error
    if number > FORMAT:
        raise TooNew(
            f"a newer version of Willowbark ({said.get('willowbark', 'unknown')}) made this backup, in format"
            f" {number}, and this one reads up to {FORMAT}: bring Willowbark up to that version first"
        )
    try:
        header = Header(**{one.name: said[one.name] for one in fields(Header)})
        bytes.fromhex(header.salt)
        if header.instant.tzinfo is None or not 0 < header.chunk_bytes <= LARGEST_CHUNK_BYTES:
            raise ValueError("out of bounds")
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("the backup is damaged: its header cannot be read") from error
    return header


def _why(cipher: AESGCM, number: int, sealed: bytes, checksum: bytes, *, last: bool) -> Damaged:
    """Whether the file ends too early, as far as can be told, or was changed."""
    if last and len(sealed) < TAG_BYTES:
        return CutShort(f"the backup is cut short: it ends where its piece {number + 1} begins")
    if last:
        try:
            cipher.decrypt(_nonce(number, last=False), sealed, checksum)
        except InvalidTag:
            return Damaged(
                f"the backup is damaged or cut short in its last piece, number {number + 1}: use another one"
            )
        return CutShort(
            f"the backup is cut short: it ends after its piece {number + 1}, and more must follow"
        )
    return Damaged(f"the backup is damaged in its piece {number + 1}: use another one")
