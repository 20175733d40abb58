"""Tell a repeated request from another one."""

from __future__ import annotations

import dataclasses
import hashlib

from willowbark.record.core.entries import Entry


def digest_of(entry: Entry) -> bytes:
    """A SHA-256 over everything that an entry says."""
    return hashlib.sha256(repr(sorted(dataclasses.asdict(entry).items())).encode()).digest()
