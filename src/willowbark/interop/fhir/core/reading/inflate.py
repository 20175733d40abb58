"""Compressed originals: never inflated past a bound, whatever their header claims."""

from __future__ import annotations

import zlib

from willowbark.interop.fhir.core.bounds import Bounds
from willowbark.interop.fhir.core.problems import Refused
from willowbark.interop.fhir.core.reading.spool import Spool, Text

GZIP_MAGIC = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31
_INPUT_STEP_BYTES = 1 << 16
_OUTPUT_STEP_BYTES = 1 << 20


def is_gzip(original: Text) -> bool:
    """Whether the bytes say that they are gzip; names are not asked."""
    return original[:2] == GZIP_MAGIC


def inflate(original: Text, bounds: Bounds) -> Text:
    """
    Return what was compressed; several members one after another are one text.

    Raises:
        Refused: damaged, cut short, or expanding past the bounds. At most the bound plus 1 MiB was inflated.
    """
    position = 0
    with Spool(bounds.in_memory) as spool:
        while True:
            position = _inflate_member(original, position, spool, bounds)
            rest = original[position : position + 2]
            if rest != GZIP_MAGIC:
                break
        _refuse_trailing(original, position)
        return spool.text()


def _refuse_trailing(original: Text, position: int) -> None:
    """Padding with zeros is what tapes leave; anything else after the last member is not ours to skip."""
    for start in range(position, len(original), _OUTPUT_STEP_BYTES):
        if original[start : start + _OUTPUT_STEP_BYTES].strip(b"\0"):
            raise Refused("damaged_gzip", f"something else follows the compressed data after byte {position}")


def _inflate_member(original: Text, position: int, spool: Spool, bounds: Bounds) -> int:
    """Inflate one member that starts at `position`; return where it ends."""
    member = zlib.decompressobj(_WITH_GZIP_HEADER)
    while not member.eof:
        given = member.unconsumed_tail or original[position : position + _INPUT_STEP_BYTES]
        if not member.unconsumed_tail:
            position += len(given)
        try:
            piece = member.decompress(given, _OUTPUT_STEP_BYTES)
        except zlib.error as error:
            raise Refused(
                "damaged_gzip", f"the compressed data is damaged near byte {position}: {error}"
            ) from error
        if not given and not piece:
            raise Refused("truncated", "the compressed data ends too early: the file was cut short")
        spool.write(piece)
        _check_expansion(spool.size_bytes, position, bounds)
    return position - len(member.unused_data)


def _check_expansion(inflated: int, read: int, bounds: Bounds) -> None:
    if inflated > bounds.file:
        raise Refused("too_large", f"unpacks to more than {bounds.file:,} bytes, the bound for one file")
    if inflated > bounds.expansion_floor and inflated > read * bounds.expansion_ratio:
        raise Refused(
            "expands",
            f"unpacks to more than {bounds.expansion_ratio} times its size"
            f" ({read:,} bytes became {inflated:,}): no record compresses like that",
        )
