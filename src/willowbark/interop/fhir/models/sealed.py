"""
What an import keeps as it came, sealed: the columns, and the one way into each.

A row from before its column was sealed holds the same in the clear, until `willow keys seal` comes to it:
every reader takes either.
"""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from willowbark.foundation.encryption.blind import keyed_digest
from willowbark.foundation.encryption.columns import SealedColumn
from willowbark.foundation.encryption.keeping import keyring
from willowbark.interop.fhir.models.kept import KeptResource, SharedResource
from willowbark.interop.fhir.models.originals import Original, OriginalChunk
from willowbark.interop.fhir.models.quarantine import Quarantined

#: As Django gives the bytes of a column.
Bytes: TypeAlias = "bytes | memoryview[int]"

#: Pieces of a MiB, deflated where their file was not.
CHUNKS = SealedColumn(
    OriginalChunk._meta.db_table, "sealed_content", patient="", rows_at_once=32, clear="content"
)
#: A newer version takes the row of the one before it: so its place is the source key.
KEPT = SealedColumn(
    KeptResource._meta.db_table,
    "sealed_content",
    row="source_key",
    is_packed=True,
    clear="content",
    digest="source_digest",
)
SHARED = SealedColumn(
    SharedResource._meta.db_table, "sealed_content", patient="", is_packed=True, clear="content"
)
QUARANTINED = SealedColumn(
    Quarantined._meta.db_table,
    "sealed_content",
    patient="",
    is_packed=True,
    rows_at_once=100,
    clear="content",
)
MENDED = SealedColumn(Quarantined._meta.db_table, "sealed_mended", patient="", is_packed=True, clear="mended")
COLUMNS = (CHUNKS, KEPT, SHARED, QUARANTINED, MENDED)


def opened(
    column: SealedColumn,
    row: UUID,
    sealed: Bytes | None,
    clear: Bytes | str | None,
    patient: UUID | None = None,
) -> bytes:
    """
    What a row keeps in a column.

    Raises:
        EncryptionProblem: it is sealed, and cannot be opened.
    """
    if sealed is not None:
        return column.unseal(keyring(), row, patient, bytes(sealed))
    return clear.encode() if isinstance(clear, str) else bytes(clear or b"")


def words_of(row: Quarantined) -> bytes:
    """
    What came, byte for byte.

    Raises:
        EncryptionProblem: it cannot be opened.
    """
    return opened(QUARANTINED, row.pk, row.sealed_content, row.content)


def mended_words_of(row: Quarantined) -> bytes | None:
    """
    What a person has made of it; None when nobody has.

    Raises:
        EncryptionProblem: it cannot be opened.
    """
    if row.sealed_mended is None and row.mended is None:
        return None
    return opened(MENDED, row.pk, row.sealed_mended, row.mended)


def digest_of_original(sha256: bytes) -> bytes:
    """What a file with this hash is found by."""
    return keyed_digest(keyring(), Original._meta.db_table, sha256)


def digest_of_quarantined(sha256: bytes) -> bytes:
    """What a quarantined resource with this hash is found by."""
    return keyed_digest(keyring(), Quarantined._meta.db_table, sha256)
