"""
Blind indexes and keyed digests: what a value is found by when it is sealed.

HMAC-SHA-256 (RFC 2104) of the value under a key of its own, one derived for each system that gives numbers:
equal numbers of one system have equal indexes, those of two systems do not, and without the key nobody can
try all nine digits of a social security number.
"""

from __future__ import annotations

import hmac
from functools import lru_cache

from .keyring import Keyring


@lru_cache(maxsize=4096)
def _key_of(look_up: bytes, system: str, use: bytes = b"willowbark blind index\0") -> bytes:
    return hmac.digest(look_up, use + system.encode(), "sha256")


def blind_index(ring: Keyring, system: str, value: str) -> str:
    """64 hexadecimal digits for a value, which the caller has normalised, of a system."""
    return hmac.digest(_key_of(ring.look_up, system), value.encode(), "sha256").hex()


def keyed_digest(ring: Keyring, table: str, sha256: bytes) -> bytes:
    """
    32 bytes in place of the SHA-256 of something that `table` keeps sealed.

    Equal things have equal ones within a table; without the key nobody can try what a small one may say.
    """
    return hmac.digest(_key_of(ring.look_up, table, b"willowbark digest\0"), sha256, "sha256")
