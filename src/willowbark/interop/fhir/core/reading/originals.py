"""A file as it came: its bytes, their hash, and the text inside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.inflate import inflate, is_gzip
from willowbark.interop.fhir.core.reading.spool import Spool, Text

_STEP_BYTES = 1 << 20
_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_HEAD_BYTES = 128
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Original:
    """One file, byte for byte. `sha256` is of these bytes, compressed or not."""

    name: str
    content: Text
    sha256: bytes

    @property
    def is_compressed(self) -> bool:
        """Whether the bytes are gzip."""
        return is_gzip(self.content)


def take_in(name: str, pieces: Iterable[bytes], bounds: Bounds) -> Original:
    """
    Collect an original and hash it.

    Raises:
        Refused: more than the bound for one file.
        OSError: the disk is full.
    """
    digest = hashlib.sha256()
    with Spool(bounds.in_memory) as spool:
        for piece in pieces:
            digest.update(piece)
            spool.write(piece)
            if spool.size_bytes > bounds.file:
                raise Refused("too_large", f"is larger than {bounds.file:,} bytes, the bound for one file")
        return Original(name, spool.text(), digest.digest())


def take_in_path(path: Path, bounds: Bounds) -> Original:
    """
    Collect the file at `path`.

    Raises:
        Refused: cannot be opened, or is too large.
    """
    try:
        with path.open("rb") as stream:
            return take_in(path.name, pieces_of(stream), bounds)
    except OSError as error:
        raise Refused("unreadable_file", f"cannot be read: {error.strerror or error}") from error


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of one MiB."""
    while piece := stream.read(_STEP_BYTES):
        yield piece


def text_of(original: Original, bounds: Bounds) -> Text:
    """
    Return the JSON text of an original, inflated when it is compressed.

    Raises:
        Refused: empty, damaged, too large, or not UTF-8 JSON at all.
    """
    text = inflate(original.content, bounds) if original.is_compressed else original.content
    _refuse_other_formats(text[start_of(text) : _HEAD_BYTES], len(text))
    return text


def start_of(text: Text) -> int:
    """Where the JSON begins: after the byte order mark, if there is one."""
    return len(_UTF8_MARK) if text[:3] == _UTF8_MARK else 0


def _refuse_other_formats(head: bytes, length: int) -> None:
    if is_gzip(head):
        raise Refused("not_json", "is compressed twice: unpack it once, then import it")
    for mark, encoding in _ENCODINGS.items():
        if head.startswith(mark):
            raise Refused("encoding", f"is {encoding} text: FHIR as JSON is UTF-8")
    if len(head) > 1 and 0 in head[:2]:
        raise Refused("encoding", "is not UTF-8 text: it has NUL bytes where UTF-16 would")
    start = head.lstrip(b" \t\r\n")
    if not start and length <= _HEAD_BYTES:
        raise Refused("empty", "holds nothing")
    if start.startswith(b"<"):
        raise Refused("not_json", "looks like XML: FHIR as JSON is read, FHIR as XML is not")
    if start.startswith(b"PK\x03\x04"):
        raise Refused("not_json", "is a zip archive: unpack it, then import what was inside")
