"""
One value, sealed with AES-256-GCM (NIST SP 800-38D) and bound to its place.

    sealed = 1 byte version | 8 bytes key id | 12 bytes random nonce | ciphertext | 16 bytes tag

The place (table, column, row, patient) and the beginning up to the nonce are authenticated with it: sealed
bytes that are moved to another row, or to another patient's, do not open. With random nonces one key may
seal 2^32 values (section 8.3); a practice of a million patients seals a thousandth of that.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import NotAuthentic
from .keyring import ID_BYTES, Keyring

VERSION = b"\x01"
NONCE_BYTES, TAG_BYTES = 12, 16
_HEAD_BYTES = len(VERSION) + ID_BYTES
_LEAST_BYTES = _HEAD_BYTES + NONCE_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands. `patient` is None in a table that is no patient's."""

    table: str
    column: str
    row: UUID
    patient: UUID | None = None

    def to_bytes(self) -> bytes:
        """No two places have the same."""
        patient = self.patient.bytes if self.patient else b""
        return f"{self.table}\0{self.column}\0".encode() + self.row.bytes + patient


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def seal(ring: Keyring, place: Place, plain: bytes) -> bytes:
    """`plain`, sealed with the current key."""
    key = ring.current
    head, nonce = VERSION + key.id, os.urandom(NONCE_BYTES)
    return head + nonce + _cipher(key.secret).encrypt(nonce, plain, head + place.to_bytes())


def unseal(ring: Keyring, place: Place, sealed: bytes) -> bytes:
    """
    What `sealed` holds, whole.

    Raises:
        UnknownKey: it was sealed with a key that is not on the ring.
        NotAuthentic: it was changed, is another place's, or the ring's key is not the one that sealed it.
    """
    head, nonce, rest = (
        sealed[:_HEAD_BYTES],
        sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES],
        sealed[_HEAD_BYTES + NONCE_BYTES :],
    )
    if len(sealed) < _LEAST_BYTES or not sealed.startswith(VERSION):
        raise NotAuthentic(f"what stands in {place.table}.{place.column} of {place.row} is no sealed value")
    key = ring.find(key_id_of(sealed))
    try:
        return _cipher(key.secret).decrypt(nonce, rest, head + place.to_bytes())
    except InvalidTag:
        raise NotAuthentic(
            f"the sealed value in {place.table}.{place.column} of {place.row} was changed or moved"
        ) from None


def key_id_of(sealed: bytes) -> bytes:
    """Which key sealed it."""
    return sealed[len(VERSION) : _HEAD_BYTES]
