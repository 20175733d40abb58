"""Keep files byte for byte, sealed, and give them back."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from uuid import UUID

from willowbark.foundation import clock
from willowbark.foundation.acting import acting_as
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.encryption.keeping import keyring
from willowbark.foundation.ids import uuid7
from willowbark.foundation.staging import run_bound
from willowbark.interop.fhir import models
from willowbark.interop.fhir.core.reading.originals import Original
from willowbark.interop.fhir.models.sealed import CHUNKS, digest_of_original, opened
from willowbark.kernel.errors import NotFound

PIECE_BYTES = 1 << 20
# Plain JSON shrinks tenfold at the fastest level already.
_FASTEST = 1
_PIECES_AT_ONCE = 32
_KEEP = """
INSERT INTO interop_fhir_originalchunk (id, original_id, number, sealed_content)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::int4[], %b::bytea[])
"""


def keep_originals(originals: Iterable[Original]) -> dict[bytes, UUID]:
    """
    Store files and return their ids by hash; the same bytes are stored once, whatever their names.

    Runs in the caller's transaction; whoever brings the same bytes meanwhile waits for its end.
    """
    given = {one.sha256: one for one in originals}
    lock_names(given)
    digests = {digest_of_original(sha256): sha256 for sha256 in given}
    ids = {
        digests[bytes(digest)]: id_
        for digest, id_ in models.Original.objects.filter(sha256__in=digests).values_list("sha256", "id")
    }
    new = {uuid7(): one for sha256, one in given.items() if sha256 not in ids}
    if not new:
        return ids
    now = clock.now()
    models.Original.objects.bulk_create(
        models.Original(
            id=id_,
            sha256=digest_of_original(one.sha256),
            name=one.name[-500:],
            size_bytes=len(one.content),
            packed=not one.is_compressed,
            received_at=now,
        )
        for id_, one in new.items()
    )
    pieces = _pieces(new)
    while some := list(islice(pieces, _PIECES_AT_ONCE)):
        run_bound(_KEEP, [list(column) for column in zip(*some, strict=True)])
    return ids | {one.sha256: id_ for id_, one in new.items()}


def lock_names(names: Iterable[bytes]) -> None:
    """
    Wait until nobody else stores anything under these names, of at least eight bytes each.

    Goes with the transaction. In the order of their keys, so that two never wait for each other.
    """
    keys = sorted({int.from_bytes(name[-8:], "big", signed=True) for name in names})
    run_bound("SELECT count(pg_advisory_xact_lock(k)) FROM unnest(%b::int8[]) AS k", [keys])


def _pieces(new: Mapping[UUID, Original]) -> Iterator[tuple[UUID, UUID, int, bytes]]:
    ring = keyring()
    for original_id, one in new.items():
        for number, start in enumerate(range(0, len(one.content), PIECE_BYTES)):
            piece = bytes(one.content[start : start + PIECE_BYTES])
            content = piece if one.is_compressed else zlib.compress(piece, _FASTEST)
            id_ = uuid7()
            yield id_, original_id, number, CHUNKS.seal(ring, id_, None, content)


def pieces_of_original(actor: Actor, original_id: UUID) -> Iterator[bytes]:
    """
    The bytes of a kept file, piece by piece, each asked for in a transaction of its own.

    Raises:
        NotFound: no such file, or not for this actor.
        EncryptionProblem: it cannot be opened.
    """
    with acting_as(actor):
        kept = models.Original.objects.filter(pk=original_id).first()
    if kept is None:
        raise NotFound("original")
    for number in range(-(-kept.size_bytes // PIECE_BYTES)):
        with acting_as(actor):
            chunk = models.OriginalChunk.objects.get(original=original_id, number=number)
        piece = opened(CHUNKS, chunk.pk, chunk.sealed_content, chunk.content)
        yield zlib.decompress(piece) if kept.packed else piece
